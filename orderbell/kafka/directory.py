"""The data directory of an embedded Kafka: who owns it, and where its Kafka is to be reached."""

import fcntl
import os
import shutil
from pathlib import Path

from orderbell.kafka.properties import LOG
from streams.errors import Misconfigured

LEAST_SPACE = 256 * 2**20


class Directory:
    """A data directory and the files in it.

    The lock belongs to Java itself: it inherits the descriptor and keeps it until it is dead, however that comes
    about and whatever became of its parent. So "locked" is "a Kafka lives on this data", with no process id to mistake.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.log = self.path / LOG
        self.output = self.path / "java.out"
        self._lock = self.path / "lock"
        self._address = self.path / "address"
        self._ports = self.path / "ports"

    def prepare(self) -> None:
        """Makes the directory. Raises ``Misconfigured``, one line, where it can't be used."""
        try:
            # Customers' telephone numbers will lie in it.
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.touch()
            free = shutil.disk_usage(self.path).free
        except OSError as error:
            raise Misconfigured(f"{self.path}: can't hold Kafka's data: {error.strerror}") from error
        if free < LEAST_SPACE:
            raise Misconfigured(
                f"{self.path}: can't hold Kafka's data: {free >> 20} MiB free, at least {LEAST_SPACE >> 20} needed"
            )

    def lock(self) -> int | None:
        """The lock as a descriptor to hand on to Java, or None while another Kafka lives on this data."""
        return _flock(self._lock, fcntl.LOCK_EX)

    def live(self) -> str | None:
        """The address of the Kafka that lives on this data and could be used once, or None."""
        try:
            address = self._address.read_text().strip()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Misconfigured(f"{self._address}: {error.strerror}") from error
        # Asked for shared, so that two who ask never take each other for the owner.
        descriptor = _flock(self._lock, fcntl.LOCK_SH)
        if descriptor is None:
            return address
        os.close(descriptor)
        return None

    def announce(self, address: str | None) -> None:
        """Says where the Kafka is to be reached, or that it can't be used any more."""
        if address is None:
            self._address.unlink(missing_ok=True)
        else:
            _write_whole(self._address, f"{address}\n")

    def ports(self) -> tuple[int, int] | None:
        """The ports of the broker and the controller that were used last."""
        try:
            broker, controller = self._ports.read_text().split()
            return int(broker), int(controller)
        except (FileNotFoundError, ValueError):
            return None

    def remember(self, ports: tuple[int, int]) -> None:
        """Keeps the ports for the next start."""
        _write_whole(self._ports, f"{ports[0]} {ports[1]}\n")


def _flock(path: Path, how: int) -> int | None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _write_whole(path: Path, text: str) -> None:
    """Writes ``path`` so that nobody ever reads half of it."""
    part = path.with_suffix(".part")
    part.write_text(text)
    part.replace(path)

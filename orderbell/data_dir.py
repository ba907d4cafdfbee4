"""What the data directory holds besides Kafka: each worker's own folder, and the embedded ledger's key."""

import fcntl
import os
import secrets
from itertools import count
from pathlib import Path

from streams.errors import Misconfigured
from streams.settings import Settings


def kafka_dir(data_dir: Path) -> Path:
    """Where the embedded Kafka lives."""
    return data_dir / "kafka"


def worker_dir(data_dir: Path) -> Path:
    """The first ``worker-N`` that no live process holds. It is held until this process ends."""
    try:
        for number in count():
            folder = data_dir / f"worker-{number}"
            folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
            else:
                return folder
    except OSError as error:
        raise Misconfigured(f"ORDERBELL_DATA_DIR: {data_dir} can't be used: {error.strerror}") from None
    raise AssertionError("unreachable: count() does not end")


def hash_key(settings: Settings) -> str:
    """The key of the opt-out ledger: the setting, else, beside an embedded Kafka, one that is made once and kept."""
    if settings.hash_key is not None:
        return settings.hash_key
    path = settings.data_dir / "hash.key"
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        made = settings.data_dir / f"hash.key.{os.getpid()}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_hex(32))
        try:
            os.link(made, path)  # whoever comes first makes the key; the others find it whole
        except FileExistsError:
            pass
        finally:
            made.unlink()
        return path.read_text()
    except OSError as error:
        raise Misconfigured(f"ORDERBELL_DATA_DIR: {path} can't be used: {error.strerror}") from None

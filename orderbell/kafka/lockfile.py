"""The pinned jars of Kafka: which they are, and how each is known to be the right one."""

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple


class Jar(NamedTuple):
    """One pinned jar."""

    sha256: str
    size: int
    coordinate: str
    """``group:artifact:version``, as Maven names it."""

    @property
    def filename(self) -> str:
        """Its name in the cache."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"

    def is_at(self, path: Path) -> bool:
        """Whether ``path`` holds this jar whole and unchanged. All of Kafka's take 0.05 s."""
        try:
            return hashlib.sha256(path.read_bytes()).hexdigest() == self.sha256
        except FileNotFoundError:
            return False


def pinned() -> tuple[Jar, ...]:
    """All jars of ``jars.lock``."""
    lines = files(__package__).joinpath("jars.lock").read_text().splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    return tuple(Jar(sha256, int(size), coordinate) for sha256, size, coordinate in rows)

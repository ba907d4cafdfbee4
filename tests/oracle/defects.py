"""What an oracle says: a promise, whose it was, and how it was broken."""

from typing import Literal, NamedTuple

from schemas.times import SECOND, Micros

Promise = Literal["lost", "twice", "false", "missed", "late", "forbidden", "unexplained", "leaked", "raised", "exposed"]
"""The promises of the design. ``raised`` and ``exposed`` are for those who watch more than the evidence."""


class Defect(NamedTuple):
    """A promise that was broken. ``what`` holds ids and times (seconds after the start), no number and no text."""

    promise: Promise
    subject: str
    what: str


class Defects:
    """Collects defects of a run that began at ``began_at``."""

    def __init__(self, began_at: Micros) -> None:
        self._began_at = began_at
        self.found: list[Defect] = []

    def add(self, promise: Promise, subject: str, what: str, **times: Micros | None) -> None:
        """Adds one; ``times`` are told as seconds after the start."""
        told = "".join(f", {name.rstrip('_')} {self.offset(at)}" for name, at in times.items())
        self.found.append(Defect(promise, subject, what + told))

    def offset(self, at: Micros | None) -> str:
        """A moment as seconds after the start."""
        return "never" if at is None else f"+{(at - self._began_at) / SECOND:.3f}s"

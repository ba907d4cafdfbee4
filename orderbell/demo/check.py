"""One thing that the demo expects."""

from typing import NamedTuple


class Check(NamedTuple):
    """A promise; ``problem`` says how it was broken, and is empty where it was kept."""

    promise: str
    problem: str

    @property
    def kept(self) -> bool:
        """Whether it was kept."""
        return not self.problem

    @property
    def line(self) -> str:
        """The check in a line."""
        return f"✓ {self.promise}" if self.kept else f"✗ {self.promise}: {self.problem}"

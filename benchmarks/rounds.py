"""What came of a comparison with a bare loop, round by round."""

from dataclasses import dataclass
from statistics import median

from benchmarks.child import Cost


@dataclass(frozen=True, slots=True)
class Rounds:
    """The rounds of one run, each with both variants."""

    ours: list[Cost]
    bare: list[Cost]

    @property
    def ratio(self) -> float:
        """The median over the rounds of our processor time by the bare loop's right after it."""
        return median(ours.cpu / bare.cpu for ours, bare in zip(self.ours, self.bare, strict=True))

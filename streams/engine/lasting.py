"""What lasts: what of a state is to be seen from outside for as long as it is so.

A counter tells of changes, and of what began yesterday and goes on it shows nothing any more. So a kind of task may say
of each of its entries what lasts by it, and this adds that up over a task, each entry anew when it changes.
"""

from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

from schemas.times import SECOND, Micros

S = TypeVar("S")
R = TypeVar("R")


class Lasting(NamedTuple):
    """What an entry adds to a gauge with these labels. ``number`` 0: the gauge is there, though it be at zero.

    ``since``: the moment it began, where that is known.
    """

    gauge: str
    labels: tuple[str, ...]
    number: int = 1
    since: Micros | None = None


class Total(NamedTuple):
    """What all entries add to a gauge: how much, and for how many seconds the oldest has lasted (0: there is none)."""

    gauge: str
    labels: tuple[str, ...]
    number: int
    oldest: float


Says = Callable[[bytes, S, R], Iterable[Lasting]]
"""What lasts by an entry, by its key, under the rules in force."""


class Lastings(Generic[S, R]):
    """What lasts by the entries of one task. ``says``: ``None`` where nothing does."""

    def __init__(self, says: Says[S, R] | None) -> None:
        self._says = says
        self._of: dict[bytes, tuple[Lasting, ...]] = {}

    def note(self, entries: Iterable[tuple[bytes, S | None]], rules: R) -> None:
        """These entries are so now; ``None``: it has ended."""
        if self._says is None:
            return
        for key, entry in entries:
            found = () if entry is None else tuple(self._says(key, entry, rules))
            if found:
                self._of[key] = found
            else:
                self._of.pop(key, None)

    def totals(self, now: Micros) -> list[Total]:
        """What lasts now."""
        numbers: dict[tuple[str, tuple[str, ...]], int] = {}
        oldest: dict[tuple[str, tuple[str, ...]], Micros] = {}
        for found in self._of.values():
            for gauge, labels, number, since in found:
                what = gauge, labels
                numbers[what] = numbers.get(what, 0) + number
                if since is not None:
                    oldest[what] = min(since, oldest.get(what, since))
        return [Total(*what, number, max(0, now - oldest.get(what, now)) / SECOND) for what, number in numbers.items()]

"""What all tasks of a worker share, and what they ask and tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from schemas.times import SECOND, Micros
from streams.clock import Clock
from streams.engine.lasting import Total
from streams.engine.turn import Turn

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Rules(Protocol[R_co]):
    """Says which rules are in force."""

    @property
    def current(self) -> R_co: ...


class Watcher(Protocol):
    """Is told what a task does."""

    def turn(self, task: str, partition: int, records: int, turn: Turn[Any, Any], seconds: float) -> None:
        """A turn was committed."""

    def lag(self, topic: str, partition: int, records: int, seconds: float) -> None:
        """How far a source is behind."""

    def state(self, task: str, partition: int, entries: int, lasting: Sequence[Total]) -> None:
        """How many entries the state has, and what lasts by them: what is not among it lasts no longer."""

    def size(self, task: str, partition: int, octets: int) -> None:
        """How many bytes the state has in its changelog."""

    def taken_over(self, task: str, partition: int, seconds: float) -> None:
        """A task was taken over and its state restored, which took so long."""

    def behind(self, task: str, partition: int, overdue: float, ahead: float, skew: float | None) -> None:
        """For how many seconds the earliest deadline has been past, how far ahead of our clock the newest record is
        dated, and how far Kafka's clock is ahead of ours (negative: behind), where that is known."""

    def lost(self, topic: str, partition: int) -> None:
        """Kafka had let go of records of a source which were not read yet."""

    def failed(self, task: str, partition: int, error: str) -> None:
        """An incarnation ended by a failure."""

    def halted(self, task: str, partition: int, reason: str) -> None:
        """The task is given up for good, until it is ours no more."""

    def rebalanced(self) -> None:
        """The group was dealt out anew."""

    def left(self, task: str, partition: int, sources: Sequence[str]) -> None:
        """The task is not ours any more."""


@dataclass(frozen=True, slots=True)
class Surroundings(Generic[R]):
    """What all tasks of a worker share. ``measure_every``: how often the watcher is told the lag, were it none."""

    clock: Clock
    rules: Rules[R]
    watcher: Watcher
    measure_every: Micros = 5 * SECOND

"""What all tasks of a worker share, and what they ask and tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from schemas.times import SECOND, Micros
from streams.clock import Clock
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

    def state(self, task: str, partition: int, entries: int) -> None:
        """How many entries the state has."""

    def failed(self, task: str, partition: int, error: str) -> None:
        """An incarnation ended by a failure."""

    def left(self, task: str, partition: int, sources: Sequence[str]) -> None:
        """The task is not ours any more."""


@dataclass(frozen=True, slots=True)
class Surroundings(Generic[R]):
    """What all tasks of a worker share. ``measure_every``: how often the watcher is told the lag, were it none."""

    clock: Clock
    rules: Rules[R]
    watcher: Watcher
    measure_every: Micros = 5 * SECOND

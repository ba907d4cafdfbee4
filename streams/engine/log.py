"""The port to Kafka: what one task needs of it, and no more.

Two adapters: ``kafka_log`` and, for tests and simulation, ``memory_log``. Any exception that a method raises ends the
incarnation: the log is closed, and a new one takes over. What a failed ``commit`` left behind, only the next
``take_over`` can tell.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from streams.engine.turn import Output, Record


class Batch(NamedTuple):
    """What a fetch brought, in the order of the sources. ``at_end``: nothing more was there when it was answered."""

    records: Sequence[Record]
    at_end: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """Where reading begins. ``lost``: the sources whose next record was no longer in Kafka."""

    followed: Mapping[str, Mapping[bytes, bytes]]
    lost: frozenset[str]


class Log(Protocol):
    """One partition number of a task's sources, with its changelog and its transactional identity."""

    async def take_over(self) -> dict[bytes, bytes]:
        """Fences every former owner and returns the state as committed: the changelog's newest value of each key."""

    async def begin(self, offsets: Mapping[str, int]) -> Begun:
        """Starts to read each source at its offset; one without an offset from its beginning."""

    async def fetch(self) -> Batch:
        """Waits for records. May be cancelled, and then loses none."""

    async def ends(self) -> Mapping[str, int]:
        """Asks Kafka for the end of each source. What was there before the call lies below it."""

    async def positions(self) -> Mapping[str, int]:
        """For each source the offset after what ``fetch`` has returned; markers may carry it further."""

    async def commit(
        self,
        outputs: Iterable[Output],
        changes: Iterable[tuple[bytes, bytes | None]],
        report: Mapping[str, int] | None,
    ) -> None:
        """Writes a turn whole or not at all. ``report``: offsets to be told to the group, for lag monitors.

        ``outputs`` and ``changes`` are gone through once, within the call.
        """

    @property
    def skew(self) -> float | None:
        """How many seconds Kafka's clock was ahead of ours (negative: behind) at the last commit, beyond what the time
        that it took explains. ``None``: not known, as where the changelog keeps our time, or that was long ago."""

    async def close(self) -> None:
        """Lets go. Bounded in time, never raises."""


class Logs(Protocol):
    """Opens the log of a task."""

    def open(self, task: str, partition: int, sources: Sequence[str], followed: Sequence[str]) -> Log:
        """The log of one task; nothing is done before ``take_over``."""

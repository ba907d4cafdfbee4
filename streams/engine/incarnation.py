"""One ownership of a task, from taking over to the first failure or the end: turn after turn.

A turn waits for what comes (records, results, deadlines), works on a scratch copy, commits it in one transaction, and
only then makes it the state and starts its calls. The next records are asked for when the last ones are done: that is
the back-pressure. Nothing here mends a failure; the task takes over anew.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar

import msgspec
import structlog

from schemas.times import MINUTE, SECOND, Micros
from streams.clock import Clock
from streams.engine.calls import Calls
from streams.engine.log import Batch, Log
from streams.engine.partition_clock import PartitionClock
from streams.engine.table import Codec, Overlay
from streams.engine.task_kind import TaskKind
from streams.engine.turn import Turn
from streams.engine.wheel import Wheel
from streams.engine.work import Come, Work

S = TypeVar("S")
R = TypeVar("R")
log = structlog.get_logger()

REPORT_EVERY: Micros = 5 * SECOND
"""How often the positions are told to the group."""
ASK_AGAIN: Micros = SECOND // 5
"""How soon to look again where deadlines wait for a partition that is not caught up."""
MOST_DUE = 2_000
"""How many keys one turn looks at because of their deadlines."""
MOST_DEFECTS = 10
"""How many defects a minute a task bears."""
_timestamp = attrgetter("timestamp")
_META = b"\0offsets"
"""The entry of the changelog that holds the positions; no id contains a NUL."""


class Meta(msgspec.Struct, frozen=True):
    """How far the sources are applied to this state, and before when nothing is known (0: nothing is missing)."""

    next: dict[str, int]
    floor: Micros = 0


class Halted(Exception):
    """The task raises on so much that it is better stopped than let loose on its partition."""


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
    """What all tasks of a worker share."""

    clock: Clock
    rules: Rules[R]
    watcher: Watcher


class Incarnation(Generic[S, R]):
    """One ownership of one task."""

    def __init__(self, kind: TaskKind[S, R], partition: int, kafka: Log, calls: Calls, around: Surroundings[R]) -> None:
        self._kind = kind
        self._partition = partition
        self._log = kafka
        self._calls = calls
        self._clock = around.clock
        self._rules = around.rules
        self._watcher = around.watcher
        self._meta_codec = Codec(Meta)
        self._meta = Meta({})
        self._lost: frozenset[str] = frozenset()
        self._entries: dict[bytes, S] = {}
        self._followed: dict[str, dict[bytes, Any]] = {}
        self._wheel = Wheel(kind.bucket)
        self._armed_by = around.rules.current
        self._detected = PartitionClock()
        self._fetch: asyncio.Future[Batch] | None = None
        self._positions: dict[str, int] = {}
        self._told: dict[str, int] = {}
        self._told_at = around.clock.now()
        self._newest: dict[str, Micros] = {}
        self._measure_at: Micros = 0
        self._ask_at: Micros = 0
        self._unseen: frozenset[bytes | None] = frozenset()
        self._defects: deque[Micros] = deque()

    # Taking over.

    async def take_over(self) -> None:
        """Fences the former owner and restores the state from the changelog alone."""
        entries = await self._log.take_over()
        meta = entries.pop(_META, None)
        if meta is not None:
            self._meta = self._meta_codec.decode(meta)
        begun = await self._log.begin(self._meta.next)
        decode = self._kind.codec.decode
        self._entries = {key: decode(value) for key, value in entries.items()}
        self._followed = {
            topic: {key: self._kind.followed[topic](value) for key, value in table.items()}
            for topic, table in begun.followed.items()
        }
        self._lost = begun.lost
        for topic in begun.lost:
            log.error("records_lost_by_retention", topic=topic, partition=self._partition, next=self._meta.next[topic])
        self._arm_all()
        self._positions = dict(await self._log.positions())

    def _arm_all(self) -> None:
        self._wheel = Wheel(self._kind.bucket)
        self._armed_by = self._rules.current
        self._arm(self._entries.items())

    def _arm(self, entries: Iterable[tuple[bytes, S | None]]) -> None:
        arm, deadline = self._wheel.arm, self._kind.processor.deadline
        rules, floor = self._armed_by, self._meta.floor
        for key, entry in entries:
            if entry is not None:
                arm(key, deadline(entry, rules, floor))

    # Turns.

    async def turn(self, woken: "asyncio.Future[None]") -> None:
        """Waits until something has come, or ``woken`` is done, and does one turn."""
        batch = await self._wait(woken)
        if self._rules.current is not self._armed_by:
            self._arm_all()
        await self._ask_whether_caught_up(batch)
        await self._do(Come(batch.records, self._calls.take(), self._wheel_keys()), batch.at_end)
        if self._measure_at <= self._clock.now():
            await self._measure()

    async def finish(self) -> None:
        """Does a turn with the results that have come, and nothing else."""
        await self._do(Come([], self._calls.take(), []), at_end=False)

    async def _wait(self, woken: "asyncio.Future[None]") -> Batch:
        if self._fetch is None:
            self._fetch = asyncio.ensure_future(self._log.fetch())
        if not self._fetch.done() and not self._calls.waiting:
            timeout = max(0, self._wake_at() - self._clock.now()) / SECOND
            waited: set[asyncio.Future[Any]] = {self._fetch, woken}
            await asyncio.wait(waited, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        batch = Batch([], at_end=False)
        if self._fetch.done():
            fetch, self._fetch = self._fetch, None
            batch = fetch.result()
        self._positions = dict(await self._log.positions())
        return batch

    def _wake_at(self) -> Micros:
        at = self._told_at + REPORT_EVERY
        if self._wheel.next is not None:
            at = min(at, max(self._wheel.next, self._ask_at))
        return at

    async def _ask_whether_caught_up(self, batch: Batch) -> None:
        """Moves the partition's clock: by what has come, and, where something might be due, by asking Kafka."""
        if batch.records and not batch.at_end:
            self._detected.read_to(max(map(_timestamp, batch.records)), self._clock.now())
        asked_at = self._clock.now()
        due = self._wheel.next is not None and self._detected.now < self._wheel.next <= asked_at
        if self._kind.clock == "wall" or self._lost or not due or asked_at < self._ask_at:
            return
        self._ask_at = asked_at + ASK_AGAIN
        ends = await self._log.ends()
        if (self._fetch is None or not self._fetch.done()) and all(
            self._positions[topic] >= end for topic, end in ends.items()
        ):
            self._detected.caught_up(asked_at)
            self._ask_at = 0

    def _wheel_keys(self) -> list[bytes]:
        keys: list[bytes] = []
        now = self._clock.now() if self._kind.clock == "wall" else self._detected.now
        while len(keys) < MOST_DUE and (bucket := self._wheel.due(now)):
            keys += bucket
        return keys

    async def _do(self, came: Come, at_end: bool) -> None:
        started = self._clock.now()
        try:
            turn = self._work(came, at_end)
            report = self._report(started)
            if came.records or turn.state.changes or turn.outputs or report:
                await self._commit(turn, came, report)
        except BaseException:
            self._calls.put_back(came.results)
            raise
        for key in came.keys:
            self._arm_again(key, started)
        self._calls.start(turn.calls)
        self._watcher.turn(self._kind.name, self._partition, len(came.records), turn, self._since(started))

    def _arm_again(self, key: bytes, now: Micros) -> None:
        if key in self._unseen:
            self._wheel.arm(key, now + MINUTE)
        else:
            self._arm([(key, self._entries.get(key))])

    def _work(self, came: Come, at_end: bool) -> Turn[S, R]:
        if came.records and self._lost:
            self._begin_anew(came.records[0].timestamp)
        wall = self._clock.now()
        clock = wall if self._kind.clock == "wall" else self._detected.now
        # What a record shows is detected when it is read: now, where it was the last there was.
        now = wall if at_end or self._kind.clock == "wall" else self._detected.now
        work = Work(self._kind)
        turn = self._scratch(now, wall)
        try:
            work.fast(turn, came, clock)
        except Exception:  # noqa: BLE001  # done again, carefully, which reports what raises
            turn = self._scratch(now, wall)
            work.careful(turn, came, clock)
            self._bear(work.defects, wall)
        self._unseen = frozenset(work.defects)
        return turn

    def _scratch(self, now: Micros, wall: Micros) -> Turn[S, R]:
        followed = {topic: Overlay(table) for topic, table in self._followed.items()}
        return Turn(Overlay(self._entries), followed, self._armed_by, now=now, wall=wall, floor=self._meta.floor)

    def _begin_anew(self, first: Micros) -> None:
        """What happened before the first record that is left is not known: nothing may be concluded from it."""
        self._lost = frozenset()
        self._meta = msgspec.structs.replace(self._meta, floor=first)
        self._arm_all()

    def _bear(self, defects: list[bytes | None], now: Micros) -> None:
        self._defects.extend(now for _ in defects)
        while self._defects and self._defects[0] < now - MINUTE:
            self._defects.popleft()
        if len(self._defects) > MOST_DEFECTS:
            raise Halted(f"{self._kind.name}: more than {MOST_DEFECTS} defects in a minute")

    def _report(self, now: Micros) -> dict[str, int] | None:
        if now < self._told_at + REPORT_EVERY:
            return None
        self._told_at = now
        return self._positions if self._positions != self._told else None

    async def _commit(self, turn: Turn[S, R], came: Come, report: dict[str, int] | None) -> None:
        meta = self._meta
        last = {record.topic: record for record in came.records}
        if last:
            applied = {topic: record.offset + 1 for topic, record in last.items()}
            meta = msgspec.structs.replace(meta, next=meta.next | applied)
        changes = turn.state.changes
        await self._log.commit(turn.outputs, self._encoded(changes, meta) if changes or last else (), report)
        self._meta = meta
        self._newest |= {topic: record.timestamp for topic, record in last.items()}
        self._told = report or self._told
        turn.apply()
        self._arm(changes.items())

    def _encoded(self, changes: Mapping[bytes, S | None], meta: Meta) -> Iterator[tuple[bytes, bytes | None]]:
        """The changelog's records, one at a time: a list of thousands of pairs has the garbage collector go through
        them again and again."""
        encode = self._kind.codec.encode
        for key, entry in changes.items():
            yield key, None if entry is None else encode(entry)
        yield _META, self._meta_codec.encode(meta)

    def _since(self, started: Micros) -> float:
        return (self._clock.now() - started) / SECOND

    async def _measure(self) -> None:
        """Tells the watcher how far behind each source is: by time, how old what was read last is."""
        self._measure_at = self._clock.now() + REPORT_EVERY
        ends = await self._log.ends()
        now = self._clock.now()
        for topic, end in ends.items():
            behind = max(0, end - self._positions[topic])
            self._watcher.lag(
                topic, self._partition, behind, (now - self._newest.get(topic, now)) / SECOND if behind else 0.0
            )
        self._watcher.state(self._kind.name, self._partition, len(self._entries))

    async def close(self) -> None:
        """Lets go of Kafka."""
        if self._fetch is not None:
            self._fetch.cancel()
        await self._log.close()

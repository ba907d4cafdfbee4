"""One ownership of a task, from taking over to the first failure or the end: turn after turn.

A turn waits for what comes (records, results, deadlines), works on a scratch copy, commits it in one transaction, and
only then makes it the state and starts its calls. The next records are asked for when the last ones are done: that is
the back-pressure. Nothing here mends a failure; the task takes over anew.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any, Generic, TypeVar

import structlog

from schemas.times import MINUTE, SECOND, Micros
from streams.engine.applied import Applied
from streams.engine.calls import Calls
from streams.engine.log import Batch, Log
from streams.engine.partition_clock import PartitionClock
from streams.engine.state import State, applied_in
from streams.engine.surroundings import Surroundings
from streams.engine.task_kind import TaskKind
from streams.engine.turn import Said, Turn
from streams.engine.work import MOST_DUE, Come, Work
from streams.errors import Unavailable

S = TypeVar("S")
R = TypeVar("R")
log = structlog.get_logger()

REPORT_EVERY: Micros = 2 * SECOND
"""How often the positions are told to the group: for lag monitors, and for who must know that profiles were read."""
ASK_AGAIN: Micros = SECOND // 5
"""How soon to look again where deadlines wait for a partition that is not caught up."""
STALLED: Micros = 2 * MINUTE
"""How long a source may bring nothing although there is more: aiokafka's fetcher may have died without a word."""
WEIGH_EVERY: Micros = MINUTE
"""How often the state's size is told: going past all its keys takes milliseconds."""
MOST_DEFECTS = 10
"""How many defects a minute a task bears."""
_timestamp = attrgetter("timestamp")


class Halted(Exception):
    """The task raises on so much that it is better stopped than let loose on its partition."""


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
        self._measure_every = around.measure_every
        self._state: State[S, R] = State(kind, {}, around.rules.current)
        self._lost: frozenset[str] = frozenset()
        self._there: Mapping[str, int] = {}
        """Where the sources ended at the take-over, until they are read up to there."""
        self._detected = PartitionClock()
        self._fetch: asyncio.Future[Batch] | None = None
        self._positions: dict[str, int] = {}
        self._told: dict[str, int] = {}
        self._told_at = around.clock.now()
        self._newest: dict[str, Micros] = {}
        self._began = around.clock.now()
        self._applied: Mapping[str, int] = {}
        """The positions up to which all is committed: those of the last turn."""
        self._moved: dict[str, tuple[int, Micros]] = {}
        """The position of each source, and since when it has been there."""
        self._measure_at: Micros = 0
        self._weigh_at: Micros = 0
        self._ask_at: Micros = 0
        self._unseen: tuple[bytes, ...] = ()
        self._defects: deque[Micros] = deque()

    # Taking over.

    async def take_over(self) -> None:
        """Fences the former owner and restores the state from the changelog alone."""
        entries = await self._log.take_over()
        self._applied = applied_in(entries)
        self._state = State(self._kind, entries, self._rules.current)
        begun = await self._log.begin(self._state.meta.next)
        self._state.follow(begun.followed)
        self._lost = begun.lost
        for topic in begun.lost:
            at = self._state.meta.next[topic]
            log.error("records_lost_by_retention", topic=topic, partition=self._partition, next=at)
            self._watcher.lost(topic, self._partition)
        self._positions = dict(await self._log.positions())
        self._there = await self._log.ends()
        self._applied = self._positions

    @property
    def applied(self) -> Applied | None:
        """How far the sources are applied; ``None`` where the changelog did not say so."""
        return Applied(self._applied, self._newest, self._began) if self._applied else None

    # Turns.

    async def turn(self, woken: "asyncio.Future[None]") -> None:
        """Waits until something has come, or ``woken`` is done, and does one turn."""
        batch = await self._wait(woken)
        if self._rules.current is not self._state.rules:
            self._state.arm_all(self._rules.current)
        clock = await self._judged_by(batch)
        await self._do(self._come(batch, clock), clock, batch.at_end)
        if self._measure_at <= self._clock.now():
            await self._measure()

    async def finish(self) -> None:
        """Does a turn with the results that have come, and nothing else."""
        await self._do(Come([], self._calls.take(), []), clock=0, at_end=False)

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
        at = self._measure_at
        if self._positions != self._told:
            at = min(at, self._told_at + REPORT_EVERY)
        if self._state.next is not None:
            at = min(at, max(self._state.next, self._ask_at))
        return at

    async def _judged_by(self, batch: Batch) -> Micros:
        """The clock by which deadlines are judged now; 0: by none, since what is yet to be read may refute them.

        Whoever takes over reads first what came while nobody owned the task. Of the partition's clock only a fresh
        reading counts: Kafka is asked again each time that something might be due, so that what is found is dated by
        when it was found.
        """
        wall = self._clock.now()
        if self._kind.clock == "wall":
            if not self._reached(self._there):
                self._ask_at = wall + ASK_AGAIN
                return 0
            self._there = {}
            return wall
        if self._lost:
            self._ask_at = wall + ASK_AGAIN
            return 0
        if batch.records and not batch.at_end:
            return self._detected.now if self._detected.read_to(max(map(_timestamp, batch.records)), wall) else 0
        if self._state.next is None or wall < max(self._state.next, self._ask_at):
            return 0
        self._ask_at = wall + ASK_AGAIN
        if not self._reached(await self._log.ends()):
            return 0
        self._detected.caught_up(wall)
        self._ask_at = 0
        return self._detected.now

    def _reached(self, ends: Mapping[str, int]) -> bool:
        """Whether all below ``ends`` has been read, and is in this turn at the latest."""
        unread = self._fetch is not None and self._fetch.done()
        return not unread and all(self._positions[topic] >= end for topic, end in ends.items())

    def _come(self, batch: Batch, now: Micros) -> Come:
        """What this turn works on. A call that ended may have made room for those that stand in line."""
        results = self._calls.take()
        keys: list[bytes] = []
        while len(keys) < MOST_DUE and (bucket := self._state.wheel.due(now)):
            keys += bucket
        return Come(batch.records, results, keys, self._state.lines.open(now, room=bool(results)))

    async def _do(self, came: Come, clock: Micros, at_end: bool) -> None:
        started = self._clock.now()
        try:
            turn = self._work(came, clock, at_end)
            report = self._report(started)
            if came.records or turn.state.changes or turn.outputs or report:
                await self._commit(turn, came, report)
        except BaseException:
            self._calls.put_back(came.results)
            raise
        self._applied = self._positions
        self._state.looked(turn, dict.fromkeys(self._unseen, started + MINUTE))
        self._calls.start(turn.calls)
        self._say(turn.said)
        self._watcher.turn(self._kind.name, self._partition, len(came.records), turn, self._since(started))

    def _say(self, lines: Iterable[Said]) -> None:
        for level, event, fields in lines:
            {"info": log.info, "warning": log.warning}[level](
                event, task=self._kind.name, partition=self._partition, **fields
            )

    def _work(self, came: Come, clock: Micros, at_end: bool) -> Turn[S, R]:
        if came.records and self._lost:
            self._lost = frozenset()
            self._state.begin_anew(_believable(came.records[0].timestamp, self._clock.now()))
        wall = self._clock.now()
        # What a record shows is detected when it is read: now, where it was the last there was.
        now = wall if at_end or self._kind.clock == "wall" else self._detected.now
        work = Work(self._kind)
        turn = self._state.scratch(now, wall)
        try:
            work.fast(turn, came, clock)
        except Exception:  # noqa: BLE001  # done again, carefully, which reports what raises
            turn = self._state.scratch(now, wall)
            work.careful(turn, came, clock)
            self._bear(work, wall)
        self._unseen = tuple(key for key in work.defects if key is not None)
        return turn

    def _bear(self, work: Work[S, R], now: Micros) -> None:
        self._defects.extend(now for _ in work.defects)
        while self._defects and self._defects[0] < now - MINUTE:
            self._defects.popleft()
        if len(self._defects) > MOST_DEFECTS:
            poison = [f"{len(at)} records of {topic}, {at[0]} to {at[-1]}" for topic, at in work.poison.items()]
            raise Halted("; ".join([f"more than {MOST_DEFECTS} defects in a minute", *poison]))

    def _report(self, now: Micros) -> dict[str, int] | None:
        if now < self._told_at + REPORT_EVERY:
            return None
        self._told_at = now
        return self._positions if self._positions != self._told else None

    async def _commit(self, turn: Turn[S, R], came: Come, report: dict[str, int] | None) -> None:
        last = {record.topic: record for record in came.records}
        meta = self._state.advanced(last) if last else self._state.meta
        changelog = self._state.encoded(turn, meta) if last or turn.state.changes else ()
        await self._log.commit(turn.outputs, changelog, report)
        self._state.apply(turn, meta)
        self._newest |= {topic: record.timestamp for topic, record in last.items()}
        self._told = report or self._told

    def _since(self, started: Micros) -> float:
        return (self._clock.now() - started) / SECOND

    async def _measure(self) -> None:
        """Tells the watcher how far behind each source is: by time, how old what was read last is."""
        self._measure_at = self._clock.now() + self._measure_every
        ends = await self._log.ends()
        now = self._clock.now()
        Applied(self._positions, self._newest, self._began).tell_lag(self._watcher, self._partition, ends, now)
        for topic, end in ends.items():
            self._still_moves(topic, max(0, end - self._positions[topic]), now)
        self._watcher.state(self._kind.name, self._partition, len(self._state), self._state.lasting(now))
        if self._weigh_at <= now:
            self._weigh_at = now + WEIGH_EVERY
            self._watcher.size(self._kind.name, self._partition, self._state.size())
        due = self._state.wheel.next
        overdue = 0.0 if due is None else max(0, now - due) / SECOND
        ahead = max(0, *self._newest.values(), now) - now
        self._watcher.behind(self._kind.name, self._partition, overdue, ahead / SECOND, self._log.skew)

    def _still_moves(self, topic: str, behind: int, now: Micros) -> None:
        position = self._positions[topic]
        at, since = self._moved.get(topic, (-1, now))
        if not behind or position != at:
            self._moved[topic] = position, now
        elif now - since >= STALLED and self._fetch is not None and not self._fetch.done():
            raise Unavailable(f"{topic} brings nothing, though there is more")

    async def close(self) -> None:
        """Lets go of Kafka."""
        if self._fetch is not None:
            self._fetch.cancel()
        await self._log.close()


def _believable(timestamp: Micros, wall: Micros) -> Micros:
    """When a record was written, as far as its producer's clock can be believed."""
    return min(timestamp, wall) if timestamp > 0 else wall

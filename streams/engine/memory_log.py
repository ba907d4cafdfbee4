"""The log in memory: what ``kafka_log`` promises, without Kafka. For tests and simulation.

``MemoryKafka`` holds topics, fences by epochs and makes a transaction visible at once and whole. ``step`` is awaited
at each point where the real thing would wait, named ``take_over``, ``fetch``, ``ends``, ``commit`` (nothing written
yet) and ``committed`` (written, the answer still under way): a simulation can delay there, or raise to crash.
"""

import asyncio
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.times import Micros
from streams.clock import Clock
from streams.engine.log import Batch, Begun, Log
from streams.engine.partitioner import partition_of
from streams.engine.turn import Output, Record
from streams.errors import Unavailable
from streams.topics import changelog

Step = Callable[[str], Awaitable[None]]
MOST_RECORDS = 4_000


async def _no_step(_: str) -> None:
    """Passes every point without a wait."""


@dataclass
class MemoryKafka:
    """A cluster: ``partitions`` for every topic, records stamped by ``clock``."""

    clock: Clock
    partitions: int = 1
    _topics: dict[tuple[str, int], list[Record]] = field(default_factory=lambda: defaultdict(list))
    _written_at: dict[tuple[str, int], list[Micros]] = field(default_factory=lambda: defaultdict(list))
    _reports: dict[tuple[str, int], list[tuple[Micros, int]]] = field(default_factory=lambda: defaultdict(list))
    _epochs: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    _waiting: dict[tuple[str, int], list[asyncio.Future[None]]] = field(default_factory=lambda: defaultdict(list))

    def records(self, topic: str, partition: int = 0) -> list[Record]:
        """All records of a partition."""
        return self._topics[topic, partition]

    def written_at(self, record: Record) -> Micros:
        """When a record was written, whatever its own timestamp says."""
        return self._written_at[record.topic, record.partition][record.offset]

    def report(self, topic: str, partition: int, offset: int) -> None:
        """The group has read a partition as far as ``offset``."""
        self._reports[topic, partition].append((self.clock.now(), offset))

    def reported(self, topic: str, partition: int = 0, by: Micros | None = None) -> int:
        """The offset that was reported last, or that was at the moment ``by``; 0: none."""
        reports = self._reports[topic, partition]
        index = len(reports) if by is None else bisect_right(reports, by, key=lambda report: report[0])
        return reports[index - 1][1] if index else 0

    def table(self, topic: str, partition: int = 0, end: int | None = None) -> dict[bytes, bytes]:
        """The newest value of each key that has one, of the records below ``end``."""
        newest = {r.key: r.value for r in self._topics[topic, partition][:end] if r.key is not None}
        return {key: value for key, value in newest.items() if value is not None}

    async def publish(self, topic: str, key: bytes | None, value: bytes | None, timestamp: int | None = None) -> None:
        """Writes one record as an upstream service does."""
        self.append(topic, None if key is None else partition_of(key, self.partitions), key, value, timestamp)

    def append(
        self, topic: str, partition: int | None, key: bytes | None, value: bytes | None, timestamp: int | None = None
    ) -> Record:
        """Writes one record, at once, and lets whoever waits for it look again."""
        place = topic, partition or 0
        records = self._topics[place]
        record = Record(*place, len(records), self.clock.now() if timestamp is None else timestamp, key, value)
        records.append(record)
        self._written_at[place].append(self.clock.now())
        for news in self._waiting[place]:
            if not news.done():
                news.set_result(None)
        return record

    def blank(self, before: Micros) -> None:
        """Takes key and value from what was written before that moment: for worlds in which all has been read."""
        for records in self._topics.values():
            for place, record in enumerate(records):
                if record.timestamp >= before:
                    break
                if record.key is not None:
                    records[place] = Record(record.topic, record.partition, record.offset, record.timestamp, None, None)

    async def _news(self, places: Iterable[tuple[str, int]]) -> None:
        """Waits until something is written to one of these partitions."""
        news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        places = tuple(places)
        for place in places:
            self._waiting[place].append(news)
        try:
            await news
        finally:
            for place in places:
                if news in self._waiting[place]:
                    self._waiting[place].remove(news)


@dataclass(frozen=True)
class MemoryLogs:
    """Opens task logs on a ``MemoryKafka``."""

    kafka: MemoryKafka
    step: Step = _no_step
    most: Callable[[], int] = lambda: MOST_RECORDS
    """Says how many records the next fetch brings at most."""

    def open(self, task: str, partition: int, sources: Sequence[str], followed: Sequence[str]) -> Log:
        """The log of one task."""
        return MemoryLog(self.kafka, self.step, self.most, task, partition, sources, followed)


class MemoryLog:
    """One task's log."""

    def __init__(
        self,
        kafka: MemoryKafka,
        step: Step,
        most: Callable[[], int],
        task: str,
        partition: int,
        sources: Sequence[str],
        followed: Sequence[str],
    ) -> None:
        self._kafka = kafka
        self._step = step
        self._most = most
        self._identity = (task, partition)
        self._partition = partition
        self._sources = sources
        self._followed = followed
        self._changelog = changelog(task).name
        self._epoch = 0
        self._next: dict[str, int] = {}

    async def take_over(self) -> dict[bytes, bytes]:
        """Fences every former owner and returns the state as committed."""
        await self._step("take_over")
        self._kafka._epochs[self._identity] += 1
        self._epoch = self._kafka._epochs[self._identity]
        return self._kafka.table(self._changelog, self._partition)

    async def begin(self, offsets: Mapping[str, int]) -> Begun:
        """Starts to read at the offsets."""
        lost = {t for t, at in offsets.items() if at > len(self._kafka.records(t, self._partition))}
        self._next = {t: 0 if t in lost else offsets.get(t, 0) for t in self._sources}
        followed = {t: self._kafka.table(t, self._partition, offsets.get(t, 0)) for t in self._followed}
        return Begun(followed, frozenset(lost))

    async def fetch(self) -> Batch:
        """Waits for records."""
        while True:
            await self._step("fetch")
            records = [r for t in self._sources for r in self._unread(t)][: self._most()]
            if not records:
                await self._kafka._news((t, self._partition) for t in self._sources)
                continue
            for record in records:
                self._next[record.topic] = record.offset + 1
            return Batch(records, not any(self._unread(t) for t in self._sources))

    def _unread(self, topic: str) -> list[Record]:
        return self._kafka.records(topic, self._partition)[self._next[topic] :]

    async def ends(self) -> Mapping[str, int]:
        """The sources' ends."""
        await self._step("ends")
        return {t: len(self._kafka.records(t, self._partition)) for t in self._sources}

    async def positions(self) -> Mapping[str, int]:
        """The next offset of each source."""
        return dict(self._next)

    async def commit(
        self,
        outputs: Iterable[Output],
        changes: Iterable[tuple[bytes, bytes | None]],
        report: Mapping[str, int] | None,
    ) -> None:
        """Writes the turn, unless somebody else has taken over."""
        await self._step("commit")
        changes = list(changes)
        if self._kafka._epochs[self._identity] != self._epoch:
            raise Unavailable("fenced")
        for topic, key, value in outputs:
            partition = self._partition if key is None else partition_of(key, self._kafka.partitions)
            self._kafka.append(topic, partition, key, value)
        for key, value in changes:
            self._kafka.append(self._changelog, self._partition, key, value)
        for topic, offset in (report or {}).items():
            self._kafka.report(topic, self._partition, offset)
        await self._step("committed")

    @property
    def skew(self) -> float | None:
        """There is one clock."""
        return 0.0

    async def close(self) -> None:
        """Nothing is held."""

"""The log in memory: what ``kafka_log`` promises, without Kafka. For tests and simulation.

``MemoryKafka`` holds topics, fences by epochs and makes a transaction visible at once and whole. ``step`` is awaited
at each point where the real thing would wait, named ``take_over``, ``fetch``, ``ends``, ``commit`` (nothing written
yet) and ``committed`` (written, the answer still under way): a simulation can delay there, or raise to crash.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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
    group: dict[tuple[str, int], int] = field(default_factory=dict)
    """The offsets that were reported, by topic and partition."""
    _topics: dict[tuple[str, int], list[Record]] = field(default_factory=lambda: defaultdict(list))
    _epochs: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def records(self, topic: str, partition: int = 0) -> list[Record]:
        """All records of a partition."""
        return self._topics[topic, partition]

    async def publish(self, topic: str, key: bytes | None, value: bytes | None, timestamp: int | None = None) -> None:
        """Writes one record as an upstream service does."""
        self._append(topic, None if key is None else partition_of(key, self.partitions), key, value, timestamp)
        await self.wake()

    async def wake(self) -> None:
        """Lets every waiting fetch look again."""
        async with self._news:
            self._news.notify_all()

    def _append(
        self, topic: str, partition: int | None, key: bytes | None, value: bytes | None, timestamp: int | None = None
    ) -> None:
        records = self._topics[topic, partition or 0]
        at = self.clock.now() if timestamp is None else timestamp
        records.append(Record(topic, partition or 0, len(records), at, key, value))


@dataclass(frozen=True)
class MemoryLogs:
    """Opens task logs on a ``MemoryKafka``."""

    kafka: MemoryKafka
    step: Step = _no_step

    def open(self, task: str, partition: int, sources: Sequence[str], followed: Sequence[str]) -> Log:
        """The log of one task."""
        return MemoryLog(self.kafka, self.step, task, partition, sources, followed)


class MemoryLog:
    """One task's log."""

    def __init__(
        self,
        kafka: MemoryKafka,
        step: Step,
        task: str,
        partition: int,
        sources: Sequence[str],
        followed: Sequence[str],
    ) -> None:
        self._kafka = kafka
        self._step = step
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
        return self._table(self._changelog, None)

    async def begin(self, offsets: Mapping[str, int]) -> Begun:
        """Starts to read at the offsets."""
        lost = {t for t, at in offsets.items() if at > len(self._kafka.records(t, self._partition))}
        self._next = {t: 0 if t in lost else offsets.get(t, 0) for t in self._sources}
        return Begun({t: self._table(t, offsets.get(t, 0)) for t in self._followed}, frozenset(lost))

    def _table(self, topic: str, end: int | None) -> dict[bytes, bytes]:
        newest = {r.key: r.value for r in self._kafka.records(topic, self._partition)[:end] if r.key is not None}
        return {key: value for key, value in newest.items() if value is not None}

    async def fetch(self) -> Batch:
        """Waits for records."""
        while True:
            await self._step("fetch")
            async with self._kafka._news:
                records = [r for t in self._sources for r in self._unread(t)][:MOST_RECORDS]
                if not records:
                    await self._kafka._news.wait()
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
            self._kafka._append(topic, partition, key, value)
        for key, value in changes:
            self._kafka._append(self._changelog, self._partition, key, value)
        for topic, offset in (report or {}).items():
            self._kafka.group[topic, self._partition] = offset
        await self._kafka.wake()
        await self._step("committed")

    async def close(self) -> None:
        """Nothing is held."""

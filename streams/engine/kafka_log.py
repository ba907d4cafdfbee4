"""The log on Kafka: a transactional producer and a group-less, read-committed reader for each task.

Rules that were learnt the hard way, each seen to fail without it:

- The transactional id names group, task and partition, never host or version: starting the producer fences whoever
  had it, and is answered only when the former owner's open turn has been aborted and its markers are written. Only
  then may the changelog be read.
- Restoring is judged by the reader's position, never by counting records: markers and compaction leave holes.
- A transaction is ended only when each of its batches is known to be written: see ``transactions``.
- A client that failed is of no more use, and its ``stop()`` can hang: any failure means new clients, and closing is
  bounded.
- Offsets go to the group within the transaction; a member's own commit during a rebalance throws it out of the group.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.clock import SystemClock
from streams.engine.end_offsets import EndOffsets
from streams.engine.log import Batch, Begun, Log
from streams.engine.partitioner import partition_of
from streams.engine.record_batches import Entry
from streams.engine.transactions import TransactionalProducer
from streams.engine.turn import Output, Record
from streams.topics import RECORD_LIMIT, changelog

MOST_RECORDS = 4_000
"""How many records one turn takes: enough that a turn's fixed cost vanishes, few enough that it stays short."""
BATCH_BYTES = 1 << 20
TRANSACTION_MS = 10_000
PATIENCE = 30.0
"""Seconds without an answer after which a step is given up, and the incarnation with it: aiokafka's clients may wait
for ever. Fencing may take as long as a transaction's time-out, which Kafka notices up to 10 s late."""
_LONG_POLL_MS = 60_000
GATHERED = 0.2
"""Seconds for which the records of an unhurried task gather, so that one transaction does for many. Behind a full batch
more are there already."""


class KafkaLogs:
    """Opens task logs on one cluster for one consumer group. ``unhurried`` are the tasks whose records may wait."""

    def __init__(self, brokers: Sequence[str], group: str, unhurried: Collection[str] = ()) -> None:
        self._brokers = brokers
        self._group = group
        self._unhurried = unhurried
        self._end_offsets = EndOffsets(brokers)

    def open(self, task: str, partition: int, sources: Sequence[str], followed: Sequence[str]) -> Log:
        """The log of one task."""
        gathers = GATHERED if task in self._unhurried else 0.0
        return KafkaLog(self._brokers, self._group, task, partition, sources, followed, self._end_offsets, gathers)

    async def close(self) -> None:
        """Lets go of what the logs share."""
        await self._end_offsets.close()


class KafkaLog:
    """One task's log."""

    def __init__(
        self,
        brokers: Sequence[str],
        group: str,
        task: str,
        partition: int,
        sources: Sequence[str],
        followed: Sequence[str],
        end_offsets: EndOffsets,
        gathers: float,
    ) -> None:
        self._group = group
        self._end_offsets = end_offsets
        self._gathers = gathers
        self._full = True
        self._partition = partition
        self._sources = [TopicPartition(topic, partition) for topic in sources]
        self._followed = [tp for tp in self._sources if tp.topic in followed]
        self._changelog = TopicPartition(changelog(task).name, partition)
        self._producer = TransactionalProducer(
            brokers,
            transactional_id(group, task, partition),
            SystemClock(),
            timeout_ms=TRANSACTION_MS,
            batch_bytes=BATCH_BYTES,
        )
        self._reader = AIOKafkaConsumer(
            bootstrap_servers=list(brokers),
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_partition_fetch_bytes=RECORD_LIMIT,
            fetch_max_bytes=4 * RECORD_LIMIT,
        )

    async def take_over(self) -> dict[bytes, bytes]:
        """Fences every former owner and returns the state as committed."""
        async with _patience():
            await self._producer.start()
            await self._producer.partitions(self._changelog.topic)
            await self._reader.start()
        return await self._read_table(self._changelog, None)

    async def begin(self, offsets: Mapping[str, int]) -> Begun:
        """Restores the followed tables up to their offsets and starts to read the sources."""
        followed = {tp.topic: await self._read_table(tp, offsets.get(tp.topic, 0)) for tp in self._followed}
        self._reader.assign(self._sources)
        async with _patience():
            first = await self._reader.beginning_offsets(self._sources)
            last = await self._reader.end_offsets(self._sources)
        lost = set()
        for tp in self._sources:
            at = offsets.get(tp.topic)
            if at is not None and not first[tp] <= at <= last[tp]:
                lost.add(tp.topic)
                at = None
            self._reader.seek(tp, first[tp] if at is None else at)
        return Begun(followed, frozenset(lost))

    async def _read_table(self, tp: TopicPartition, end: int | None) -> dict[bytes, bytes]:
        """The newest value of each key below ``end`` (``None``: all that is there)."""
        table: dict[bytes, bytes] = {}
        self._reader.assign([tp])
        async with _patience() as patience:
            there = (await self._reader.end_offsets([tp]))[tp]
            end = there if end is None else min(end, there)
            # seek_to_beginning() can wait for ever
            self._reader.seek(tp, (await self._reader.beginning_offsets([tp]))[tp])
            while await self._reader.position(tp) < end:
                for records in (await self._reader.getmany(tp, timeout_ms=200)).values():
                    patience.reschedule(asyncio.get_running_loop().time() + PATIENCE)
                    for record in records:
                        if record.offset >= end:
                            break
                        if record.value is None:
                            table.pop(record.key, None)
                        else:
                            table[record.key] = record.value
        return table

    async def fetch(self) -> Batch:
        """Waits up to a minute for records."""
        if self._gathers and not self._full:
            await asyncio.sleep(self._gathers)
        found = await self._reader.getmany(timeout_ms=_LONG_POLL_MS, max_records=MOST_RECORDS)
        records = [
            Record(r.topic, r.partition, r.offset, r.timestamp * 1000, r.key, r.value)
            for tp in self._sources
            for r in found.get(tp, ())
        ]
        self._full = len(records) == MOST_RECORDS
        at_end = all([await self._reader.position(tp) >= (self._reader.highwater(tp) or 0) for tp in self._sources])
        return Batch(records, at_end)

    async def ends(self) -> Mapping[str, int]:
        """Asks Kafka for the sources' ends."""
        return {tp.topic: end for tp, end in (await self._end_offsets.ask(self._sources)).items()}

    async def positions(self) -> Mapping[str, int]:
        """The next offset of each source."""
        return {tp.topic: await self._reader.position(tp) for tp in self._sources}

    async def commit(
        self,
        outputs: Iterable[Output],
        changes: Iterable[tuple[bytes, bytes | None]],
        report: Mapping[str, int] | None,
    ) -> None:
        """One Kafka transaction; only a return says that it is committed."""
        async with _patience():
            records: dict[TopicPartition, list[Entry]] = {}
            for topic, key, value in outputs:
                tp = TopicPartition(topic, await self._partition_for(topic, key))
                records.setdefault(tp, []).append((key, value))
            told = {TopicPartition(topic, self._partition): offset for topic, offset in (report or {}).items()}
            await self._producer.write({**records, self._changelog: changes}, told, self._group)

    @property
    def skew(self) -> float | None:
        """How far Kafka's clock was ahead of ours at the last commit."""
        return self._producer.skew

    async def _partition_for(self, topic: str, key: bytes | None) -> int:
        return self._partition if key is None else partition_of(key, await self._producer.partitions(topic))

    async def close(self) -> None:
        """Stops both clients, each within two seconds or not at all."""
        stops = [asyncio.ensure_future(stop) for stop in (self._producer.close(), self._reader.stop())]
        await asyncio.wait(stops, timeout=2)


def transactional_id(group: str, task: str, partition: int) -> str:
    """By which Kafka knows a task's owner: the last that began to produce under it."""
    return f"{group}-{task}-{partition}"


def _patience() -> asyncio.Timeout:
    return asyncio.timeout(PATIENCE)

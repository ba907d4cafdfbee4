"""Reads topics once, from their beginning to the end that they had, and leaves no mark on the group."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from streams.errors import Unavailable
from streams.topics import RECORD_LIMIT

PATIENCE = 60.0
"""Seconds without a record after which Kafka is given up."""

Take = Callable[[ConsumerRecord], None]
Progress = Callable[[int, int], None]
"""How many of how many records have been passed; those that compaction took count as well."""


async def read_once(
    brokers: Sequence[str],
    topics: Iterable[str],
    take: Take,
    *,
    isolation_level: Literal["read_committed", "read_uncommitted"],
    progress: Progress = lambda passed, of: None,
) -> None:
    """Gives ``take`` every record that is there now, each partition's in order.

    ``Unavailable`` where a topic is missing, or Kafka does not answer in time.
    """
    topics = list(topics)
    reader = AIOKafkaConsumer(
        *topics,  # without a group: all their partitions are ours
        bootstrap_servers=list(brokers),
        isolation_level=isolation_level,
        enable_auto_commit=False,
        max_partition_fetch_bytes=RECORD_LIMIT,
    )
    try:
        async with asyncio.timeout(PATIENCE) as patience:
            await reader.start()
            await _read(reader, _partitions(reader, topics), take, progress, patience)
    except (KafkaError, OSError, TimeoutError) as error:
        raise Unavailable(f"Kafka does not answer: {type(error).__name__}") from error
    finally:
        await asyncio.wait([asyncio.ensure_future(reader.stop())], timeout=2)


def _partitions(reader: AIOKafkaConsumer, topics: Iterable[str]) -> list[TopicPartition]:
    partitions = []
    for topic in topics:
        found = reader.partitions_for_topic(topic)
        if not found:
            raise Unavailable(f"there is no topic {topic}")
        partitions += [TopicPartition(topic, number) for number in sorted(found)]
    return partitions


async def _read(
    reader: AIOKafkaConsumer,
    partitions: list[TopicPartition],
    take: Take,
    progress: Progress,
    patience: asyncio.Timeout,
) -> None:
    time = asyncio.get_running_loop().time
    firsts = await reader.beginning_offsets(partitions)
    ends = await reader.end_offsets(partitions)
    for tp, first in firsts.items():
        reader.seek(tp, first)  # seek_to_beginning() can wait for ever
    of = sum(ends.values()) - sum(firsts.values())
    left = {tp: end - firsts[tp] for tp, end in ends.items() if end > firsts[tp]}
    while left:
        for tp, records in (await reader.getmany(*left, timeout_ms=200)).items():
            for record in records:
                if record.offset < ends[tp]:
                    take(record)
        before, left = left, {tp: ends[tp] - await reader.position(tp) for tp in left}
        left = {tp: records_left for tp, records_left in left.items() if records_left > 0}
        if left != before:
            patience.reschedule(time() + PATIENCE)
            progress(of - sum(left.values()), of)

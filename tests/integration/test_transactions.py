"""Whole transactions on a real Kafka: once and in order, whatever becomes of the connections."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import ProducerFenced

from schemas.times import SECOND, Micros
from streams.clock import SystemClock
from streams.engine.transactions import TransactionalProducer
from tests.integration.held_kafka import Kafka

PARTITIONS = 3
GROUP = "those-who-are-told"
T = TypeVar("T")


class Clock:
    """The machine's, set wrong by ``off``."""

    def __init__(self) -> None:
        self.off: Micros = 0

    def now(self) -> Micros:
        return SystemClock().now() + self.off


class Writing:
    """A producer, a topic of its own, and what can be read there."""

    def __init__(self, bootstrap: str, dated: str = "CreateTime", **options: int) -> None:
        self.bootstrap = bootstrap
        self._config = {"message.timestamp.type": dated}
        self.name = uuid4().hex[:8]
        self.tps = [TopicPartition(self.name, number) for number in range(PARTITIONS)]
        self.clock = Clock()
        self.producer = TransactionalProducer(
            [bootstrap], self.name, self.clock, timeout_ms=10_000, batch_bytes=options.get("batch_bytes", 1 << 20)
        )

    async def create(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        await admin.create_topics([NewTopic(self.name, PARTITIONS, 1, topic_configs=self._config)])
        await admin.close()

    async def read(self) -> list[list[bytes]]:
        """The values of each partition that are committed."""
        found: list[list[bytes]] = []
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap, isolation_level="read_committed") as reader:
            for tp in self.tps:
                reader.assign([tp])
                reader.seek(tp, 0)
                end, values = (await reader.end_offsets([tp]))[tp], list[bytes]()
                while await reader.position(tp) < end:
                    for records in (await reader.getmany(timeout_ms=200)).values():
                        values += [record.value for record in records]
                found.append(values)
        return found

    async def told(self) -> list[int]:
        """The group's offsets."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            offsets = await admin.list_consumer_group_offsets(f"{GROUP}-{self.name}", partitions=self.tps)
            return [offsets[tp].offset for tp in self.tps]
        finally:
            await admin.close()


@pytest.fixture
async def writing(kafka: Kafka) -> AsyncIterator[Writing]:
    writing = Writing(kafka.bootstrap)
    await writing.create()
    await writing.producer.start()
    yield writing
    await writing.producer.close()


async def comes_to(read: Callable[[], Awaitable[T]], expected: T) -> None:
    """A reader sees a transaction when it is marked as ended, a moment after its writer was told so."""
    found = await read()
    for _ in range(200):
        if found == expected:
            break
        await asyncio.sleep(0.1)
        found = await read()
    assert found == expected


async def test_connections_that_break_at_any_moment_lose_and_repeat_nothing(writing: Writing) -> None:
    dice, broken, written = random.Random(5), 0, list[bytes]()

    async def breaks() -> None:
        nonlocal broken
        while True:
            await asyncio.sleep(dice.random() / 50)
            for connection in list(writing.producer._client._conns.values()):
                if dice.random() < 0.3:
                    broken += 1
                    connection.close()

    breaking = asyncio.ensure_future(breaks())
    async with asyncio.timeout(120):
        while broken < 40:
            values = [b"%d" % len(written), b"%d" % (len(written) + 1)]
            records = {tp: [(b"k", value) for value in values] for tp in writing.tps}
            await writing.producer.write(records, dict.fromkeys(writing.tps, len(written)), f"{GROUP}-{writing.name}")
            written += values
    breaking.cancel()
    await comes_to(writing.read, [written] * PARTITIONS)
    await comes_to(writing.told, [len(written) - 2] * PARTITIONS)


async def test_more_than_a_batch_is_written_in_order(kafka: Kafka) -> None:
    writing = Writing(kafka.bootstrap, batch_bytes=1_000)
    await writing.create()
    await writing.producer.start()
    values = [b"%d" % number * 50 for number in range(100)]
    await writing.producer.write({writing.tps[1]: [(None, value) for value in values]}, {}, GROUP)
    await comes_to(writing.read, [[], values, []])
    await writing.producer.close()


async def test_where_kafka_dates_records_it_is_known_how_far_our_clock_is_off(kafka: Kafka, writing: Writing) -> None:
    dated = Writing(kafka.bootstrap, "LogAppendTime")
    await dated.create()
    await dated.producer.start()
    for off in (0, -90, 90):
        for these in (dated, writing):
            these.clock.off = off * SECOND
            await these.producer.write({these.tps[0]: [(b"k", b"v")]}, {}, GROUP)
        assert dated.producer.skew is not None
        assert abs(dated.producer.skew + off) < 2
        assert writing.producer.skew is None
    await dated.producer.close()


async def test_a_topic_whose_partitions_nobody_asked_for_is_written_to(kafka: Kafka, writing: Writing) -> None:
    other = Writing(kafka.bootstrap)
    await other.create()
    await writing.producer.partitions(other.name)
    async with asyncio.timeout(20):
        await writing.producer.write({writing.tps[0]: [(None, b"1")]}, {}, GROUP)
    await comes_to(writing.read, [[b"1"], [], []])


async def test_what_comes_at_once_after_a_transaction_waits_until_that_is_marked(writing: Writing) -> None:
    for number in range(50):
        await writing.producer.write({tp: [(None, b"%d" % number)] for tp in writing.tps}, {}, GROUP)
    await comes_to(writing.read, [[b"%d" % number for number in range(50)]] * PARTITIONS)


async def test_offsets_alone_are_a_transaction_and_nothing_is_none(writing: Writing) -> None:
    await writing.producer.write({writing.tps[0]: []}, {}, GROUP)
    await writing.producer.write({}, {writing.tps[0]: 5, writing.tps[2]: 7}, f"{GROUP}-{writing.name}")
    await comes_to(writing.told, [5, -1, 7])


async def test_what_a_later_owner_finds_open_is_never_there(kafka: Kafka, writing: Writing) -> None:
    zombie = writing.producer
    await zombie._announce(writing.tps)
    await zombie._produce({tp: zombie._batches.of(tp, [(None, b"open")])[0] for tp in writing.tps})
    owner = TransactionalProducer([kafka.bootstrap], writing.name, SystemClock(), timeout_ms=10_000, batch_bytes=1_000)
    await owner.start()
    with pytest.raises(ProducerFenced):
        await zombie._end()
    with pytest.raises(ProducerFenced):
        await zombie.write({tp: [(None, b"late")] for tp in writing.tps}, {}, GROUP)
    await owner.write({tp: [(None, b"mine")] for tp in writing.tps}, {}, GROUP)
    await comes_to(writing.read, [[b"mine"]] * PARTITIONS)
    await owner.close()


async def test_a_topic_that_is_not_there_yet_is_waited_for(kafka: Kafka) -> None:
    writing = Writing(kafka.bootstrap)
    await writing.producer.start()
    asking = asyncio.ensure_future(writing.producer.partitions(writing.name))
    await asyncio.sleep(0.3)
    assert not asking.done()
    await writing.create()
    assert await asyncio.wait_for(asking, 20) == PARTITIONS
    await writing.producer.close()

"""What was erased really leaves our compacted topics, on the embedded Kafka, silent partitions included.

The topics are made as a worker makes them; the test then has Kafka do in seconds what it otherwise does in hours.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from agents.beats import Beats
from agents.cluster import Cluster, Difference, differences, ensure_topics
from orderbell.kafka import EmbeddedKafka
from streams.topics import BEAT, BEATEN
from tests.integration.shop import until

SOON = {"max.compaction.lag.ms": "1000", "segment.ms": "1000", "delete.retention.ms": "1000"}
OTHERS = 3_000
"""Keys that stay: so many that without a lag nothing would be worth cleaning."""
CLEANED_WITHIN = 150.0


async def altered(address: str, config: dict[str, str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    resources = [ConfigResource(ConfigResourceType.TOPIC, t.name, configs=t.config | config) for t in BEATEN]
    for answer in await admin.alter_configs(resources):
        assert all(code == 0 for code, *_ in answer.resources), answer
    await admin.close()


async def written(address: str, records: Iterable[tuple[bytes, bytes | None]]) -> None:
    """Writes the records to each topic, in one transaction as a turn does."""
    producer = AIOKafkaProducer(bootstrap_servers=address, transactional_id="test")
    async with producer, producer.transaction():
        for key, value in records:
            for topic in BEATEN:
                await producer.send(topic.name, value, key, 0)


async def stored(address: str) -> dict[str, list[tuple[bytes, bytes | None]]]:
    """All that lies in the topics, whether it was committed or not."""
    partitions = [TopicPartition(topic.name, 0) for topic in BEATEN]
    found: dict[str, list[tuple[bytes, bytes | None]]] = {topic.name: [] for topic in BEATEN}
    async with AIOKafkaConsumer(bootstrap_servers=address, enable_auto_commit=False) as reader:
        reader.assign(partitions)
        for tp, first in (await reader.beginning_offsets(partitions)).items():
            reader.seek(tp, first)
        ends = await reader.end_offsets(partitions)
        while not all([await reader.position(tp) >= end for tp, end in ends.items()]):
            for tp, records in (await reader.getmany(timeout_ms=200)).items():
                found[tp.topic] += [(record.key, record.value) for record in records]
    return found


@pytest.mark.timeout(400)
async def test_what_was_erased_is_gone_from_every_compacted_topic(tmp_path: Path) -> None:
    async with await EmbeddedKafka.start(tmp_path) as kafka:
        address = kafka.address.removeprefix("kafka://")
        async with Cluster([address]) as cluster:
            await ensure_topics(cluster, 1, 1)
            assert await differences(cluster, 1) == []
            await altered(address, SOON)
            differs = Difference("profiles", "max.compaction.lag.ms is 1000, expected 14400000")

            async def told() -> bool:
                return differs in await differences(cluster, 1)

            await until(told)
        await written(address, ((b"other-%d" % number, b"stays") for number in range(OTHERS)))
        await written(address, [(b"C1", b"13900000001"), (b"C1", b"13900000002"), (b"C1", None)])

        beats = Beats([address])
        async with asyncio.timeout(CLEANED_WITHIN):
            while any(key == b"C1" for records in (await stored(address)).values() for key, _ in records):
                await beats.look()
                await asyncio.sleep(1)
        await beats.close()

        for topic, records in (await stored(address)).items():
            keys = [key for key, _ in records if key != BEAT]
            assert sorted(keys) == sorted(b"other-%d" % number for number in range(OTHERS)), topic

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete

from streams.engine.kafka_log import KafkaLogs
from streams.engine.turn import Output
from streams.topics import changelog
from tests.integration.held_kafka import Kafka
from tests.log_contract import LogContract


class KafkaCluster:
    """The suite's cluster on the shared Kafka, in a group of its own."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.group = uuid4().hex[:8]
        self.logs = KafkaLogs([bootstrap], self.group)

    async def publish(self, topic: str, key: str, value: str | None) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap) as producer:
            await producer.send_and_wait(topic, None if value is None else value.encode(), key.encode())

    async def committed(self, topic: str) -> list[tuple[bytes | None, bytes | None]]:
        tp = TopicPartition(topic, 0)
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap, isolation_level="read_committed") as reader:
            reader.assign([tp])
            await reader.seek_to_beginning(tp)
            end = (await reader.end_offsets([tp]))[tp]
            found = []
            while await reader.position(tp) < end:
                for records in (await reader.getmany(timeout_ms=200)).values():
                    found += [(r.key, r.value) for r in records]
            return found

    async def reported(self, topic: str) -> int | None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            tp = TopicPartition(topic, 0)
            found = await admin.list_consumer_group_offsets(self.group, partitions=[tp])
            return int(found[tp].offset)
        finally:
            await admin.close()


@pytest.fixture
async def cluster(kafka: Kafka) -> AsyncIterator[KafkaCluster]:
    """Fresh topics for each test: deleted afterwards, since their names are fixed by the suite."""
    cluster = KafkaCluster(kafka.bootstrap)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    names = ["source", "table", "out", changelog("contract").name]
    small = NewTopic("small", 1, 1, topic_configs={"max.message.bytes": "1000"})
    await admin.create_topics([*(NewTopic(name, 1, 1) for name in names), small])
    yield cluster
    await cluster.logs.close()
    await admin.delete_topics([*names, "small"])
    await admin.close()


class TestKafkaLog(LogContract):
    async def test_records_that_an_operator_has_deleted_are_passed_over(self, cluster: KafkaCluster) -> None:
        """As the runbook on halted tasks has it, where nothing else helps."""
        for value in ("read", "poison", "poison", "good"):
            await cluster.publish("source", "k", value)
        admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap)
        await admin.start()
        await admin.delete_records({TopicPartition("source", 0): RecordsToDelete(before_offset=3)})
        await admin.close()
        log = cluster.logs.open("contract", 0, ("source",), ())
        await log.take_over()
        assert (await log.begin({"source": 1})).lost == {"source"}
        assert [record.value for record in (await log.fetch()).records] == [b"good"]
        await log.close()

    async def test_what_failed_to_be_written_is_not_committed(self, cluster: KafkaCluster) -> None:
        """aiokafka commits a transaction although one of its batches was refused."""
        log = cluster.logs.open("contract", 0, ("source", "table"), ())
        await log.take_over()
        await log.begin({})
        outputs = [Output("out", b"k", b"1"), Output("small", b"k", b"x" * 2000)]
        with pytest.raises(Exception):  # noqa: B017, PT011  # whichever error, the turn must not count
            await log.commit(outputs, [(b"a", b"x")], None)
        await log.close()
        log = cluster.logs.open("contract", 0, ("source", "table"), ())
        assert await log.take_over() == {}
        await log.close()
        assert await cluster.committed("out") == []

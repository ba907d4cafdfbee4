"""What a transaction does with the answers that a healthy Kafka never gives, from a client that gives them as told."""

import asyncio
from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka import errors as kafka
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import AddPartitionsToTxnRequest, EndTxnRequest, InitProducerIdRequest

from streams.clock import SystemClock
from streams.engine.transactions import TransactionalProducer

FIRST, SECOND = TopicPartition("out", 0), TopicPartition("out", 1)
GOOD = kafka.NoError
_NOT_DATED = -1
RECORDS = {FIRST: [(b"k", b"1")], SECOND: [(b"k", b"2")]}


class Kafka:
    """Speaks for the client and for the cluster behind it. What is not ``told`` is answered with a yes."""

    def __init__(self) -> None:
        self.told: dict[type, deque[Any]] = {}
        self.asked: list[Any] = []
        self.lookups = 0
        self.cluster = SimpleNamespace(leader_for_partition=lambda _: 1, partitions_for_topic=lambda _: {0, 1})

    def answers(self, to: type, *answers: Any) -> None:
        """The next answers: for each partition an error class, one for all, or an error that the client raises."""
        self.told[to] = deque(answers)

    async def coordinator_lookup(self, *_: Any) -> int:
        self.lookups += 1
        return 1

    async def force_metadata_update(self) -> None:
        pass

    async def add_topic(self, _: str) -> None:
        pass

    async def bootstrap(self) -> None:
        pass

    async def send(self, _node: int, request: Any, **_: Any) -> Any:
        self.asked.append(request)
        told = self.told.get(type(request))
        answer = told.popleft() if told else GOOD
        if isinstance(answer, Exception):
            raise answer
        match request:
            case InitProducerIdRequest():
                return SimpleNamespace(error_code=0, producer_id=7, producer_epoch=0)
            case EndTxnRequest():
                return SimpleNamespace(error_code=answer.errno)
            case AddPartitionsToTxnRequest():
                return SimpleNamespace(errors=_of_parts(("out", (0, 1)), answer))
            case _:
                assert isinstance(request, ProduceRequest)
                [(topic, parts)] = _of_parts(("out", self.partitions(request)), answer)
                return SimpleNamespace(topics=[(topic, [(*part, 0, _NOT_DATED) for part in parts])])

    @staticmethod
    def partitions(request: Any) -> tuple[int, ...]:
        """Those that a request to produce has batches for."""
        return tuple(partition for _, batches in request._topics for partition, _ in batches)

    def count(self, of: type) -> int:
        return sum(isinstance(request, of) for request in self.asked)


def _of_parts(parts: tuple[str, tuple[int, ...]], answer: Any) -> list[tuple[str, list[tuple[int, int]]]]:
    topic, numbers = parts
    codes = answer if isinstance(answer, tuple) else (answer,) * len(numbers)
    return [(topic, [(number, code.errno) for number, code in zip(numbers, codes, strict=True)])]


@pytest.fixture
async def cluster() -> Kafka:
    return Kafka()


async def write(cluster: Kafka) -> None:
    producer = TransactionalProducer(["localhost"], "id", SystemClock(), timeout_ms=10_000, batch_bytes=1_000)
    producer._client = cluster  # no broker can be made to give these answers
    await producer.start()
    async with asyncio.timeout(5):
        await producer.write(RECORDS, {}, "group")


async def test_a_coordinator_that_moved_is_looked_for(cluster: Kafka) -> None:
    cluster.answers(EndTxnRequest, kafka.NotCoordinatorError)
    await write(cluster)
    assert (cluster.lookups, cluster.count(EndTxnRequest)) == (2, 2)


async def test_what_was_not_tried_for_another_partitions_sake_is_tried_again(cluster: Kafka) -> None:
    cluster.answers(AddPartitionsToTxnRequest, (kafka.ConcurrentTransactions, kafka.OperationNotAttempted))
    await write(cluster)
    assert cluster.count(AddPartitionsToTxnRequest) == 2


async def test_only_the_batch_that_a_leader_did_not_take_is_sent_again(cluster: Kafka) -> None:
    cluster.answers(ProduceRequest, (kafka.NotLeaderForPartitionError, GOOD))
    await write(cluster)
    assert [cluster.partitions(r) for r in cluster.asked if isinstance(r, ProduceRequest)] == [(0, 1), (0,)]


@pytest.mark.parametrize("request_type", [AddPartitionsToTxnRequest, ProduceRequest, EndTxnRequest])
async def test_a_later_owner_is_given_way_to(cluster: Kafka, request_type: type) -> None:
    cluster.answers(request_type, kafka.InvalidProducerEpoch)
    with pytest.raises(kafka.ProducerFenced):
        await write(cluster)
    assert not isinstance(cluster.asked[-1], EndTxnRequest) or request_type is EndTxnRequest


@pytest.mark.parametrize("request_type", [AddPartitionsToTxnRequest, ProduceRequest, EndTxnRequest])
async def test_a_connection_that_broke_is_made_again_and_one_that_can_never_be_is_not(
    cluster: Kafka, request_type: type
) -> None:
    cluster.answers(request_type, kafka.KafkaConnectionError())
    await write(cluster)
    assert cluster.count(request_type) == 2
    cluster.answers(request_type, kafka.UnsupportedVersionError())
    with pytest.raises(kafka.UnsupportedVersionError):
        await write(cluster)

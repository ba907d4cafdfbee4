"""A producer of whole transactions, made for turns: one at a time, each handed over complete.

aiokafka's own producer takes records from anybody at any time, so it passes every step of a transaction to a task of
its own: 26 rounds of the event loop for each. In a busy worker a round lasts as long as what all other tasks do in it,
and that was most of a turn. This one asks Kafka three times (here are the partitions, here are the records, this is the
end) through aiokafka's client, which takes six rounds where one broker leads all partitions.

To the first Kafka may answer that the last transaction is still being marked as ended. That is asked again, and so is
what a leader or coordinator that moved, or a lost connection, has left open: what comes twice counts once, because of
the sequence numbers. It goes on until the caller loses patience. Anything else is raised, and ends the producer's use.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from aiokafka import TopicPartition
from aiokafka import errors as kafka
from aiokafka.client import AIOKafkaClient, ConnectionGroup, CoordinationType
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import (
    AddOffsetsToTxnRequest,
    AddPartitionsToTxnRequest,
    EndTxnRequest,
    InitProducerIdRequest,
    TxnOffsetCommitRequest,
)

from schemas.times import MILLISECOND, SECOND, Micros
from streams.clock import Clock
from streams.engine.record_batches import Entry, Identity, RecordBatches

AGAIN_AFTER = 0.1
"""Seconds after which Kafka is asked again for what it can't do now."""
MARKED_AFTER = 0.005
"""Seconds after which the last transaction may be marked as ended; then twice as long, and so on."""
_WRITTEN_WITHIN_MS = 30_000
_ALL_REPLICAS = -1
_NOT_DATED = -1
"""What Kafka answers of a topic whose records keep their producer's time."""
_MOVED = {kafka.CoordinatorNotAvailableError, kafka.NotCoordinatorError}
_NOT_YET = {kafka.CoordinatorLoadInProgressError, kafka.UnknownTopicOrPartitionError, *_MOVED}

_SKEW_HOLDS = 300.0
"""Seconds for which it is believed that the clocks are as far apart as they were found."""

Coordinator = tuple[CoordinationType, str]
T = TypeVar("T")


class TransactionalProducer:
    """One owner of a transactional id. ``timeout_ms``: after so long Kafka aborts what it has left open."""

    def __init__(
        self, brokers: Sequence[str], transactional_id: str, clock: Clock, *, timeout_ms: int, batch_bytes: int
    ) -> None:
        self._client = AIOKafkaClient(bootstrap_servers=list(brokers))
        self._id = transactional_id
        self._timeout_ms = timeout_ms
        self._batch_bytes = batch_bytes
        self._identity = Identity(-1, -1)
        self._batches = RecordBatches(self._identity, batch_bytes)
        self._topics: set[str] = set()
        self._coordinators: dict[Coordinator, int] = {}
        self._clock = clock
        self._skew = 0.0
        self._skew_until = 0.0

    async def start(self) -> None:
        """Fences every former owner of the id; its open transaction is aborted when this returns."""
        await self._client.bootstrap()
        answer = await self._ask(InitProducerIdRequest(self._id, self._timeout_ms))
        self._identity = Identity(answer.producer_id, answer.producer_epoch)
        self._batches = RecordBatches(self._identity, self._batch_bytes)

    async def partitions(self, topic: str) -> int:
        """How many partitions the topic has. Waits until there is one."""
        if topic not in self._topics:
            self._topics.add(topic)
            await self._client.add_topic(topic)
        while not (found := self._client.cluster.partitions_for_topic(topic)):
            await asyncio.sleep(AGAIN_AFTER)
            await self._client.force_metadata_update()
        return len(found)

    async def write(
        self, records: Mapping[TopicPartition, Iterable[Entry]], offsets: Mapping[TopicPartition, int], group: str
    ) -> None:
        """Writes one transaction: records, and the offsets of a group. Only a return says that it is committed."""
        batches = {tp: made for tp, entries in records.items() if (made := self._batches.of(tp, entries))}
        for topic in {tp.topic for tp in batches} - self._topics:
            await self.partitions(topic)  # of a topic that it is not told of the client knows no leaders
        announced = bool(batches)
        if announced:
            await self._announce(batches)
        while batches:
            await self._produce({tp: made[0] for tp, made in batches.items()})
            batches = {tp: made[1:] for tp, made in batches.items() if len(made) > 1}
        if offsets:
            await self._tell(offsets, group)
        if announced or offsets:
            await self._end()

    @property
    def skew(self) -> float | None:
        """How many seconds Kafka's clock was ahead of ours (negative: behind) at the last batch that it dated itself,
        beyond what the time between question and answer explains; ``None`` where that was none, or long ago."""
        return self._skew if asyncio.get_running_loop().time() < self._skew_until else None

    async def close(self) -> None:
        """Closes the connections. What is open Kafka aborts, for the next owner or after the time-out."""
        await self._client.close()

    # What a transaction consists of.

    async def _announce(self, tps: Iterable[TopicPartition]) -> None:
        topics: dict[str, list[int]] = defaultdict(list)
        for tp in tps:
            topics[tp.topic].append(tp.partition)
        await self._ask(AddPartitionsToTxnRequest(self._id, *self._identity, list(topics.items())))

    async def _tell(self, offsets: Mapping[TopicPartition, int], group: str) -> None:
        await self._ask(AddOffsetsToTxnRequest(self._id, *self._identity, group))
        topics: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for tp, offset in offsets.items():
            topics[tp.topic].append((tp.partition, offset, ""))
        request = TxnOffsetCommitRequest(self._id, group, *self._identity, list(topics.items()))
        await self._ask(request, (CoordinationType.GROUP, group))

    async def _end(self) -> None:
        await self._ask(EndTxnRequest(self._id, *self._identity, True))

    async def _produce(self, batches: Mapping[TopicPartition, bytearray]) -> None:
        """Writes one batch for each partition, at their leaders, and again what was not written for now."""
        left = dict(batches)
        while True:
            leaders: dict[int | None, dict[TopicPartition, bytearray]] = defaultdict(dict)
            for tp, batch in left.items():
                leaders[self._client.cluster.leader_for_partition(tp)][tp] = batch
            for written in await _all(self._write(*at) for at in leaders.items()):
                for tp in written:
                    del left[tp]
            if not left:
                return
            await self._client.force_metadata_update()
            await asyncio.sleep(AGAIN_AFTER)

    async def _write(self, leader: int | None, batches: Mapping[TopicPartition, bytearray]) -> list[TopicPartition]:
        """The partitions whose batches are written."""
        if leader is None or leader < 0:
            return []
        topics: dict[str, list[tuple[int, bytearray]]] = defaultdict(list)
        for tp, batch in batches.items():
            topics[tp.topic].append((tp.partition, batch))
        request = ProduceRequest(
            transactional_id=self._id,
            required_acks=_ALL_REPLICAS,
            timeout=_WRITTEN_WITHIN_MS,
            topics=list(topics.items()),
        )
        asked_at = self._clock.now()
        try:
            answer = await self._client.send(leader, request)
        except kafka.KafkaError as error:
            _raise_what_lasts(type(error))
            return []
        written = []
        for topic, parts in answer.topics:
            for partition, code, _, dated_at, *_ in parts:
                said = kafka.for_code(code)
                if said is kafka.NoError:
                    written.append(TopicPartition(topic, partition))
                    self._compare(dated_at, asked_at)
                else:
                    _raise_what_lasts(said)
        return written

    def _compare(self, dated_at: int, asked_at: Micros) -> None:
        """Learns by the moment in ms at which Kafka dated a batch how far its clock is from ours."""
        if dated_at != _NOT_DATED:
            self._skew = _outside(dated_at * MILLISECOND, asked_at, self._clock.now()) / SECOND
            self._skew_until = asyncio.get_running_loop().time() + _SKEW_HOLDS

    # Those that keep the transactions, and the group's offsets.

    async def _ask(self, request: Any, of: Coordinator | None = None) -> Any:
        """The coordinator's answer, once it is no longer "not now"."""
        of = of or (CoordinationType.TRANSACTION, self._id)
        marked_after = MARKED_AFTER
        while True:
            try:
                if of not in self._coordinators:
                    self._coordinators[of] = await self._client.coordinator_lookup(*of)
                answer = await self._client.send(self._coordinators[of], request, group=ConnectionGroup.COORDINATION)
                errors = _errors(answer)
            except kafka.KafkaError as error:
                _raise_what_lasts(type(error))
                errors = {kafka.CoordinatorNotAvailableError}
            if not errors:
                return answer
            if errors == {kafka.ConcurrentTransactions}:
                await asyncio.sleep(marked_after)
                marked_after = min(2 * marked_after, AGAIN_AFTER)
                continue
            for lasting in errors - _NOT_YET - {kafka.ConcurrentTransactions}:
                raise _as_known(lasting)
            if errors & _MOVED:
                self._coordinators.pop(of, None)
                await self._client.force_metadata_update()
            await asyncio.sleep(AGAIN_AFTER)


async def _all(asked: Iterable[Awaitable[T]]) -> list[T]:
    """What comes of all. One alone needs no task of its own, which would take three rounds of the event loop."""
    first, *others = asked
    return await asyncio.gather(first, *others) if others else [await first]


def _outside(moment: Micros, start: Micros, end: Micros) -> Micros:
    """How long after ``end`` a moment lies, or before ``start`` (negative)."""
    return moment - min(max(moment, start), end)


def _errors(answer: Any) -> set[type[kafka.KafkaError]]:
    """What an answer says of the whole or of single partitions. Where it says that it did not try, it says why too."""
    whole = [answer.error_code] if hasattr(answer, "error_code") else []
    parts = [code for _, parts in getattr(answer, "errors", ()) for _, code in parts]
    return {kafka.for_code(code) for code in (*whole, *parts)} - {kafka.NoError, kafka.OperationNotAttempted}


def _raise_what_lasts(error: type[kafka.KafkaError]) -> None:
    if not error.retriable:
        raise _as_known(error)


def _as_known(error: type[kafka.KafkaError]) -> type[kafka.KafkaError]:
    """A later owner shows by its epoch, or Kafka says so."""
    return kafka.ProducerFenced if error is kafka.InvalidProducerEpoch else error

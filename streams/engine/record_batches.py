"""Records in the form in which Kafka stores them: batches that carry the producer's id, epoch and sequence numbers.

With these the broker counts a batch that comes twice once.
"""

import time
from collections.abc import Iterable
from typing import NamedTuple

from aiokafka import TopicPartition
from aiokafka.record.default_records import DefaultRecordBatchBuilder

Entry = tuple[bytes | None, bytes | None]
"""A record's key and value."""

_FORMAT = 2
_UNCOMPRESSED = 0
_NO_HEADERS: list[tuple[str, bytes]] = []
_SEQUENCES = 2**31


class Identity(NamedTuple):
    """Who writes: the id that the broker gave, and the how many-th owner of it this is."""

    producer_id: int
    epoch: int


class RecordBatches:
    """Makes batches of up to ``size`` bytes for a transaction of one producer, each partition's in their order."""

    def __init__(self, identity: Identity, size: int) -> None:
        self._identity = identity
        self._size = size
        self._next: dict[TopicPartition, int] = {}

    def of(self, tp: TopicPartition, entries: Iterable[Entry]) -> list[bytearray]:
        """The batches of one partition, all records of one moment. A record that is larger has a batch of its own."""
        batches = []
        now = time.time_ns() // 1_000_000
        builder, count = self._builder(tp), 0
        for key, value in entries:
            if builder.append(count, now, key, value, _NO_HEADERS) is None:
                batches.append(self._built(tp, builder, count))
                builder, count = self._builder(tp), 0
                builder.append(count, now, key, value, _NO_HEADERS)
            count += 1
        if count:
            batches.append(self._built(tp, builder, count))
        return batches

    def _builder(self, tp: TopicPartition) -> DefaultRecordBatchBuilder:
        return DefaultRecordBatchBuilder(
            _FORMAT,
            _UNCOMPRESSED,
            is_transactional=1,
            producer_id=self._identity.producer_id,
            producer_epoch=self._identity.epoch,
            base_sequence=self._next.get(tp, 0),
            batch_size=self._size,
        )

    def _built(self, tp: TopicPartition, builder: DefaultRecordBatchBuilder, count: int) -> bytearray:
        self._next[tp] = (self._next.get(tp, 0) + count) % _SEQUENCES
        batch: bytearray = builder.build()
        return batch

"""Records as Kafka stores them, read again by aiokafka's own reader."""

from typing import Any

from aiokafka import TopicPartition
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from streams.engine.record_batches import Entry, Identity, RecordBatches

TP = TopicPartition("out", 0)
_BYTES = st.none() | st.binary(max_size=300)


def read(batches: list[bytearray]) -> list[Any]:
    found = []
    for batch in batches:
        records = MemoryRecords(bytes(batch))
        while records.has_next():
            found.append(records.next_batch())
    return found


@given(st.lists(st.lists(st.tuples(_BYTES, _BYTES), max_size=30), max_size=4), st.integers(100, 2_000))
def test_all_records_are_in_batches_in_their_order_each_with_its_sequence_number(
    transactions: list[list[Entry]], size: int
) -> None:
    made = RecordBatches(Identity(7, 3), size)
    batches = [batch for entries in transactions for batch in made.of(TP, entries)]
    records, expected = list[Entry](), 0
    for batch in read(batches):
        assert (batch.producer_id, batch.producer_epoch, batch.base_sequence) == (7, 3, expected)
        assert batch.is_transactional
        assert not batch.is_control_batch
        assert batch.validate_crc()
        mine = list(batch)
        expected += len(mine)
        records += [(record.key, record.value) for record in mine]
        assert [record.offset for record in mine] == list(range(len(mine)))
    assert records == [entry for entries in transactions for entry in entries]
    assert all(len(batch) <= size or len(list(read([batch])[0])) == 1 for batch in batches)


def test_each_partition_counts_its_own() -> None:
    made = RecordBatches(Identity(7, 3), 1_000)
    other = TopicPartition("out", 1)
    made.of(TP, [(b"a", b"1"), (b"b", b"2")])
    (batch,) = read(made.of(other, [(b"c", b"3")]))
    assert batch.base_sequence == 0


def test_nothing_makes_no_batch() -> None:
    assert RecordBatches(Identity(7, 3), 1_000).of(TP, []) == []


def test_after_the_last_sequence_number_comes_the_first() -> None:
    """As in Kafka's own client, ``DefaultRecordBatch.incrementSequence``."""
    made = RecordBatches(Identity(7, 3), 1_000)
    made._next[TP] = 2**31 - 2
    (last,) = read(made.of(TP, [(b"k", b"1"), (b"k", b"2"), (b"k", b"3")]))
    (first,) = read(made.of(TP, [(b"k", b"4")]))
    assert (last.base_sequence, first.base_sequence) == (2**31 - 2, 1)

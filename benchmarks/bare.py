"""The least that anything on aiokafka must do: ``python -m benchmarks.bare BROKER RUN EVENTS PARTITIONS``.

A loop that reads a batch, decodes each event, and writes one changelog record for each key that the batch changed.
It has no rules, no timers, no transactions, and loses and repeats events whenever something fails.
"""

import asyncio
import sys
import time

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from benchmarks.child import tell
from schemas.logistics import Event
from streams.engine.kafka_log import BATCH_BYTES, MOST_RECORDS
from streams.topics import LOGISTICS, RECORD_LIMIT, changelog


async def loop(broker: str, run: str, events: int, partitions: int) -> int:
    """Reads all there is."""
    reader = AIOKafkaConsumer(
        bootstrap_servers=broker,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=RECORD_LIMIT,
        fetch_max_bytes=4 * RECORD_LIMIT,
    )
    producer = AIOKafkaProducer(bootstrap_servers=broker, acks="all", max_batch_size=BATCH_BYTES)
    await reader.start()
    await producer.start()
    reader.assign([TopicPartition(LOGISTICS.name, partition) for partition in range(partitions)])
    decode = msgspec.json.Decoder(Event).decode
    encode = msgspec.msgpack.Encoder().encode
    left = events
    while left:
        found = await reader.getmany(timeout_ms=1_000, max_records=MOST_RECORDS)
        for tp, records in found.items():
            changed: dict[bytes, Event] = {}
            for record in records:
                changed[record.key] = decode(record.value)
            await _write(producer, changelog(run).name, tp.partition, {k: encode(e) for k, e in changed.items()})
            left -= len(records)
    await producer.stop()
    await reader.stop()
    return events


async def _write(producer: AIOKafkaProducer, topic: str, partition: int, changed: dict[bytes, bytes]) -> None:
    now = time.time_ns() // 1_000_000
    sent = []
    batch = producer.create_batch()
    for key, value in changed.items():
        if batch.append(key=key, value=value, timestamp=now) is None:
            sent.append(await producer.send_batch(batch, topic, partition=partition))
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=now)
    sent.append(await producer.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*sent)


if __name__ == "__main__":
    tell(loop(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))

"""Publishes the events of many shipments: ``python -m benchmarks.logistics BROKER EVENTS SHIPMENTS PARTITIONS``.

A shipment's first event is its dispatch; of the others most are scans, some report a delay, some deliver it.
"""

import random
import sys
import time
from collections.abc import Iterator

from aiokafka import AIOKafkaProducer

from benchmarks.child import tell
from schemas.times import HOUR, SECOND, Micros, instant
from streams.engine.partitioner import partition_of
from streams.topics import LOGISTICS

_PLACES = ("上海", "杭州", "嘉兴", "北京", "广州", "深圳", "成都", "武汉")
_CARRIERS = ("sf", "yto", "zto", "jd")
_AT_ONCE = 20_000


def events(count: int, shipments: int, now: Micros) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values, the same each time but for the moment: one event each 10 ms up to ``now``."""
    dice = random.Random(1)
    dispatched = [False] * shipments
    for number in range(count):
        shipment = dice.randrange(shipments)
        at = f"{instant(now - (count - number) * SECOND // 100 + 8 * HOUR):%Y-%m-%dT%H:%M:%S.%f}+08:00"
        key = f"YT{7_000_000_000 + shipment}"
        kind, more = _content(dice, first=not dispatched[shipment], shipment=shipment)
        dispatched[shipment] = True
        common = f'"event_id":"L-{number:010d}","type":"shipment.{kind}","occurred_at":"{at}","tracking_no":"{key}"'
        yield key.encode(), f"{{{common}{more}}}".encode()


def _content(dice: random.Random, *, first: bool, shipment: int) -> tuple[str, str]:
    place = dice.choice(_PLACES)
    if first:
        carrier = dice.choice(_CARRIERS)
        order = f'"order_id":"A{shipment}","customer_id":"C{shipment // 3}","carrier":"{carrier}"'
        return "dispatched", f',{order},"origin":"{place}","destination":"{dice.choice(_PLACES)}"'
    luck = dice.random()
    if luck < 0.02:
        return "delivered", ""
    if luck < 0.05:
        return "delay_reported", ',"reason":"weather","expected_days":2'
    return "scanned", f',"status":"in_transit","location":"{place}转运中心"'


async def publish(broker: str, count: int, shipments: int, partitions: int) -> int:
    """Publishes them, stamped with the moment of publishing."""
    producer = AIOKafkaProducer(bootstrap_servers=broker, max_batch_size=1 << 20)
    await producer.start()
    now = time.time_ns() // 1_000
    waiting: dict[int, list[tuple[bytes, bytes]]] = {partition: [] for partition in range(partitions)}
    for number, (key, value) in enumerate(events(count, shipments, now), 1):
        waiting[partition_of(key, partitions)].append((key, value))
        if number % _AT_ONCE == 0 or number == count:
            for partition, records in waiting.items():
                await _send(producer, partition, records)
                records.clear()
    await producer.stop()
    return count


async def _send(producer: AIOKafkaProducer, partition: int, records: list[tuple[bytes, bytes]]) -> None:
    left = iter(records)
    record = next(left, None)
    while record is not None:
        batch = producer.create_batch()
        while record is not None and batch.append(key=record[0], value=record[1], timestamp=time.time_ns() // 10**6):
            record = next(left, None)
        await (await producer.send_batch(batch, LOGISTICS.name, partition=partition))


if __name__ == "__main__":
    tell(publish(sys.argv[1], *(int(argument) for argument in sys.argv[2:])))

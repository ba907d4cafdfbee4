"""The detecting tasks in the engine, on the log in memory: crashes and repetition change nothing of what is written."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec

from agents import customers, inventory, orders, shipments
from schemas.times import DAY, SECOND, Micros
from streams.engine.memory_log import MemoryKafka, MemoryLogs
from streams.engine.partitioner import partition_of
from streams.engine.surroundings import Surroundings
from streams.engine.task import AnyTask, Task
from streams.engine.turn import Record
from tests.clock import START, ManualClock
from tests.events import CUSTOMER, STOCK_LEVEL, Event, event
from tests.unit.rules import RULES

PARTITIONS = 2
KINDS = (orders.kind(), shipments.kind(), customers.kind(), inventory.kind())


class Silent:
    """A watcher that looks away."""

    def turn(self, *_: Any) -> None: ...
    def state(self, *_: Any) -> None: ...
    def size(self, *_: Any) -> None: ...
    def left(self, *_: Any) -> None: ...
    def halted(self, *_: Any) -> None: ...
    def lost(self, *_: Any) -> None: ...
    def lag(self, *_: Any) -> None: ...
    def taken_over(self, *_: Any) -> None: ...
    def behind(self, *_: Any) -> None: ...
    def rebalanced(self) -> None: ...
    def failed(self, *_: Any) -> None: ...


class Worker:
    """All detecting tasks on one log, on which one step in ten fails."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.kafka = MemoryKafka(self.clock, PARTITIONS)
        self._dice = random.Random(11)
        around: Surroundings[Any] = Surroundings(self.clock, SimpleNamespace(current=RULES), Silent())
        logs = MemoryLogs(self.kafka, self._step)
        self.tasks: list[AnyTask] = [
            Task(kind, partition, logs, _no_call, around, settle_seconds=0, rebalancing=lambda: False)
            for kind in KINDS
            for partition in range(PARTITIONS)
        ]

    async def _step(self, _: str) -> None:
        await asyncio.sleep(0)
        if self._dice.random() < 0.1:
            raise ConnectionError

    async def publish(self, topic: str, key: str, value: Event | None) -> None:
        await self.kafka.publish(topic, key.encode(), None if value is None else msgspec.json.encode(value))

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                for task in self.tasks:
                    task.wake()
                await asyncio.sleep(0.001)

    def written(self, topic: str) -> list[Record]:
        return [record for partition in range(PARTITIONS) for record in self.kafka.records(topic, partition)]

    def commands(self) -> Counter[tuple[str, str]]:
        values = [msgspec.json.decode(record.value or b"") for record in self.written("notification-commands")]
        return Counter((value["action"], value["event_id"]) for value in values)


async def _no_call(call: object) -> None:
    raise AssertionError(call)


def of(number: int, kind: str, at: Micros, event_id: str) -> Event:
    """An event of the order or the parcel of that number."""
    names = {"tracking_no": f"T{number}"} if kind.startswith("shipment.") else {}
    names |= {"order_id": f"A{number}", "customer_id": f"C{number}"} if kind != "shipment.scanned" else {}
    return event(kind, at=at, event_id=f"{event_id}{number}") | names


async def test_each_exception_ends_once_on_its_customer_s_partition_whatever_crashes() -> None:
    worker = Worker()
    for _ in range(2):  # every event comes twice
        for number in range(8):
            order, parcel = f"A{number}", f"T{number}"
            await worker.publish("orders", order, of(number, "payment.failed", START, "F"))
            await worker.publish("orders", order, of(number, "payment.failed", START + 1, "R"))
            await worker.publish("orders", order, of(number, "order.paid", START + 2, "P"))
            await worker.publish("logistics", parcel, of(number, "shipment.dispatched", START, "D"))
            await worker.publish("customers", f"C{number}", CUSTOMER | {"customer_id": f"C{number}"})
            await worker.publish("inventory", "S1", STOCK_LEVEL)
    await worker.until(lambda: worker.commands().total() == 16 and len(worker.written("profiles")) == 16)
    worker.clock.advance(DAY + SECOND)
    await worker.until(lambda: worker.commands().total() == 24)
    for number in range(8):
        await worker.publish("logistics", f"T{number}", of(number, "shipment.scanned", START + DAY, "S"))
    await worker.until(lambda: worker.commands().total() == 40)
    await asyncio.gather(*(task.stop() for task in worker.tasks))

    acts = (("notify", "F"), ("settle", "P"), ("notify", "D"), ("settle", "S"), ("notify", "S"))
    assert worker.commands() == {(action, f"{event_id}{number}"): 1 for action, event_id in acts for number in range(8)}
    decisions = [msgspec.json.decode(record.value or b"") for record in worker.written("notification-decisions")]
    assert sorted(one["event_id"] for one in decisions) == [f"R{number}" for number in range(8)]
    assert not worker.written("dead-letters")
    for topic in ("notification-commands", "notification-decisions", "profiles"):
        for record in worker.written(topic):
            assert record.partition == partition_of(record.key or b"", PARTITIONS)

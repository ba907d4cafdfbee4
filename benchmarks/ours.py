"""The detect path as it runs in a worker: ``python -m benchmarks.ours BROKER RUN EVENTS PARTITIONS``.

The real task kind on the real engine, all partitions in this process, with the worker's metrics. Faust is not there,
as no record passes through it. ``RUN`` names the changelog and the transactional ids of this run alone.
"""

import asyncio
import dataclasses
import sys
from typing import Any

from agents import shipments
from agents.rules_source import RulesSource
from benchmarks.child import tell
from orderbell import garbage
from orderbell.defaults import DEFAULT_RULES
from streams.clock import SystemClock
from streams.engine.kafka_log import KafkaLogs
from streams.engine.surroundings import Surroundings
from streams.engine.task import Task
from streams.engine.turn import Turn
from streams.metrics import Metrics
from streams.topics import LOGISTICS


class Applied(Metrics):
    """The worker's metrics, which also say when so many records are applied."""

    def __init__(self, events: int) -> None:
        super().__init__()
        self._left = events
        self.all = asyncio.Event()

    def turn(self, task: str, partition: int, records: int, turn: Turn[Any, Any], seconds: float) -> None:
        super().turn(task, partition, records, turn, seconds)
        self._left -= records
        if self._left <= 0:
            self.all.set()

    def failed(self, task: str, partition: int, error: str) -> None:
        raise SystemExit(f"{task}-{partition}: {error}")


async def _call(_: Any) -> None:
    """Nothing is called on this path."""


async def detect(broker: str, run: str, events: int, partitions: int) -> int:
    """Applies the whole backlog."""
    metrics = Applied(events)
    logs = KafkaLogs((broker,), f"benchmark-{run}")
    kind = dataclasses.replace(shipments.kind(), name=run)
    around = Surroundings(SystemClock(), RulesSource(DEFAULT_RULES, None), metrics)
    tasks = [
        Task(kind, partition, logs, _call, around, settle_seconds=2, rebalancing=lambda: False)
        for partition in range(partitions)
    ]
    await metrics.all.wait()
    await asyncio.gather(*(task.stop() for task in tasks))
    await logs.close()
    read = metrics.registry.get_sample_value
    by_type = (read("orderbell_events_total", {"topic": LOGISTICS.name, "type": kind}) for kind in _TYPES)
    if sum(count or 0 for count in by_type) != events:
        raise SystemExit("not every event was taken for what it is")
    return events


_TYPES = ("shipment.dispatched", "shipment.scanned", "shipment.delay_reported", "shipment.delivered")


if __name__ == "__main__":
    garbage.look_seldom()  # as the worker does
    tell(detect(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))

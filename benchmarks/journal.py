"""The send path as it runs in a worker: ``python -m benchmarks.journal BROKER RUN MESSAGES PARTITIONS PROVIDER``.

The real sender on the real engine with the real gateway: commands in, calls to the provider, decisions, receipts out.
What it is told of the rest of the worker is that all is well: nobody opted out, no profile is on its way. ``RUN`` names
the changelog and the transactional ids of this run alone.
"""

import asyncio
import dataclasses
import sys
from typing import Any

from agents.gateways.aliyun import AliyunGateway
from agents.gateways.http import Http
from agents.rules_source import RulesSource
from agents.worker import build
from benchmarks.child import tell
from orderbell import garbage
from orderbell.defaults import DEFAULT_RULES
from schemas.opt_outs import Scope
from schemas.times import Micros
from streams.clock import SystemClock
from streams.engine.kafka_log import KafkaLogs
from streams.engine.surroundings import Surroundings
from streams.engine.task import Task
from streams.engine.turn import Turn
from streams.metrics import Metrics
from streams.policy.opt_outs import Hasher
from streams.settings import Aliyun, Secret


class Decided(Metrics):
    """The worker's metrics, which also say when so many messages were sent."""

    def __init__(self, messages: int) -> None:
        super().__init__()
        self._left = messages
        self.all = asyncio.Event()

    def turn(self, task: str, partition: int, records: int, turn: Turn[Any, Any], seconds: float) -> None:
        super().turn(task, partition, records, turn, seconds)
        self._left -= turn.counts["decisions", "sent", "accepted"]
        if self._left <= 0:
            self.all.set()

    def failed(self, task: str, partition: int, error: str) -> None:
        raise SystemExit(f"{task}-{partition}: {error}")


class AllIsWell:
    """Nobody opted out, and all customers are known."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock

    def stopped(self, number: str) -> bool:
        return False

    def stopped_marketing(self, number: str) -> bool:
        return False

    def fresh(self, now: Micros) -> bool:
        return True

    def holds(self, number_key: str, scope: Scope, at: Micros) -> bool:
        return False

    def customers_known_until(self) -> Micros:
        return self._clock.now()


async def send(broker: str, run: str, messages: int, partitions: int, provider: str) -> int:
    """Sends what is commanded."""
    clock, metrics = SystemClock(), Decided(messages)
    http = Http(clock)
    gateway = AliyunGateway(Aliyun(Secret("benchmark"), Secret("benchmark"), provider), http, clock)
    well = AllIsWell(clock)
    parts = build(well, well, {"aliyun": gateway}, Hasher("benchmark"), clock, partitions)
    sender = next(kind for kind in parts.kinds if kind.name == "sender")
    logs = KafkaLogs((broker,), f"benchmark-{run}")
    kind = dataclasses.replace(sender, name=run)
    around = Surroundings(clock, RulesSource(DEFAULT_RULES, None), metrics)
    tasks = [
        Task(kind, partition, logs, parts.caller.perform, around, settle_seconds=2, rebalancing=lambda: False)
        for partition in range(partitions)
    ]
    await metrics.all.wait()
    await asyncio.gather(*(task.stop() for task in tasks))
    await logs.close()
    await http.close()
    return messages


if __name__ == "__main__":
    garbage.look_seldom()  # as the worker does
    tell(send(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]))

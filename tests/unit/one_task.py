"""A task on the log in memory, for tests of it: one partition, its clock, and who watches it."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import msgspec

from streams.engine.memory_log import MemoryKafka, MemoryLogs, Step
from streams.engine.surroundings import Surroundings
from streams.engine.task import Task
from streams.engine.task_kind import TaskKind
from tests.clock import ManualClock
from tests.counting import Ask, Tally, counting


class Silent:
    """A watcher that keeps what it is told of."""

    def __init__(self) -> None:
        self.lags: dict[str, int] = {}
        self.measured = 0
        self.sizes: list[int] = []
        self.failures = 0
        self.turns = 0
        self.gone: list[str] = []
        """What it was told of the task: that it ``left`` or was halted, and the topics of which records were lost."""

    def turn(self, *_: Any) -> None:
        self.turns += 1

    def state(self, *_: Any) -> None:
        self.measured += 1

    def size(self, task: str, partition: int, octets: int) -> None:
        self.sizes.append(octets)

    def left(self, *_: Any) -> None:
        self.gone.append("left")

    def halted(self, task: str, partition: int, reason: str) -> None:
        self.gone.append(f"halted for {reason}")

    def lost(self, topic: str, partition: int) -> None:
        self.gone.append(topic)

    def taken_over(self, task: str, partition: int, seconds: float) -> None:
        pass

    def behind(self, task: str, partition: int, overdue: float, ahead: float, skew: float | None) -> None:
        pass

    def rebalanced(self) -> None:
        pass

    def lag(self, topic: str, partition: int, records: int, seconds: float) -> None:
        self.lags[topic] = records

    def failed(self, *_: Any) -> None:
        self.failures += 1


async def _nothing(_: str) -> None: ...


async def _done(call: Ask) -> str:
    return "done"


class World:
    """One partition, its clock, and at most one task."""

    def __init__(
        self,
        step: Step = _nothing,
        perform: Callable[[Any], Awaitable[Any]] = _done,
        kind: TaskKind[Tally, None] | None = None,
    ) -> None:
        self.kind = kind or counting()
        self.clock = ManualClock()
        self.kafka = MemoryKafka(self.clock)
        self.watcher = Silent()
        self._step = step
        self._perform = perform
        self.task: Task[Tally, None] | None = None

    def start(self) -> Task[Tally, None]:
        around = Surroundings(self.clock, SimpleNamespace(current=None), self.watcher)
        self.task = Task(
            self.kind,
            0,
            MemoryLogs(self.kafka, self._step),
            self._perform,
            around,
            settle_seconds=0,
            rebalancing=lambda: False,
        )
        return self.task

    async def publish(self, value: str) -> None:
        await self.kafka.publish("source", b"k", value.encode())

    @property
    def out(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(r.value or b"") for r in list(self.kafka.records("out"))]

    def seen(self) -> list[int]:
        return [o["number"] for o in self.out if o.get("what", "seen") == "seen"]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                if self.task is not None:
                    self.task.wake()
                await asyncio.sleep(0.001)

"""All workers of a soak, and what is done to them: each trouble is a disturbance."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from schemas.times import SECOND, Micros, instant
from streams.clock import SystemClock
from tests.oracle import Defect
from tests.oracle.evidence import Disturbance
from tests.soak.broker import Broker
from tests.soak.options import TOKEN
from tests.soak.worker import Line, Worker, lines

ENDS_WITHIN = 20.0
"""Seconds that a worker has to end in order."""


@dataclass(frozen=True)
class Kill:
    """A worker was killed, whose tasks had these partitions."""

    worker: str
    at: Micros
    sender: tuple[int, ...]
    orders: tuple[int, ...]


class Fleet:
    """``members`` are the workers that should be up, the guest among them while it is there."""

    def __init__(self, folder: Path, broker: Broker, settings: dict[str, str]) -> None:
        self.members: list[Worker] = []
        self.broker = broker
        self.troubles: Counter[str] = Counter()
        self.kills: list[Kill] = []
        self.disturbances: list[Disturbance] = []
        self.unruly: list[Defect] = []
        """Who did not end in order on SIGTERM."""
        self._folder = folder
        self._settings = settings
        self._all: list[Worker] = []
        self._clock = SystemClock()

    def now(self) -> Micros:
        """The wall clock, which is also the workers'."""
        return self._clock.now()

    def worker(self, gate: str, **settings: str) -> Worker:
        """A worker, not yet started, that reaches the vendor at ``gate``."""
        worker = Worker(
            f"worker-{len(self._all)}", self._folder, self._settings | {"ORDERBELL_ALIYUN_ENDPOINT": gate} | settings
        )
        self._all.append(worker)
        return worker

    @property
    def logged(self) -> list[Line]:
        """What all that ever were said."""
        return [line for worker in self._all for line in lines(worker.log)]

    def callbacks(self) -> list[str]:
        """Where the vendor's pushes may be brought; a balancer does not know who is frozen."""
        return [f"{worker.url}/callbacks/aliyun/{TOKEN}" for worker in self._all if worker.url]

    async def start(self) -> None:
        """Starts the members, and returns when all are ready."""
        began = self._clock.now()
        await asyncio.gather(*(worker.start() for worker in self.members))
        await self.ready()
        self.disturb("worker", began)

    async def ready(self) -> None:
        """Waits until all members are ready."""
        await asyncio.gather(*(worker.ready() for worker in self.members))

    async def stop(self) -> None:
        """Ends all."""
        for worker in self._all:
            worker.wake()
        await asyncio.gather(*(self._end(worker) for worker in self._all if worker.up))

    # Troubles.

    async def kill(self, worker: Worker, down: float) -> None:
        """SIGKILL, and a new life after so many seconds."""
        killed = await self.kill_only(worker)
        await self._again("kill -9", worker, killed.at - SECOND, down)

    async def kill_only(self, worker: Worker) -> Kill:
        """SIGKILL, and no new life yet."""
        had = [tuple(sorted(worker.partitions(task))) for task in ("sender", "orders")]
        await worker.kill()
        self.kills.append(Kill(worker.name, self._clock.now(), *had))
        return self.kills[-1]

    async def revive(self, killed: Kill, worker: Worker) -> None:
        """A new life after ``kill_only``."""
        await self._again("kill -9", worker, killed.at - SECOND, 0)

    async def restart(self, worker: Worker, down: float) -> None:
        """SIGTERM, and a new life after so many seconds."""
        began = self._clock.now()
        await self._end(worker)
        await self._again("SIGTERM", worker, began, down)

    async def freeze(self, worker: Worker, seconds: float) -> None:
        """SIGSTOP, and SIGCONT after so many seconds."""
        began = self._clock.now()
        worker.freeze()
        await asyncio.sleep(seconds)
        worker.wake()
        self._done("SIGSTOP", began)

    async def visit(self, guest: Worker, seconds: float) -> None:
        """One more worker joins, and leaves after so many seconds."""
        began = self._clock.now()
        await guest.start()
        self.disturb("worker", began)
        await asyncio.sleep(seconds)
        began = self._clock.now()
        await self._end(guest)
        self._done("join and leave", began)

    async def kill_broker(self, down: float) -> None:
        """SIGKILL for Kafka, and its new life after so many seconds."""
        began = self._clock.now()
        await self.broker.kill()
        await asyncio.sleep(down)
        await self.broker.start()
        self.troubles["broker kill -9"] += 1
        self.disturb("kafka", began)
        self.disturb("worker", began)

    async def _end(self, worker: Worker) -> None:
        began = self._clock.now()
        code = await worker.end()
        took = (self._clock.now() - began) / SECOND
        if code != 0 or took > ENDS_WITHIN:
            what = f"ended with {code} {took:.1f} s after SIGTERM at {instant(began)}"
            self.unruly.append(Defect("late", worker.name, what))

    async def _again(self, what: str, worker: Worker, began: Micros, down: float) -> None:
        await asyncio.sleep(down)
        await worker.start()
        self._done(what, began)

    def _done(self, what: str, began: Micros) -> None:
        self.troubles[what] += 1
        self.disturb("worker", began)

    def disturb(self, what: Literal["worker", "kafka"], began: Micros) -> None:
        """Something was wrong from ``began`` until now."""
        self.disturbances.append(Disturbance(what, began, self._clock.now()))

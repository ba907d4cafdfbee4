"""One simulated worker: the real one's parts, as ``build`` makes them, in a process that can die and freeze."""

import asyncio
from collections.abc import Callable, Mapping
from random import Random

from aiohttp import web

from agents.gateways.gateway import AnyGateway
from agents.gateways.pushed import Format
from agents.tasks import Tasks
from agents.web.callbacks import Callbacks
from agents.web.intake import Intake
from agents.worker import HEARTBEAT_SECONDS, build
from schemas.callbacks import What
from schemas.times import DAY, MILLISECOND, SECOND, Micros
from streams.clock import Clock
from streams.engine.memory_log import MemoryKafka, MemoryLogs
from streams.engine.surroundings import Rules, Surroundings
from streams.metrics import Metrics
from streams.policy import rules as policy
from streams.policy.opt_outs import Hasher
from tests.simulation.group import Group, Pairs
from tests.simulation.loop import Process, VirtualLoop
from tests.simulation.ports import Hearing, Ledger, Progress, Silent, Writer
from tests.simulation.weather import Weather

HASHER = Hasher("hash key")
SLOTS = 8
"""Few, so that a burst of a few dozen notices has to wait for them."""
TOKEN = "token"
_COLD = 0.4
"""How likely it is that Kafka is slow to a worker that has just begun."""
METRICS = Metrics()


class Worker:
    """From its start to its end. ``gateways`` makes those of this worker; ``failed``: see ``Weather``."""

    def __init__(
        self,
        loop: VirtualLoop,
        clock: Clock,
        kafka: MemoryKafka,
        group: Group,
        rules: Rules[policy.Rules],
        gateways: Callable[[], Mapping[str, AnyGateway]],
        random: Random,
        flaky: float,
        failed: Callable[[str], None],
    ) -> None:
        self._kafka = kafka
        self._group = group
        self._random = random
        self._tasks: Tasks | None = None
        self._rebalancing = False
        self.process = Process(loop)
        self.weather = Weather(clock, random, flaky, failed)
        if random.random() < _COLD:
            self.weather.slow(20 * SECOND)
        self.hearing = Hearing(clock, random.randrange(100, 1_900) * MILLISECOND)
        self.watcher = Silent()
        self._clock = clock
        self._around = Surroundings(clock, rules, self.watcher, measure_every=DAY)
        self._gateways = gateways
        ledger = Ledger(kafka, HASHER, self.hearing)
        self._ledger = ledger
        self.callbacks = Callbacks(
            token=TOKEN,
            intake=Intake(HASHER, ledger),
            writer=Writer(kafka, self.weather),
            clock=clock,
            metrics=METRICS,
        )

    def start(self) -> None:
        """Begins to come up."""
        self.process.spawn(self._come_up())

    async def _come_up(self) -> None:
        await asyncio.sleep(self._random.uniform(1, 4))
        progress = Progress(self._kafka, self.hearing)
        parts = build(self._ledger, progress, self._gateways(), HASHER, self._clock, self._kafka.partitions, SLOTS)
        self._tasks = Tasks(
            parts.kinds,
            MemoryLogs(self._kafka, self.weather.step, self.weather.most),
            parts.caller.perform,
            self._around,
            settle_seconds=2 * HEARTBEAT_SECONDS,
            rebalancing=lambda: self._rebalancing,
        )
        self._group.join(self)

    @property
    def up(self) -> bool:
        """Whether it has come as far as the group."""
        return self._tasks is not None

    async def leave(self) -> None:
        """As SIGTERM has it: the tasks first, then the group."""
        if self._tasks is not None:
            await self._tasks.stop()
        self._group.leave(self)

    # As a member of the group.

    def own(self, pairs: Pairs) -> None:
        """These partitions are its own now."""
        self._rebalancing = False
        if self._tasks is not None:
            self._tasks.own(pairs)

    def dealing(self) -> None:
        """The group is being dealt out anew."""
        self._rebalancing = True

    # As a vendor sees it.

    async def push(self, pushed: Format, what: What, body: bytes) -> int:
        """The status with which a push is answered."""
        try:
            await self.callbacks.take(pushed, what, body)
        except web.HTTPException as refusal:
            return refusal.status
        return 200


def freeze(worker: Worker, lasts: Micros) -> None:
    """Stops it. Whoever does so wakes it after ``lasts``."""
    worker.hearing.deafen(lasts + 500 * MILLISECOND)
    worker.process.freeze()

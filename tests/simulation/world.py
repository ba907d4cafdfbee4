"""A whole run: upstream, Kafka, some workers, vendors and everything that goes wrong, in virtual time.

``run`` plays a plan and returns the evidence. What belongs to no worker (upstream, the group's coordinator, the
vendors, and whoever kills and freezes) runs outside every process.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from types import SimpleNamespace
from typing import Any, NamedTuple

from msgspec.structs import replace

from agents.gateways.pushed import Format
from schemas.times import DAY, SECOND, Micros
from streams import topics
from streams.engine.memory_log import MemoryKafka
from streams.engine.partitioner import partition_of
from tests.clock import START
from tests.oracle.evidence import Disturbance, Evidence, Published, Said, Written
from tests.simulation.group import SESSION_SECONDS, Group
from tests.simulation.loop import VirtualLoop
from tests.simulation.plan import Plan, Publish, Reply, Say, Trouble
from tests.simulation.rules import RULES, rules_of
from tests.simulation.vendors import Vendors, manners
from tests.simulation.worker import Worker, freeze

QUIET_DAYS = 41
"""How long the world goes on after the shop has closed: until everything that ends has ended."""
RECOVERY: Micros = (int(SESSION_SECONDS) + 15) * SECOND
"""How long after a worker's trouble the group may need until all is as before."""
MANNERS = manners(RULES)
OUTPUTS = (
    topics.COMMANDS,
    topics.DECISIONS,
    topics.RECEIPTS,
    topics.DEAD_LETTERS,
    topics.SERVICE_TASKS,
    topics.COUPON_GRANTS,
    topics.INBOX,
)


class VirtualClock:
    """The wall clock of every machine in the world."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def now(self) -> Micros:
        """Micros since the epoch."""
        return START + self._loop.micros


class Played(NamedTuple):
    """What came of a plan. ``counts``: what went wrong, by kind."""

    evidence: Evidence
    counts: Counter[str]


class World:
    """Plays one plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop)
        self.kafka = MemoryKafka(self.clock, plan.partitions)
        self.group = Group(self.loop, Random(f"{plan.seed}/group"), plan.partitions, self._dealt)
        self.vendors = Vendors(plan.seed, plan.vendors, self.clock, self._push, MANNERS)
        self.loop.servers |= self.vendors.servers
        self.rules = SimpleNamespace(current=rules_of(plan.rules))
        self.published: list[Published] = []
        self.said: list[Said] = []
        self._own = plan.rules
        self.disturbances: list[Disturbance] = []
        self.counts: Counter[str] = Counter()
        self._random = Random(f"{plan.seed}/world")
        self._lives = [0] * plan.workers
        self._workers: list[Worker | None] = [None] * plan.workers

    def play(self) -> Played:
        """From the first moment to forty days after the last."""
        self.loop.run_until_complete(self._live())
        evidence = self._evidence()
        self.loop.end()
        return Played(evidence, self.counts + self.vendors.befell)

    async def _live(self) -> None:
        for index in range(self._plan.workers):
            self._start(index)
        for story in self._plan.stories:
            for act in story.acts:
                self.loop.call_at(act.at / SECOND, _DOES[type(act)], self, act)
        for trouble in self._plan.troubles:
            self.loop.call_at(trouble.at / SECOND, self._befall, trouble)
        await asyncio.sleep((self._plan.days + QUIET_DAYS) * DAY / SECOND)

    # Upstream, and whoever has a telephone.

    def _publish(self, act: Publish) -> None:
        key, value = (None if text is None else text.encode() for text in (act.key, act.value))
        record = self.kafka.append(act.topic, self._partition(key), key, value, self._stamp(act))
        self.published.append(
            Published(act.topic, record.partition, record.offset, record.timestamp, key, value, self.clock.now())
        )

    def _partition(self, key: bytes | None) -> int | None:
        return None if key is None else partition_of(key, self._plan.partitions)

    @staticmethod
    def _stamp(act: Publish) -> Micros | None:
        return None if act.timestamp is None else START + act.timestamp

    def _reply(self, act: Reply) -> None:
        self.vendors.reply(act.number, act.content)

    def _say(self, act: Say) -> None:
        said = dict(self._own.answers)
        said.pop(act.storm, None)
        if act.word is not None:
            said[act.storm] = act.word
        self._own = replace(self._own, answers=tuple(said.items()))
        self.rules.current = rules_of(self._own)
        self.said.append(Said(act.storm, act.word, self.clock.now()))

    # Workers, and what befalls them.

    def _start(self, index: int) -> None:
        self._lives[index] += 1
        worker = Worker(
            self.loop,
            self.clock,
            self.kafka,
            self.group,
            self.rules,
            self.vendors.gateways,
            Random(f"{self._plan.seed}/{index}/{self._lives[index]}"),
            self._plan.flaky,
            self._failed,
        )
        self._workers[index] = worker
        worker.start()
        self._disturb("worker", 0)

    def _befall(self, trouble: Trouble) -> None:
        worker = self._workers[trouble.worker % len(self._workers)]
        if worker is None or worker.process.dead or worker.process.frozen:
            return
        self.counts[trouble.what] += 1
        getattr(self, f"_{trouble.what}")(trouble, worker)

    def _crash(self, trouble: Trouble, worker: Worker) -> None:
        def died() -> None:
            self.group.unheard(worker)
            self.loop.call_later(trouble.lasts / SECOND, self._start, trouble.worker % len(self._workers))
            self._disturb("worker", trouble.lasts)

        worker.process.died = died
        if trouble.step:
            worker.process.dies_in = trouble.step
        else:
            worker.process.kill()

    def _freeze(self, trouble: Trouble, worker: Worker) -> None:
        def wake() -> None:
            worker.process.wake()
            if worker.up:
                self.group.woken(worker)

        freeze(worker, trouble.lasts)
        self.group.unheard(worker)
        self.loop.call_later(trouble.lasts / SECOND, wake)
        self._disturb("worker", trouble.lasts)

    def _leave(self, trouble: Trouble, worker: Worker) -> None:
        async def leave() -> None:
            await worker.leave()
            worker.process.kill()

        worker.process.died = lambda: self.group.unheard(worker)
        index = trouble.worker % len(self._workers)
        self.loop.call_later(20 + trouble.lasts / SECOND, self._start, index)
        self._workers[index] = None
        self._disturb("worker", 20 * SECOND + trouble.lasts)
        worker.process.spawn(leave())

    def _slow(self, trouble: Trouble, worker: Worker) -> None:
        worker.weather.slow(trouble.lasts)
        self._disturb("kafka", trouble.lasts)

    def _fail(self, trouble: Trouble, worker: Worker) -> None:
        worker.weather.fail(trouble.lasts)
        self._disturb("kafka", trouble.lasts)

    def _deaf(self, trouble: Trouble, worker: Worker) -> None:
        worker.hearing.deafen(trouble.lasts)
        self._disturb("kafka", trouble.lasts)

    def _deal(self, trouble: Trouble, worker: Worker) -> None:
        self.group.deal(shuffle=True)

    def _dealt(self, longest: float) -> None:
        self._disturb("worker", round(longest * SECOND))

    def _failed(self, step: str) -> None:
        self.counts[f"{step} failed"] += 1
        self._disturb("kafka", 0)

    def _disturb(self, what: Any, lasts: Micros) -> None:
        now = self.clock.now()
        self.disturbances.append(Disturbance(what, now, now + lasts + RECOVERY))

    async def _push(self, pushed: Format, what: Any, body: bytes) -> int | None:
        """A push reaches any worker that is up, as behind a load balancer."""
        up = [worker for worker in self._workers if worker is not None and not worker.process.dead]
        if not up:
            return None
        worker = self._random.choice(up)
        answer: asyncio.Future[int] = self.loop.create_future()

        async def answering() -> None:
            status = await worker.push(pushed, what, body)
            if not answer.done():  # whoever pushed may have given up
                answer.set_result(status)

        worker.process.spawn(answering())
        return await answer

    # What is known in the end.

    def _evidence(self) -> Evidence:
        plan = self._plan
        last = max((act.at for story in plan.stories for act in story.acts), default=0)
        return Evidence(
            published=self.published,
            written=self._written(),
            attempts=self.vendors.attempts,
            reported=self.vendors.reported,
            replied=self.vendors.replied,
            said=self.said,
            disturbances=[*self.disturbances, *self.vendors.disturbances],
            began_at=START,
            closed_at=START + last,
            ended_at=self.clock.now(),
            left=self._left(),
            providers=[provider for provider in RULES.providers if provider in plan.vendors],
            others=[provider for provider in plan.vendors if provider not in RULES.providers],
        )

    def _written(self) -> list[Written]:
        return [
            Written(r.topic, r.partition, r.offset, r.key, r.value, r.timestamp)
            for topic in OUTPUTS
            for partition in range(self._plan.partitions)
            for r in self.kafka.records(topic.name, partition)
        ]

    def _left(self) -> Mapping[str, list[str]]:
        left = {}
        for task in topics.SOURCES:
            for partition in range(self._plan.partitions):
                keys = self.kafka.table(topics.changelog(task).name, partition)
                left[f"{task}-{partition}"] = [key.decode() for key in keys if not key.startswith(b"\0")]
        return left


_DOES: Mapping[type, Callable[[World, Any], None]] = {
    Publish: World._publish,
    Reply: World._reply,
    Say: World._say,
}

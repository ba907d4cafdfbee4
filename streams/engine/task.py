"""A task: one partition number of one kind, owned through as many incarnations as it takes.

Any failure of Kafka's ends an incarnation; the task closes it, settles, and takes over anew, since what a failed
commit left behind only the log knows. Settling matters: ``ProducerFenced`` may mean that our own turn timed out, or
that there is a rightful owner, whom a zombie that took over at once would fence in its turn. So it waits for two
heartbeats *awake* (in short steps, as one long timer runs out while the process is frozen), or for the next assignment.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

import structlog

from schemas.times import MILLISECOND, SECOND
from streams.engine.applied import Applied
from streams.engine.calls import Calls, Perform
from streams.engine.incarnation import Halted, Incarnation
from streams.engine.log import Log, Logs
from streams.engine.surroundings import Surroundings
from streams.engine.task_kind import TaskKind
from streams.errors import Unavailable

S = TypeVar("S")
R = TypeVar("R")
log = structlog.get_logger()

CALLS_END_WITHIN = 5.0
"""How many seconds the calls under way have to end and be recorded when a task is stopped."""
SETTLES_WITHIN = 15.0
"""How many seconds a rebalance is waited for at most. A session and what it takes to deal; and Faust may forget to say
that one is over."""
_STEP = 0.1


class Task(Generic[S, R]):
    """Runs from its making until ``stop``. ``rebalancing`` says whether the group is being dealt out anew."""

    def __init__(
        self,
        kind: TaskKind[S, R],
        partition: int,
        logs: Logs,
        perform: Perform,
        around: Surroundings[R],
        *,
        settle_seconds: float,
        rebalancing: Callable[[], bool],
    ) -> None:
        self._kind = kind
        self._partition = partition
        self._logs = logs
        self._around = around
        self._settle_seconds = settle_seconds
        self._rebalancing = rebalancing
        self._calls = Calls(perform, self.wake)
        self._woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._assigned = asyncio.Event()
        self._stopping = False
        self._applied: Applied | None = None
        """How far the sources were applied when turns were done here last; where none were, what the changelog says."""
        self.recovered = False
        """Whether the state is restored and turns are being done."""
        self.halted: str | None = None
        """Why the task was given up for good, where it was."""
        self._job = asyncio.ensure_future(self._live())

    def wake(self) -> None:
        """Has the task look at what has come: a result, new rules, the wish to stop."""
        if not self._woken.done():
            self._woken.set_result(None)

    def assigned(self) -> None:
        """The group was dealt out anew and the task stays here: no need to settle any longer."""
        self._assigned.set()

    async def _live(self) -> None:
        while not self._stopping:
            kafka = self._logs.open(self._kind.name, self._partition, self._kind.sources, tuple(self._kind.followed))
            incarnation = Incarnation(self._kind, self._partition, kafka, self._calls, self._around)
            try:
                began = self._around.clock.now()
                await incarnation.take_over()
                seconds = (self._around.clock.now() - began) / SECOND
                self._around.watcher.taken_over(self._kind.name, self._partition, seconds)
                log.info("task_recovered", task=self._kind.name, partition=self._partition)
                self.recovered = True
                await self._turns(incarnation)
            except Halted as error:
                self.halted = str(error)
                log.error("task_halted", task=self._kind.name, partition=self._partition, error=str(error))
                self._around.watcher.left(self._kind.name, self._partition, self._kind.sources)
                self._around.watcher.halted(self._kind.name, self._partition, "defects")
                return
            except Exception as error:  # noqa: BLE001  # aiokafka fails in many ways; each means taking over anew
                self._failed(error)
                if self.recovered or self._applied is None:
                    self._applied = incarnation.applied
            finally:
                self.recovered = False
                await incarnation.close()
            await self._settle(kafka)
        self._around.watcher.left(self._kind.name, self._partition, self._kind.sources)
        log.info("task_stopped", task=self._kind.name, partition=self._partition)

    async def _turns(self, incarnation: Incarnation[S, R]) -> None:
        while not self._stopping:
            await incarnation.turn(self._woken)
            if self._woken.done():
                self._woken = asyncio.get_running_loop().create_future()
        await self._finish(incarnation)

    async def _finish(self, incarnation: Incarnation[S, R]) -> None:
        """Lets the calls under way end and be recorded; the rest is in doubt for the next owner."""
        deadline = self._around.clock.now() + int(CALLS_END_WITHIN * 1000) * MILLISECOND
        while self._calls.waiting or (self._calls.under_way and self._around.clock.now() < deadline):
            await self._calls.settle(_STEP)
            if self._calls.waiting:
                await incarnation.finish()

    async def _settle(self, kafka: Log) -> None:
        self._assigned.clear()
        waited = 0.0
        telling = asyncio.ensure_future(self._tell_lag(kafka))
        try:
            await asyncio.sleep(0)  # even where there is nothing to wait for, others must get their turn
            while not (self._stopping or self._assigned.is_set()) and (
                waited < self._settle_seconds or (self._rebalancing() and waited < SETTLES_WITHIN)
            ):
                await asyncio.sleep(_STEP)
                waited += _STEP
        finally:
            telling.cancel()

    async def _tell_lag(self, kafka: Log) -> None:
        """Nobody works on the partition meanwhile, and what comes waits: a lag from before that would be a lie."""
        if self._applied is not None:
            with suppress(Unavailable):  # it is told why nothing works
                ends = await kafka.ends()
                self._applied.tell_lag(self._around.watcher, self._partition, ends, self._around.clock.now())

    async def stop(self) -> None:
        """Ends after the turn under way. What cannot end in time is left: the next owner's fence aborts it."""
        self._stopping = True
        self._calls.close()
        self.wake()
        if not self.recovered:
            self._job.cancel()  # nothing is under way that would have to be finished
        await asyncio.wait([self._job], timeout=CALLS_END_WITHIN + 3)
        self._calls.abandon()
        self._job.cancel()
        await asyncio.wait([self._job], timeout=3)
        if self.halted:
            self._around.watcher.left(self._kind.name, self._partition, self._kind.sources)

    def _failed(self, error: Exception) -> None:
        name, words = type(error).__name__, {"says": str(error)} if isinstance(error, Unavailable) else {}
        self._around.watcher.failed(self._kind.name, self._partition, name)
        log.warning("incarnation_failed", task=self._kind.name, partition=self._partition, error=name, **words)


AnyTask = Task[Any, Any]

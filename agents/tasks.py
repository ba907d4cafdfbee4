"""The tasks that this worker owns: those of the partitions that the group has dealt to it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import structlog

from streams.engine.calls import Perform
from streams.engine.log import Logs
from streams.engine.surroundings import Surroundings
from streams.engine.task import AnyTask, Task
from streams.engine.task_kind import TaskKind
from streams.metrics import TASK_STATES

log = structlog.get_logger()


class Tasks:
    """Starts and stops tasks as the group is dealt out."""

    def __init__(
        self,
        kinds: Sequence[TaskKind[Any, Any]],
        logs: Logs,
        perform: Perform,
        around: Surroundings[Any],
        *,
        settle_seconds: float,
        rebalancing: Callable[[], bool],
    ) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        self._logs = logs
        self._perform = perform
        self._around = around
        self._settle_seconds = settle_seconds
        self._rebalancing = rebalancing
        self._tasks: dict[tuple[str, int], AnyTask] = {}
        self._partly: set[tuple[str, int]] = set()
        """Those that can't be done, since the group has dealt their sources to different workers, or not all."""
        self._leaving: set[asyncio.Future[None]] = set()
        self._closed = False

    def own(self, assigned: set[tuple[str, int]]) -> None:
        """Takes over what is new among the (topic, partition) pairs, stops what is no longer there; never blocks.

        A task whose partition stays goes on through the rebalance.
        """
        if self._closed:
            return
        wanted = {
            (kind.name, partition)
            for kind in self._kinds.values()
            for topic, partition in assigned
            if topic == kind.sources[0] and all((other, partition) in assigned for other in kind.sources)
        }
        self._partly = self._some(assigned) - wanted
        for name, partition in sorted(self._partly):
            log.error("partly_assigned", task=name, partition=partition)
        for key in sorted(set(self._tasks) - wanted):
            self._leave(self._tasks.pop(key))
        for task in self._tasks.values():
            task.assigned()
        for name, partition in sorted(wanted - set(self._tasks)):
            self._tasks[name, partition] = self._start(name, partition)
        self._around.watcher.rebalanced()
        log.info("partitions_assigned", tasks=len(self._tasks))

    def _some(self, assigned: set[tuple[str, int]]) -> set[tuple[str, int]]:
        """The tasks of which at least one source is among the pairs."""
        return {
            (kind.name, partition)
            for kind in self._kinds.values()
            for topic, partition in assigned
            if topic in kind.sources
        }

    def _start(self, name: str, partition: int) -> AnyTask:
        return Task(
            self._kinds[name],
            partition,
            self._logs,
            self._perform,
            self._around,
            settle_seconds=self._settle_seconds,
            rebalancing=self._rebalancing,
        )

    def _leave(self, task: AnyTask) -> None:
        stopping = asyncio.ensure_future(task.stop())
        self._leaving.add(stopping)
        stopping.add_done_callback(self._leaving.discard)

    def wake(self) -> None:
        """Has every task look at what has changed, such as the rules."""
        for task in self._tasks.values():
            task.wake()

    @property
    def unrecovered(self) -> list[str]:
        """The tasks that are not doing turns: still restoring, failing, halted, or dealt out in part only."""
        waiting = {key for key, task in self._tasks.items() if not task.recovered}
        return [f"{name}-{partition}" for name, partition in sorted(waiting | self._partly)]

    @property
    def states(self) -> dict[str, int]:
        """How many tasks are recovered, are recovering, or were halted for good."""
        states = dict.fromkeys(TASK_STATES, 0)
        for task in self._tasks.values():
            states["halted" if task.halted else "recovered" if task.recovered else "recovering"] += 1
        return states

    async def stop(self) -> None:
        """Stops all, each after its turn and with its calls ended or left in doubt."""
        self._closed = True
        for task in self._tasks.values():
            self._leave(task)
        self._tasks = {}
        await asyncio.gather(*self._leaving)

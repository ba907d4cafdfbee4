"""An event loop whose time is virtual, on which several processes live, die and freeze.

Nothing is waited for: when no callback is ready, time jumps to the next timer. So a simulated day costs what happens
in it, and a run depends on nothing but its plan.

Whatever a process starts inherits its context, by which the loop knows each callback's process. Of a dead process
nothing runs any more, no ``finally`` either, as after kill -9; what a frozen one would have run, timers that ran out
meanwhile included, runs when it is woken.
"""

import asyncio
from asyncio import AbstractEventLoop, Future, Task
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeVar

from schemas.times import SECOND, Micros

T = TypeVar("T")


class Deadlock(Exception):
    """Everybody waits for something that nobody will do."""


class Process:
    """Whatever runs in one process: in ``context``, as everything does that is started from there."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop
        loop.processes.append(self)
        self.dead = False
        self.frozen = False
        self.dies_in: int | None = None
        """How many callbacks it still runs before it dies, if it is to die."""
        self.died: Callable[[], None] = lambda: None
        """Is run when it has died."""
        self.backlog: list[_Handle] = []
        self.context = copy_context()
        self.context.run(_process.set, self)

    def spawn(self, work: Coroutine[Any, Any, T]) -> "Task[T]":
        """Runs ``work`` in this process."""
        return self._loop.create_task(work, context=self.context)

    def freeze(self) -> None:
        """As SIGSTOP does."""
        self.frozen = True

    def wake(self) -> None:
        """As SIGCONT does."""
        if self.dead:
            return
        self.frozen = False
        backlog, self.backlog = self.backlog, []
        self._loop.ready.extend(backlog)

    def kill(self) -> None:
        """As SIGKILL does."""
        if not self.dead:
            self.dead = True
            self.died()


_process: ContextVar[Process | None] = ContextVar("process", default=None)


class _Handle:
    """A callback that waits for its turn. What asyncio asks of a handle, and no more."""

    __slots__ = ("args", "callback", "context", "gone")

    def __init__(self, callback: Callable[..., object], args: tuple[Any, ...], context: Context | None) -> None:
        self.callback = callback
        self.args = args
        self.context = copy_context() if context is None else context
        self.gone = False

    def cancel(self) -> None:
        """It is not to run any more."""
        self.gone = True

    def cancelled(self) -> bool:
        """Whether it is not to run any more."""
        return self.gone


_Base: Any = AbstractEventLoop


class VirtualLoop(_Base):  # type: ignore[misc]  # files, other sockets and threads, abstract there, it will not be asked for
    """``time`` begins at 0. An exception that a callback raises ends the run; ``complaints`` are asyncio's own."""

    def __init__(self) -> None:
        self.ready: deque[_Handle] = deque()
        self.processes: list[Process] = []
        self.complaints: list[str] = []
        self.servers: dict[str, Callable[[Any], Coroutine[Any, Any, Any]]] = {}
        """By their hosts, what connects a protocol with them."""
        self.micros: Micros = 0
        """The time, as the program counts it."""
        self._timers: list[tuple[Micros, int, _Handle]] = []
        self._order = count()
        self._running = False
        self._closed = False

    # What asyncio needs of a loop.

    def time(self) -> float:
        """Virtual seconds."""
        return self.micros / SECOND

    def call_soon(self, callback: Any, *args: Any, context: Context | None = None) -> Any:
        """Runs ``callback`` when all that is ready has run."""
        handle = _Handle(callback, args, context)
        self.ready.append(handle)
        return handle

    def call_later(self, delay: float, callback: Any, *args: Any, context: Context | None = None) -> Any:
        """Runs ``callback`` after ``delay`` virtual seconds."""
        return self._call_at(self.micros + round(delay * SECOND), _Handle(callback, args, context))

    def call_at(self, when: float, callback: Any, *args: Any, context: Context | None = None) -> Any:
        """Runs ``callback`` at ``when``."""
        return self._call_at(round(when * SECOND), _Handle(callback, args, context))

    def _call_at(self, at: Micros, handle: _Handle) -> _Handle:
        heappush(self._timers, (at, next(self._order), handle))
        return handle

    def create_future(self) -> "Future[Any]":
        """A future of this loop's."""
        return Future(loop=self)

    def create_task(self, coro: Any, *, name: Any = None, context: Context | None = None) -> "Task[Any]":
        """A task, which belongs to the process in whose context it runs."""
        return Task(coro, loop=self, name=name, context=context)

    async def create_connection(self, protocol_factory: Any, host: Any = None, **_: Any) -> Any:
        """A connection to one of the ``servers``."""
        return await self.servers[host](protocol_factory)

    def get_debug(self) -> bool:
        """Never."""
        return False

    def is_running(self) -> bool:
        """Whether it runs."""
        return self._running

    def is_closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def end(self) -> None:
        """Has every task end, those of the dead as well, once the evidence is taken: else Python would complain."""
        for task in asyncio.all_tasks(self):
            task.cancel()
        for process in self.processes:
            process.dead, process.dies_in = False, None
            process.died = lambda: None
            process.wake()
        while tasks := asyncio.all_tasks(self):
            self.run_until_complete(asyncio.wait(tasks))

    def close(self) -> None:
        """Forgets all that was to run."""
        self.ready.clear()
        self._timers.clear()
        self._closed = True

    def call_exception_handler(self, context: Any) -> None:
        """What asyncio would log, such as an exception that nobody asked for."""
        self.complaints.append(f"{context['message']}: {context.get('exception')!r}")

    def run_until_complete(self, future: Any) -> Any:
        """Runs until ``future`` is done, and returns its result."""
        done: Future[Any] = asyncio.ensure_future(future, loop=self)
        asyncio._set_running_loop(self)
        self._running = True
        try:
            while not done.done():
                self._step()
        finally:
            self._running = False
            asyncio._set_running_loop(None)
        return done.result()

    # How it goes on.

    def _step(self) -> None:
        if not self.ready:
            self._advance()
        handle = self.ready.popleft()
        if handle.gone:
            return
        process: Process | None = handle.context.get(_process)
        if process is not None:
            if process.dies_in is not None:
                process.dies_in -= 1
                if process.dies_in < 0:
                    process.kill()
            if process.dead or process.frozen:
                process.backlog.append(handle)
                return
        handle.context.run(handle.callback, *handle.args)

    def _advance(self) -> None:
        timers = self._timers
        while timers and timers[0][2].gone:
            heappop(timers)
        if not timers:
            raise Deadlock
        self.micros = max(self.micros, timers[0][0])
        while timers and timers[0][0] <= self.micros:
            self.ready.append(heappop(timers)[2])

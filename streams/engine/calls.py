"""The calls that a task has under way, and what has come of those that ended."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

Perform = Callable[[Any], Awaitable[Any]]
"""Does a call and returns what came of it; never raises but when cancelled."""


class Calls:
    """Calls run beside the turns; each result waits here for a turn of its own. ``woken`` is run when one comes."""

    def __init__(self, perform: Perform, woken: Callable[[], None]) -> None:
        self._perform = perform
        self._woken = woken
        self._under_way: set[asyncio.Task[None]] = set()
        self._ended: list[tuple[Any, Any]] = []
        self._closing = False

    def close(self) -> None:
        """From now on no call begins; what would have has the result ``None``."""
        self._closing = True

    def start(self, calls: Iterable[Any]) -> None:
        """Begins each call."""
        if self._closing:
            self._ended.extend((call, None) for call in calls)
            return
        for call in calls:
            task = asyncio.ensure_future(self._run(call))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _run(self, call: Any) -> None:
        result = await self._perform(call)
        self._ended.append((call, result))
        self._woken()

    def take(self) -> list[tuple[Any, Any]]:
        """The results that have come since the last time."""
        ended, self._ended = self._ended, []
        return ended

    def put_back(self, results: Iterable[tuple[Any, Any]]) -> None:
        """Results whose turn failed wait for the next one."""
        self._ended = [*results, *self._ended]

    @property
    def waiting(self) -> bool:
        """Whether there are results to take."""
        return bool(self._ended)

    async def settle(self, seconds: float) -> None:
        """Waits until a call ends, or so long."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    @property
    def under_way(self) -> int:
        """How many calls have begun and not ended."""
        return len(self._under_way)

    def abandon(self) -> None:
        """Cancels what is still under way. Whoever owns the task next finds these calls in doubt."""
        for task in self._under_way:
            task.cancel()

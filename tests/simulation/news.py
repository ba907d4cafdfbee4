"""What a simulated vendor pushes: reports and replies, tried again as the real one does."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any

from agents.gateways.pushed import Format
from schemas.callbacks import What
from schemas.times import Micros
from streams.clock import Clock
from tests.simulation.manner import Manner

Push = Callable[[Format, What, bytes], Awaitable[int | None]]
"""Brings a vendor's push to some worker: the HTTP status of its answer, ``None`` for none."""

_ANSWERED_WITHIN = 0.7


class News:
    """One report or one reply. ``answered_at``: the first time that a push of it was answered as the vendor expects."""

    __slots__ = ("answered_at", "known_at")

    def __init__(self, known_at: Micros) -> None:
        self.known_at = known_at
        self.answered_at: Micros | None = None


class Pushing:
    """Pushes news, in the vendor's own ``context``."""

    def __init__(self, push: Push, manner: Manner, clock: Clock, context: Context) -> None:
        self._push = push
        self._manner = manner
        self._clock = clock
        self._context = context

    def later(self, seconds: float, what: What, element: dict[str, Any], news: News | None = None) -> None:
        """Begins to push one element, later."""
        body = self._manner.body(element, reply=what == "reply")
        asyncio.get_running_loop().call_later(seconds, self._begin, what, body, news, context=self._context)

    def _begin(self, what: What, body: bytes, news: News | None) -> None:
        # The loop knows of what is under way, and is its only reference: nothing here waits for its end.
        asyncio.get_running_loop().create_task(self._push_until_answered(what, body, news), context=self._context)

    async def _push_until_answered(self, what: What, body: bytes, news: News | None) -> None:
        waited = 0.0
        for at in (0.0, *self._manner.pushes_again):
            await asyncio.sleep(at - waited)
            waited = at
            if await self._try(what, body) == 200:
                if news is not None and news.answered_at is None:
                    news.answered_at = self._clock.now()
                return

    async def _try(self, what: What, body: bytes) -> int | None:
        try:
            async with asyncio.timeout(_ANSWERED_WITHIN):
                return await self._push(self._manner.pushed, what, body)
        except TimeoutError:
            return None

"""What the vendor pushes, to whichever worker answers, as through a load balancer in front of them."""

import asyncio
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, Literal

import aiohttp
import msgspec

from schemas.times import Micros
from streams.clock import SystemClock

Path = Literal["receipts", "replies"]

_TRIED_AT = (0.0, 1, 3, 6, 12, 25, 50, 100, 200)
_ANSWERED_WITHIN = aiohttp.ClientTimeout(total=0.7)


class News:
    """One report or one reply. ``answered_at``: the first time that a push of it was answered as expected."""

    def __init__(self, known_at: Micros) -> None:
        self.known_at = known_at
        self.answered_at: Micros | None = None


class Pushes:
    """Pushes until it is answered. ``callbacks`` are the addresses at which workers listen now."""

    def __init__(self, callbacks: Callable[[], list[str]], random: Random) -> None:
        self._callbacks = callbacks
        self._random = random
        self._session: aiohttp.ClientSession | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many are not yet answered."""
        return len(self._under_way)

    def later(self, seconds: float, path: Path, element: dict[str, Any], news: News) -> None:
        """Begins to push an array of one, later."""
        if not self._closed:
            self._spawn(self._push(seconds, path, msgspec.json.encode([element]), news))

    async def stop(self) -> None:
        """Gives up what is under way."""
        self._closed = True
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _spawn(self, pushing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(pushing)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _push(self, seconds: float, path: Path, body: bytes, news: News) -> None:
        waited = -seconds
        for at in _TRIED_AT:
            await asyncio.sleep(at - waited)
            waited = at
            if await self._try(path, body):
                news.answered_at = news.answered_at or SystemClock().now()
                return

    async def _try(self, path: Path, body: bytes) -> bool:
        """The balancer goes on to the next worker where one can't be reached, and waits for one that can be."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_ANSWERED_WITHIN)
        callbacks = self._callbacks()
        for callback in self._random.sample(callbacks, len(callbacks)):
            try:
                async with self._session.post(
                    f"{callback}/{path}", data=body, headers={"Content-Type": "application/json"}
                ) as response:
                    return response.status == 200 and msgspec.json.decode(await response.read())["code"] == 0
            except aiohttp.ClientConnectorError:
                continue
            except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError):
                return False
        return False

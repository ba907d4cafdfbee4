"""The vendor's pushes: delivery reports and replies, tried again until they are answered as it expects."""

import asyncio
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import aiohttp
import msgspec

Path = Literal["receipts", "replies"]

_MOST_AT_ONCE = 100


class Tried(NamedTuple):
    """One try of a push: what it was answered, ``None`` for no answer in time."""

    path: Path
    elements: list[dict[str, Any]]
    status: int | None
    answered: bool


class Pushes:
    """Pushes to ``callback``. ``again`` says when a push that was not answered is repeated, in seconds after it."""

    def __init__(
        self, callback: str | None, again: Sequence[float] = (60, 300, 600), answer_within: float = 0.7
    ) -> None:
        self._callback = callback
        self._again = again
        self._timeout = aiohttp.ClientTimeout(total=answer_within)
        self._session: aiohttp.ClientSession | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self.tried: list[Tried] = []

    def push(self, path: Path, elements: Sequence[dict[str, Any]]) -> None:
        """Pushes the elements, up to a hundred in one array. Nothing is pushed where there is no callback."""
        if self._callback is None:
            return
        for start in range(0, len(elements), _MOST_AT_ONCE):
            task = asyncio.ensure_future(self._push(path, list(elements[start : start + _MOST_AT_ONCE])))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def stop(self) -> None:
        """Gives up what is under way."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _push(self, path: Path, elements: list[dict[str, Any]]) -> None:
        waited = 0.0
        for until in (0.0, *self._again):
            await asyncio.sleep(until - waited)
            waited = until
            if await self._try(path, elements):
                return

    async def _try(self, path: Path, elements: list[dict[str, Any]]) -> bool:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        status, answered = None, False
        try:
            async with self._session.post(
                f"{self._callback}/{path}",
                data=msgspec.json.encode(elements),
                headers={"Content-Type": "application/json"},
            ) as response:
                status = response.status
                answered = status == 200 and msgspec.json.decode(await response.read(), type=_Answer).code == 0
        except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError):
            pass  # as good as no answer: `tried` says so, and it comes again
        self.tried.append(Tried(path, elements, status, answered))
        return answered


class _Answer(msgspec.Struct):
    code: int

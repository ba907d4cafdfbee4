"""The vendor's pushes: delivery reports and replies, tried again until they are answered as it expects."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import aiohttp
import msgspec

Path = Literal["receipts", "replies"]
"""What is pushed. Most vendors have a path for each."""

_MOST_AT_ONCE = 100


class Tried(NamedTuple):
    """One try of a push: what it was answered, ``None`` for no answer in time."""

    path: Path
    body: Any
    status: int | None
    answered: bool


class Pushes(ABC):
    """Pushes to ``callback``. ``again`` says when a push that was not answered is repeated, in seconds after it."""

    usual: Sequence[float]
    """When the vendor repeats it, unless told otherwise."""
    headers: Mapping[str, str] = {"Content-Type": "application/json"}

    def __init__(self, callback: str | None, again: Sequence[float] | None = None, answer_within: float = 0.7) -> None:
        self.callback = callback
        self._again = self.usual if again is None else again
        self._timeout = aiohttp.ClientTimeout(total=answer_within)
        self._session: aiohttp.ClientSession | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self.tried: list[Tried] = []

    def push(self, path: Path, elements: Sequence[dict[str, Any]]) -> None:
        """Pushes the elements. Nothing is pushed where there is no callback."""
        if self.callback is None:
            return
        for body in self.bodies(path, elements):
            task = asyncio.ensure_future(self._push(path, body))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    def address(self, path: Path) -> str:
        """Where that is pushed to."""
        return f"{self.callback}/{path}"

    @abstractmethod
    def bodies(self, path: Path, elements: Sequence[dict[str, Any]]) -> list[Any]:
        """The elements as the vendor packs them."""

    def written(self, body: Any) -> bytes:
        """A body's bytes."""
        return msgspec.json.encode(body)

    @abstractmethod
    def taken(self, answer: bytes) -> bool:
        """Whether this is the answer that the vendor expects."""

    async def stop(self) -> None:
        """Gives up what is under way."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _push(self, path: Path, body: Any) -> None:
        waited = 0.0
        for until in (0.0, *self._again):
            await asyncio.sleep(until - waited)
            waited = until
            if await self._try(path, body):
                return

    async def _try(self, path: Path, body: Any) -> bool:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        status, answered = None, False
        try:
            async with self._session.post(
                self.address(path),
                data=self.written(body),
                headers=self.headers,
            ) as response:
                status = response.status
                answered = status == 200 and self.taken(await response.read())
        except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError):
            pass  # as good as no answer: `tried` says so, and it comes again
        self.tried.append(Tried(path, body, status, answered))
        return answered


def hundreds(elements: Sequence[dict[str, Any]]) -> list[Any]:
    """Arrays of up to a hundred elements."""
    return [list(elements[start : start + _MOST_AT_ONCE]) for start in range(0, len(elements), _MOST_AT_ONCE)]

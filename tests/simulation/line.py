"""What lies between a simulated worker and the vendor: as ``Http``, and as certain of what may have been sent."""

import asyncio
from asyncio import Future
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Literal, NamedTuple, Protocol

from yarl import URL

from agents.gateways.http import ANSWER_WITHIN, InDoubt, NotWritten, Reply
from orderbell.standins.account import Answer, Request
from schemas.times import SECOND, Micros
from streams.clock import Clock
from tests.simulation.manner import Asked
from tests.simulation.whims import Course


class Heard(NamedTuple):
    """What comes back: an answer, or the word for why there is none. ``word``: the vendor's own yes or no, if so."""

    back: Reply | str
    word: Literal["yes", "no", "neither"] = "neither"
    code: str = ""


_NOTHING = Heard("")


@dataclass(slots=True)
class Call:
    """A request on its way, and what is known of it on both sides.

    ``said``: what the account made of it. ``heard``: what whoever asked had of the vendor's own words.
    """

    request: Request
    asked: Asked
    random: Random
    course: Course
    answer: Future[Heard] = field(init=False)
    written_at: Micros = 0
    ended_at: Micros | None = None
    taken: bool = False
    said: Answer | None = None
    heard: Heard = _NOTHING


class FarEnd(Protocol):
    """The vendor, as seen from here."""

    def expect(self, method: str, url: URL, headers: Mapping[str, str], body: bytes) -> Call:
        """Decides how a request will go."""
        ...

    def written(self, call: Call) -> None:
        """A request was written: it goes on at the far end, and what comes back is its ``answer``."""
        ...


class Line:
    """A ``Client`` of one worker. ``clock`` is that worker's."""

    def __init__(self, far_end: FarEnd, clock: Clock) -> None:
        self._far_end = far_end
        self._clock = clock

    async def post(
        self,
        url: URL,
        headers: Mapping[str, str],
        body: bytes = b"",
        *,
        call_by: Micros,
        answer_by: Micros | None = None,
        hindrance: Callable[[], str | None] = lambda: None,
    ) -> Reply:
        """Posts once."""
        return await self._ask("POST", url, headers, body, call_by, answer_by, hindrance)

    async def get(self, url: URL, headers: Mapping[str, str], *, call_by: Micros) -> Reply:
        """Asks once."""
        return await self._ask("GET", url, headers, b"", call_by, None, lambda: None)

    async def _ask(
        self,
        method: str,
        url: URL,
        headers: Mapping[str, str],
        body: bytes,
        call_by: Micros,
        answer_by: Micros | None,
        hindrance: Callable[[], str | None],
    ) -> Reply:
        if self._clock.now() >= call_by:
            raise NotWritten("too_late")
        call = self._far_end.expect(method, url, headers, body)
        await self._connect(call.course, call_by)
        # As in Http: between this look and the write nothing is awaited.
        if self._clock.now() >= call_by:
            raise NotWritten("too_late")
        if (why := hindrance()) is not None:
            raise NotWritten(why)
        call.answer = asyncio.get_running_loop().create_future()
        self._far_end.written(call)
        try:
            return await self._answer(call, answer_by)
        finally:
            call.ended_at = self._clock.now()

    async def _connect(self, course: Course, call_by: Micros) -> None:
        within = (call_by - self._clock.now()) / SECOND
        await asyncio.sleep(min(course.connects_after, within))
        if course.connects_after >= within:
            raise NotWritten("connect_timeout")
        if course.refusal is not None:
            raise NotWritten(course.refusal)

    async def _answer(self, call: Call, answer_by: Micros | None) -> Reply:
        patience = ANSWER_WITHIN if answer_by is None else min(ANSWER_WITHIN, answer_by - self._clock.now())
        try:
            async with asyncio.timeout(patience / SECOND):
                heard = await call.answer
        except TimeoutError:
            raise InDoubt("timeout") from None
        if isinstance(heard.back, str):
            raise InDoubt(heard.back)
        call.heard = heard
        return heard.back

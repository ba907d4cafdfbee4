"""Ids of pushes (``cid``): JPush gives them out, and of all pushes with the same one in a day sends the first.

They are fetched before they are needed, since each has to be asked for (``GET /v3/push/cid``), and each is used for
one push only.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta
from yarl import URL

from agents.gateways.http import Client, InDoubt, NotWritten
from agents.gateways.jpush_answers import UNREADABLE, Error, nonsense
from schemas.calls import ErrorClass, SendResult
from schemas.times import HOUR, Micros
from streams.clock import Clock
from streams.policy.jpush_errors import jpush_class

COUNT = 100
"""How many are asked for at once; the vendor gives up to a thousand."""
KEPT: Micros = 12 * HOUR
"""How long one is kept. It is good for a day, and to be good when the push is repeated."""


class _Answer(msgspec.Struct):
    cids: list[Annotated[str, Meta(pattern=r"^[!-~]{1,128}\Z")]] | None = msgspec.field(name="cidlist", default=None)
    error: Error | None = None


class _Cid(NamedTuple):
    text: str
    until: Micros


_decode = msgspec.json.Decoder(_Answer).decode


class Cids:
    """Holds those that were not used yet. The ``http`` must outlive it."""

    def __init__(self, url: URL, headers: Mapping[str, str], http: Client, clock: Clock) -> None:
        self._url = url.joinpath("cid").with_query(count=COUNT)
        self._headers = headers
        self._http = http
        self._clock = clock
        self._held: deque[_Cid] = deque()
        self._fetching: asyncio.Task[SendResult | None] | None = None

    async def take(self, by: Micros) -> str | SendResult:
        """One that is used for nothing else; what came of its message where none can be had ``by`` then."""
        while True:
            if (cid := self._next()) is not None:
                return cid
            # Of however many that need one at the same time, one asks.
            if self._fetching is None or self._fetching.done():
                self._fetching = asyncio.ensure_future(self._fetch(by))
            failure = await asyncio.shield(self._fetching)
            if failure is not None:
                return failure

    def _next(self) -> str | None:
        now = self._clock.now()
        while self._held:
            cid = self._held.popleft()
            if now < cid.until:
                return cid.text
        return None

    async def _fetch(self, by: Micros) -> SendResult | None:
        """Fetches more. Whatever goes wrong, of the message itself not one byte was written."""
        try:
            reply = await self._http.get(self._url, self._headers, call_by=by)
            said = _decode(reply.body)
        except (NotWritten, InDoubt) as why:
            return _unreachable(str(why))
        except UNREADABLE:
            return _unreachable(nonsense(reply))
        if said.error is not None and 400 <= reply.status < 500:
            code = str(said.error.code)
            return SendResult(outcome="rejected", error_class=jpush_class(code), code=code)
        if reply.status != 200 or not said.cids:
            return _unreachable(nonsense(reply))
        until = self._clock.now() + KEPT
        self._held.extend(_Cid(cid, until) for cid in said.cids)
        return None


def _unreachable(why: str) -> SendResult:
    return SendResult(outcome="not_sent", error_class=ErrorClass.UNREACHABLE, code=why)

"""The account's access token: got when it is needed, kept until shortly before it ends (``stable_token``).

In the ordinary mode, the only one that is used here, whoever asks gets the token that is in force, and asking ends no
other's; in a token's last five minutes it gets the next one, and both hold until then. So workers share nothing.
"""

import asyncio
from typing import Annotated

import msgspec
from msgspec import Meta

from agents.gateways.http import InDoubt, NotWritten
from agents.gateways.wechat_api import UNREADABLE, ErrCode, WechatApi, nonsense
from schemas.calls import ErrorClass, SendResult
from schemas.times import MINUTE, SECOND, Micros
from streams.clock import Clock
from streams.policy.wechat_errors import wechat_class
from streams.settings import Wechat

_BEFORE_ITS_END: Micros = 4 * MINUTE
"""How long before a token's end the next is got: within the last five minutes, in which there is a next one."""


class _Answer(msgspec.Struct):
    errcode: ErrCode = 0
    access_token: Annotated[str, Meta(pattern=r"^[!-~]{1,2048}\Z")] | None = None
    expires_in: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


_decode = msgspec.json.Decoder(_Answer).decode


class Tokens:
    """Holds the token. Its text shows itself nowhere."""

    def __init__(self, settings: Wechat, api: WechatApi, clock: Clock) -> None:
        self._asked = {
            "grant_type": "client_credential",
            "appid": settings.app_id,
            "secret": str(settings.app_secret),
        }
        self._api = api
        self._clock = clock
        self._token: str | None = None
        self._keep_until: Micros = 0
        self._fetching: asyncio.Task[str | SendResult] | None = None

    async def get(self, by: Micros, stale: str | None = None) -> str | SendResult:
        """The token; what came of its message where there is none ``by`` then.

        ``stale``: the vendor has just refused this one, so that another is asked for.
        """
        if self._token not in (None, stale) and self._clock.now() < self._keep_until:
            return self._token
        # Of however many that need it at the same time, one asks.
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.ensure_future(self._fetch(by))
        return await asyncio.shield(self._fetching)

    async def _fetch(self, by: Micros) -> str | SendResult:
        """Fetches one. Whatever goes wrong, of the message itself not one byte was written."""
        try:
            reply = await self._api.call("cgi-bin/stable_token", self._asked, by, by)
            said = _decode(reply.body)
        except (NotWritten, InDoubt) as why:
            return _unreachable(str(why))
        except UNREADABLE:
            return _unreachable(nonsense(reply))
        if reply.status == 200 and said.errcode != 0:
            code = str(said.errcode)
            return SendResult(outcome="rejected", error_class=wechat_class(code), code=code)
        if reply.status != 200 or said.access_token is None or said.expires_in is None:
            return _unreachable(nonsense(reply))
        lasts = said.expires_in * SECOND
        self._token = said.access_token
        self._keep_until = self._clock.now() + lasts - min(_BEFORE_ITS_END, lasts // 2)
        return self._token


def _unreachable(why: str) -> SendResult:
    return SendResult(outcome="not_sent", error_class=ErrorClass.UNREACHABLE, code=why)

"""The WeChat platform as far as a test says what it answers."""

import json
import ssl
from collections.abc import Callable
from typing import Any

from agents.gateways.http import Http
from agents.gateways.wechat import WechatGateway
from schemas.calls import CardRequest
from schemas.times import SECOND
from streams.settings import Secret, Wechat
from tests.clock import ManualClock
from tests.far_end import Act, FarEnd, http

OPENID = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"
MSGID = 3557254367693750277


def said(**fields: Any) -> Act:
    """A whole answer of the vendor's, ``None`` leaving a field out."""
    return Act(http(json.dumps({name: value for name, value in fields.items() if value is not None}).encode()))


def yes(**changed: Any) -> Act:
    """The answer to a message that is on its way."""
    return said(**{"errcode": 0, "errmsg": "ok", "msgid": MSGID} | changed)


def no(code: int) -> Act:
    """The vendor's no."""
    return said(errcode=code, errmsg="某个原因 rid: 62bac4fd-3b536b18-3819fb88")


def a_token(token: str = "token_1", expires_in: Any = 7200) -> Act:
    """The answer to whoever asks for a token."""
    return said(access_token=token, expires_in=expires_in)


class WechatEnd(FarEnd):
    """Answers those who ask for a token aside: with each of ``tokens``, the last again and again.

    ``act_on``: what is done with a message's post in the place of what its turn would be.
    """

    def __init__(self, *acts: Act, tokens: tuple[Act, ...] = (a_token(),), tls: ssl.SSLContext | None = None) -> None:
        super().__init__(*acts, tls=tls)
        self._tokens = list(tokens)
        self.asked: list[bytes] = []
        self.act_on: Callable[[bytes], Act | None] = lambda _request: None

    def _next(self, request: bytes) -> Act:
        act = super()._next(request)
        return self.act_on(request) or act

    def aside(self, request: bytes) -> Act | None:
        """A token, if that is what is asked for."""
        if not request.startswith(b"POST /cgi-bin/stable_token "):
            return None
        self.asked.append(request)
        return self._tokens.pop(0) if len(self._tokens) > 1 else self._tokens[0]

    @property
    def tokens_used(self) -> list[str]:
        """The token of each message's post."""
        return [request.partition(b"access_token=")[2].partition(b" ")[0].decode() for request in self.requests]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The body of each message's post."""
        return [json.loads(request.partition(b"\r\n\r\n")[2]) for request in self.requests]


def a_gateway(address: str, over: Http, clock: ManualClock) -> WechatGateway:
    """A gateway of an account of its own."""
    return WechatGateway(Wechat("wx6e543ad0", Secret("app-secret"), address), over, clock)


def a_card(clock: ManualClock, **changed: object) -> CardRequest:
    """A message that may go for 5 s."""
    fields = {
        "openid": OPENID,
        "template": "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY",
        "fields": {"character_string1": "A-1001", "phrase2": "余额不足"},
        "url": None,
        "out_id": "C1.N1.1",
        "call_by": clock.now() + 5 * SECOND,
    }
    return CardRequest(**(fields | changed))  # type: ignore[arg-type]

"""One official account at the platform's: gives out tokens, takes template messages, knows its followers."""

import hmac
import itertools
import re
import time
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import parse_qs
from uuid import uuid4

import msgspec

from orderbell.standins.account import Answer, Request
from orderbell.standins.wechat.messages import Message
from orderbell.standins.wechat.templates import Templates
from orderbell.standins.wechat.tokens import Tokens

TOKEN, SEND = "/cgi-bin/stable_token", "/cgi-bin/message/template/send"
_OPENID = re.compile(r"[A-Za-z0-9_-]{28}")
_ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9A-Fa-f]{4}")
_SINGLE_SECONDS = 600
_LONGEST_ID = 32
_WORDS = {
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40013: "invalid appid",
    40014: "invalid access_token",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail",
    40066: "invalid url",
    40125: "invalid appsecret",
    40241: "The message is duplicate in 60 seconds",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    42001: "access_token expired",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    45067: "clientmsgid size out of limit",
    47001: "data format error",
}
_OK = "OK"
_FIRST_MSGID = 3_000_000_000_000_000_000


class Account:
    """``messages`` are those it took, ``refused`` the codes of its noes, both in order.

    Whoever looks like a follower is one, unless in ``gone`` (follows no more); those in ``refusing`` take no messages.
    ``duplicates``: whether a message whose id was used is answered as the first was, or refused; the vendor says only
    that it sends one. ``now`` is its clock, in seconds. ``on_message`` hears of each message as it is taken.
    """

    def __init__(
        self,
        app_id: str,
        app_secret: str,
        templates: Templates | None = None,
        *,
        lasts: int = 7_200,
        duplicates: Literal["answered", "refused"] = "answered",
        now: Callable[[], float] = time.time,
        on_message: Callable[[Message], None] = lambda _message: None,
    ) -> None:
        self._app_id = app_id
        self._app_secret = app_secret
        self._templates = templates or Templates()
        self._duplicates = duplicates
        self._now = now
        self._on_message = on_message
        # No id of an account's comes again, after a restart either.
        self._counter = itertools.count(_FIRST_MSGID + int(now() * 1_000_000))
        self._taken: dict[tuple[str, str], Message] = {}
        self.tokens = Tokens(lasts)
        self.gone: set[str] = set()
        self.refusing: set[str] = set()
        self.messages: list[Message] = []
        self.refused: list[str] = []

    def refuse(self, request: Request) -> Answer | None:
        """The front's no, or ``None``."""
        if request.action not in (TOKEN, SEND):
            return self._no(40066)
        if request.method != "POST":
            return self._no(43002)
        if request.action == SEND:
            token = parse_qs(request.target.partition("?")[2]).get("access_token", [""])[0]
            code = self.tokens.refuse(token, self._now()) if token else 41001
            return None if code is None else self._no(code)
        return None

    def do(self, request: Request) -> Answer:
        """Does what is asked. Only for what was not refused."""
        try:
            asked = msgspec.json.decode(request.body, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return self._no(47001)
        if _ESCAPED.search(request.body):
            return self._no(40033)
        return self._give_token(asked) if request.action == TOKEN else self._send(asked)

    def conclude(self, message: Message, err_code: str = "") -> None:
        """The message arrived, or it did not and that is why. What was said first holds."""
        if message.reported_at is None:
            message.reported_at = self._now()
            message.err_code = err_code

    def _give_token(self, asked: dict[str, Any]) -> Answer:
        if asked.get("grant_type") != "client_credential":
            return self._no(40002)
        app_id, secret = asked.get("appid"), asked.get("secret")
        if not isinstance(app_id, str) or app_id != self._app_id:
            return self._no(40013 if app_id else 41002)
        if not isinstance(secret, str) or not hmac.compare_digest(secret.encode(), self._app_secret.encode()):
            return self._no(40125 if secret else 41004)
        token = self.tokens.ask(self._now(), force=asked.get("force_refresh") is True)
        return _yes({"access_token": token.text, "expires_in": int(token.until - self._now())})

    def _send(self, asked: dict[str, Any]) -> Answer:
        follower, single = asked.get("touser"), asked.get("client_msg_id")
        if not isinstance(follower, str) or not _OPENID.fullmatch(follower):
            return self._no(40003)
        if single is not None and (not isinstance(single, str) or len(single.encode()) > _LONGEST_ID):
            return self._no(45067)
        former = self._taken.get((follower, single)) if single else None
        if former is not None and self._now() < former.sent_at + _SINGLE_SECONDS:
            return _yes(former.accepted()) if self._duplicates == "answered" else self._no(40241)
        if (flaw := self._templates.refuse(asked.get("template_id"), asked.get("data"))) is not None:
            return self._no(*flaw)
        if follower in self.gone:
            return self._no(43004)
        return self._no(43101) if follower in self.refusing else self._take(asked)

    def _take(self, asked: dict[str, Any]) -> Answer:
        fields = {name: field["value"] for name, field in asked["data"].items()}
        message = Message(
            msgid=next(self._counter),
            number=asked["touser"],
            template=asked["template_id"],
            fields=fields,
            url=asked.get("url"),
            client_msg_id=asked.get("client_msg_id"),
            text=" ".join(fields.values()),
            sent_at=self._now(),
        )
        self.messages.append(message)
        if message.client_msg_id:
            self._taken[message.number, message.client_msg_id] = message
        self._on_message(message)
        return _yes(message.accepted())

    def _no(self, code: int, words: str | None = None) -> Answer:
        self.refused.append(str(code))
        said = {"errcode": code, "errmsg": f"{words or _WORDS[code]} rid: {uuid4()}"}
        return Answer(200, str(code), msgspec.json.encode(said))


def _yes(said: dict[str, Any]) -> Answer:
    return Answer(200, _OK, msgspec.json.encode(said))

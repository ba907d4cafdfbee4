"""App pushes by JPush as a gateway: ``POST /v3/push``.

A yes says that the push is on its way to the devices; whether it arrived the vendor pushes later.

What became of a push can't be asked. But each has an id that the vendor gave out (``cid``), and of those with the same
one it sends the first, and answers the others as it answered that. So where no answer came the push is posted once
more, the same to the byte. What is then refused says nothing of the first post, but that there is no such device.
"""

import re
from base64 import b64encode
from typing import Any

import msgspec
from yarl import URL

from agents.gateways.gateway import NOT_SENT, Hindrance
from agents.gateways.http import Client, InDoubt, NotWritten, Reply
from agents.gateways.jpush_answers import UNREADABLE, Error, nonsense
from agents.gateways.jpush_cids import Cids
from agents.gateways.jpush_message import message
from schemas.calls import ErrorClass, PushRequest, SendResult
from schemas.times import SECOND, Micros
from streams.clock import Clock
from streams.policy.jpush_errors import jpush_class
from streams.settings import JPush

ANSWERED_WITHIN: Micros = 5 * SECOND
"""How long after ``call_by`` the first post is waited for: so there is time for the second."""
AGAIN_WITHIN: Micros = 10 * SECOND
"""How long after ``call_by`` the second post may begin, and has its answer or none."""
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}").fullmatch


class _Answer(msgspec.Struct):
    msg_id: Any = None
    error: Error | None = None


_decode = msgspec.json.Decoder(_Answer).decode


class JPushGateway:
    """Sends by JPush. The ``http`` must outlive it."""

    name = "jpush"

    def __init__(self, settings: JPush, http: Client, clock: Clock) -> None:
        self._url = URL(settings.endpoint).joinpath("v3", "push")
        account = b64encode(f"{settings.app_key}:{settings.master_secret}".encode()).decode()
        self._headers = {"Authorization": f"Basic {account}", "Content-Type": "application/json"}
        self._http = http
        self._cids = Cids(self._url, self._headers, http, clock)

    async def send(self, request: PushRequest, hindrance: Hindrance) -> SendResult:
        """Sends a message, at most once."""
        cid = await self._cids.take(request.call_by)
        if isinstance(cid, SendResult):
            return cid
        body = message(request, cid)
        first = await self._post(body, request.call_by, request.call_by + ANSWERED_WITHIN, hindrance)
        if first.outcome != "unknown":
            return first
        by = request.call_by + AGAIN_WITHIN
        again = await self._post(body, by, by, hindrance)
        return again if again.outcome == "accepted" or again.error_class is ErrorClass.BAD_NUMBER else first

    async def _post(self, body: bytes, call_by: Micros, answer_by: Micros, hindrance: Hindrance) -> SendResult:
        try:
            reply = await self._http.post(
                self._url, self._headers, body, call_by=call_by, answer_by=answer_by, hindrance=hindrance
            )
        except NotWritten as why:
            error_class = NOT_SENT.get(str(why), ErrorClass.UNREACHABLE)
            return SendResult(outcome="not_sent", error_class=error_class, code=str(why))
        except InDoubt as why:
            return SendResult(outcome="unknown", code=str(why))
        return _judge(reply)


def _judge(reply: Reply) -> SendResult:
    try:
        said = _decode(reply.body)
    except UNREADABLE:
        return SendResult(outcome="unknown", code=nonsense(reply))
    if said.error is not None and 400 <= reply.status < 500:
        code = str(said.error.code)
        return SendResult(outcome="rejected", error_class=jpush_class(code), code=code)
    if said.error is not None and reply.status >= 500:
        # Some part of the vendor's did not hear from another, which may have sent the push.
        return SendResult(outcome="unknown", code=str(said.error.code))
    message_id = _message_id(said.msg_id)
    if said.error is not None or reply.status != 200 or message_id is None:
        return SendResult(outcome="unknown", code=nonsense(reply))
    return SendResult(outcome="accepted", message_id=message_id)


def _message_id(msg_id: object) -> str | None:
    """The vendor's id of the push, where that is one. It is written as a number or as text."""
    if isinstance(msg_id, bool) or not isinstance(msg_id, int | str):
        return None
    text = str(msg_id)
    return text if _ID(text) else None

"""Tencent SMS as a gateway: ``SendSms``, and ``PullSmsSendStatusByPhoneNumber`` for what is in doubt.

The vendor's own word always comes with HTTP 200: of the whole request in ``Response.Error``, or of our one number in
``Response.SendStatusSet``. All else is in doubt, and so is the vendor's own ``InternalError.*``: it says that a part
of the vendor's did not hear from another (``Timeout``, ``SendAndRecvFail``), which may have sent the message.

Unlike Aliyun's, its requests carry nothing that is used up: whoever repeats one on the way within five minutes sends
the message twice, and nothing of ours could prevent it but that TLS lets nobody see it.
"""

import re
from typing import Any

import msgspec

from agents.gateways import tencent_statuses
from agents.gateways.gateway import NOT_SENT, Hindrance
from agents.gateways.http import InDoubt, NotWritten, Poster, Reply
from agents.gateways.tencent_api import Code, Error, TencentApi, serial
from schemas.calls import ErrorClass, QueryRequest, QueryResult, SendRequest, SendResult
from schemas.times import SECOND, Micros
from streams.clock import Clock
from streams.policy.providers import tencent_class
from streams.settings import Tencent

_CONNECT_WITHIN: Micros = 5 * SECOND
"""How long a question waits for its connection."""
_MAY_HAVE_SENT = re.compile(r"InternalError(\..*)?").fullmatch


class _Sent(msgspec.Struct, rename="pascal"):
    """What the vendor says of one number."""

    code: Code
    serial_no: Any = None
    session_context: str | None = None


class _Said(msgspec.Struct):
    error: Error | None = msgspec.field(name="Error", default=None)
    sent: list[_Sent] | None = msgspec.field(name="SendStatusSet", default=None)


class _Answer(msgspec.Struct, rename="pascal"):
    response: _Said


_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_decode_answer = msgspec.json.Decoder(_Answer).decode
_decode_statuses = msgspec.json.Decoder(tencent_statuses.Answer).decode


class TencentGateway:
    """Sends by Tencent. The ``http`` must outlive it."""

    name = "tencent"

    def __init__(self, settings: Tencent, http: Poster, clock: Clock) -> None:
        self._api = TencentApi(settings, http, clock)
        self._clock = clock

    async def send(self, request: SendRequest, hindrance: Hindrance) -> SendResult:
        """Sends a message, at most once."""
        parameters = {
            "PhoneNumberSet": [request.number],
            "SignName": request.signature,
            "TemplateId": request.template,
            "TemplateParamSet": list(request.variables.values()),
            "SessionContext": request.out_id,
        }
        try:
            reply = await self._api.call("SendSms", parameters, request.call_by, hindrance)
        except NotWritten as why:
            error_class = NOT_SENT.get(str(why), ErrorClass.UNREACHABLE)
            return SendResult(outcome="not_sent", error_class=error_class, code=str(why))
        except InDoubt as why:
            return SendResult(outcome="unknown", code=str(why))
        return _judge(reply, request.out_id)

    async def query(self, request: QueryRequest) -> QueryResult:
        """Asks what became of a message. Never is it ``absent``: what is not listed may be on its way all the same."""
        parameters = tencent_statuses.parameters(request, self._clock.now())
        by = self._clock.now() + _CONNECT_WITHIN
        try:
            reply = await self._api.call("PullSmsSendStatusByPhoneNumber", parameters, by)
            said = _decode_statuses(reply.body).response
        except (NotWritten, InDoubt) as why:
            return _unanswered(str(why))
        except _UNREADABLE:
            return _unanswered(_nonsense(reply))
        if said.error is not None:
            return _unanswered(said.error.code)
        if said.found is None or reply.status != 200:
            return _unanswered(_nonsense(reply))
        ours = tencent_statuses.find(said.found, request)
        if ours is None:
            return _unanswered("not_listed")
        status, rule = ours
        return msgspec.structs.replace(tencent_statuses.result(status), known_by=rule)


def _judge(reply: Reply, out_id: str) -> SendResult:
    try:
        said = _decode_answer(reply.body).response
    except _UNREADABLE:
        return _unknown(_nonsense(reply))
    if said.error is not None:
        return _unknown(_nonsense(reply)) if said.sent else _no(reply, said.error.code)
    if said.sent is None or len(said.sent) != 1:
        return _unknown(_nonsense(reply))
    [sent] = said.sent
    if sent.session_context not in (None, "", out_id):
        return _unknown(_nonsense(reply))  # the answer to another message
    if sent.code != "Ok":
        return _unknown(_nonsense(reply)) if sent.serial_no else _no(reply, sent.code)
    message_id = serial(sent.serial_no)
    if reply.status != 200 or message_id is None:
        return _unknown(_nonsense(reply))
    return SendResult(outcome="accepted", message_id=message_id)


def _no(reply: Reply, code: str) -> SendResult:
    if reply.status != 200 or _MAY_HAVE_SENT(code):
        return _unknown(code)
    return SendResult(outcome="rejected", error_class=tencent_class(code), code=code)


def _unknown(code: str) -> SendResult:
    return SendResult(outcome="unknown", code=code)


def _nonsense(reply: Reply) -> str:
    return "nonsense" if reply.status == 200 else f"http_{reply.status}"


def _unanswered(code: str) -> QueryResult:
    return QueryResult(found="unanswered", code=code)

"""Aliyun SMS as a gateway: ``SendSms``, and ``QuerySendDetails`` for what is in doubt.

The vendor's own word is an answer with HTTP 200 or 4xx whose JSON has a ``Code``: its front refuses with 4xx
(credentials, signature, throttling), the service behind it says its no with 200. All else is in doubt, a 5xx with a
``Code`` too: ``InternalError`` and ``ServiceUnavailable`` don't tell how far the request had come, and asking costs
nothing, where a repeat may tell somebody twice. Only throttling is a no with 5xx as well: it comes before any work.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from agents.gateways import aliyun_details
from agents.gateways.aliyun_api import AliyunApi
from agents.gateways.aliyun_details import MOST_PAGES, PAGE_SIZE, Page
from agents.gateways.aliyun_numbers import vendors_number
from agents.gateways.gateway import NOT_SENT, Hindrance
from agents.gateways.http import InDoubt, NotWritten, Poster, Reply
from schemas.calls import ErrorClass, QueryRequest, QueryResult, SendRequest, SendResult
from schemas.times import SECOND, Micros
from streams.clock import Clock
from streams.policy.providers import aliyun_class
from streams.settings import Aliyun

_CONNECT_WITHIN: Micros = 5 * SECOND
"""How long a question waits for its connection."""
_REPEATED_ON_THE_WAY = "SignatureNonceUsed"
"""No nonce of ours is used twice: a proxy repeated the request, and this is the answer to the second."""
_BIZ_ID = re.compile(r"[!-~]{1,64}")


class _Answer(msgspec.Struct, rename="pascal"):
    code: aliyun_details.Code
    biz_id: Any = None


_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_decode_answer = msgspec.json.Decoder(_Answer).decode
_decode_page = msgspec.json.Decoder(Page).decode


class AliyunGateway:
    """Sends by Aliyun. The ``http`` must outlive it."""

    name = "aliyun"

    def __init__(self, settings: Aliyun, http: Poster, clock: Clock) -> None:
        self._api = AliyunApi(settings, http, clock)
        self._clock = clock

    async def send(self, request: SendRequest, hindrance: Hindrance) -> SendResult:
        """Sends a message, at most once."""
        parameters = {
            "PhoneNumbers": vendors_number(request.number),
            "SignName": request.signature,
            "TemplateCode": request.template,
            "OutId": request.out_id,
        }
        if request.variables:
            parameters["TemplateParam"] = msgspec.json.encode(dict(request.variables)).decode()
        try:
            reply = await self._api.call("SendSms", parameters, request.call_by, hindrance)
        except NotWritten as why:
            error_class = NOT_SENT.get(str(why), ErrorClass.UNREACHABLE)
            return SendResult(outcome="not_sent", error_class=error_class, code=str(why))
        except InDoubt as why:
            return SendResult(outcome="unknown", code=str(why))
        return _judge(reply)

    async def query(self, request: QueryRequest) -> QueryResult:
        """Asks what became of a message. ``absent`` means that every page of every day in question was read."""
        for day in aliyun_details.days(request.sent_at):
            parameters = {
                "PhoneNumber": vendors_number(request.number),
                "SendDate": f"{day:%Y%m%d}",
                "PageSize": str(PAGE_SIZE),
            }
            found = await self._find_on_day(parameters, request.out_id)
            if found is not None:
                return found
        return QueryResult(found="absent")

    async def _find_on_day(self, parameters: Mapping[str, str], out_id: str) -> QueryResult | None:
        read = 0
        for number in range(1, MOST_PAGES + 1):
            page = await self._page({**parameters, "CurrentPage": str(number)})
            if isinstance(page, str):
                return _unanswered(page)
            if (detail := page.find(out_id)) is not None:
                return msgspec.structs.replace(aliyun_details.result(detail), known_by="echo")
            read += len(page.messages)
            if page.total is None or (not page.messages and read < page.total):
                return _unanswered("nonsense")
            if read >= page.total:
                return None
        return _unanswered("too_many")

    async def _page(self, parameters: Mapping[str, str]) -> Page | str:
        """A page, or the word that says why there is none."""
        try:
            reply = await self._api.call("QuerySendDetails", parameters, self._clock.now() + _CONNECT_WITHIN)
            page = _decode_page(reply.body)
        except (NotWritten, InDoubt) as why:
            return str(why)
        except _UNREADABLE:
            return _nonsense(reply)
        if page.code != "OK":
            return page.code
        return page if reply.status == 200 else _nonsense(reply)


def _judge(reply: Reply) -> SendResult:
    try:
        answer = _decode_answer(reply.body)
    except _UNREADABLE:
        return SendResult(outcome="unknown", code=_nonsense(reply))
    if answer.code == "OK":
        if reply.status == 200 and isinstance(answer.biz_id, str) and _BIZ_ID.fullmatch(answer.biz_id):
            return SendResult(outcome="accepted", message_id=answer.biz_id)
        return SendResult(outcome="unknown", code=_nonsense(reply))
    if answer.biz_id:
        return SendResult(outcome="unknown", code=_nonsense(reply))  # a no that has a message's id
    if not _is_its_own_no(reply.status, answer.code):
        return SendResult(outcome="unknown", code=answer.code)
    return SendResult(outcome="rejected", error_class=aliyun_class(answer.code), code=answer.code)


def _is_its_own_no(status: int, code: str) -> bool:
    if code == _REPEATED_ON_THE_WAY:
        return False
    return status == 200 or 400 <= status < 500 or (status >= 500 and code.startswith("Throttling"))


def _nonsense(reply: Reply) -> str:
    return "nonsense" if reply.status == 200 else f"http_{reply.status}"


def _unanswered(code: str) -> QueryResult:
    return QueryResult(found="unanswered", code=code)

"""WeChat as a gateway: template messages of an official account (``message/template/send``).

A yes says that the message is on its way; whether it arrived the platform pushes later, as an event.

What became of a message can't be asked. But the vendor takes a ``client_msg_id``, and of one follower and one such id
sends only one message within ten minutes. So where no answer came the message is posted once more, with the same id.
What is then refused for a reason that may have come up in between (a limit, the account, the words, which are blocked
at their second coming) says nothing of the first post; that leaves it in doubt.

The token travels in the address, so the address stays here: what the poster raises and what is answered hold none of
it.
"""

import hashlib
from typing import Any

import msgspec

from agents.gateways.gateway import NOT_SENT, Hindrance
from agents.gateways.http import Client, InDoubt, NotWritten, Reply
from agents.gateways.wechat_api import UNREADABLE, ErrCode, WechatApi, nonsense
from agents.gateways.wechat_tokens import Tokens
from schemas.calls import CardRequest, ErrorClass, SendResult
from schemas.times import SECOND, Micros
from streams.clock import Clock
from streams.policy.wechat_errors import DUPLICATE, STALE_TOKEN, wechat_class
from streams.settings import Wechat

ANSWERED_WITHIN: Micros = 5 * SECOND
"""How long after ``call_by`` the first post is waited for: so there is time for the second."""
AGAIN_WITHIN: Micros = 10 * SECOND
"""How long after ``call_by`` the second post may begin, and has its answer or none."""
_ID_BYTES = 10
_LONGEST_MSGID = 32
_LASTING = frozenset({ErrorClass.BAD_NUMBER, ErrorClass.OPTED_OUT, ErrorClass.TEMPLATE})
"""What would have been said to the first post as well."""


class _Answer(msgspec.Struct):
    errcode: ErrCode
    msgid: int | str | None = None


_decode = msgspec.json.Decoder(_Answer).decode


class WechatGateway:
    """Sends by an official account. The ``http`` must outlive it."""

    name = "wechat"

    def __init__(self, settings: Wechat, http: Client, clock: Clock) -> None:
        self._api = WechatApi(settings.endpoint, http)
        self._tokens = Tokens(settings, self._api, clock)

    async def send(self, request: CardRequest, hindrance: Hindrance) -> SendResult:
        """Sends a message, at most once."""
        message = _message(request)
        first = await self._try(message, request.call_by, request.call_by + ANSWERED_WITHIN, hindrance)
        if first.outcome != "unknown":
            return first
        by = request.call_by + AGAIN_WITHIN
        return _of_both(first, await self._try(message, by, by, hindrance))

    async def _try(
        self, message: dict[str, Any], call_by: Micros, answer_by: Micros, hindrance: Hindrance
    ) -> SendResult:
        """Posts the message; once more with another token where the vendor refuses that."""
        token = await self._tokens.get(call_by)
        if isinstance(token, SendResult):
            return token
        result = await self._post(message, token, call_by, answer_by, hindrance)
        if result.code not in STALE_TOKEN:
            return result
        token = await self._tokens.get(call_by, stale=token)
        if isinstance(token, SendResult):
            return token
        return await self._post(message, token, call_by, answer_by, hindrance)

    async def _post(
        self, message: dict[str, Any], token: str, call_by: Micros, answer_by: Micros, hindrance: Hindrance
    ) -> SendResult:
        try:
            reply = await self._api.call(
                "cgi-bin/message/template/send", message, call_by, answer_by, token=token, hindrance=hindrance
            )
        except NotWritten as why:
            error_class = NOT_SENT.get(str(why), ErrorClass.UNREACHABLE)
            return SendResult(outcome="not_sent", error_class=error_class, code=str(why))
        except InDoubt as why:
            return SendResult(outcome="unknown", code=str(why))
        return _judge(reply)


def client_msg_id(out_id: str) -> str:
    """The id by which the vendor knows a message again: of letters and digits, and short.

    Its limits are not documented. Twenty of them are known to be taken; of the like id of mass messages, said to hold
    64 bytes, 36 were refused as too long. It has to tell apart one follower's messages of ten minutes.
    """
    return hashlib.blake2b(out_id.encode(), digest_size=_ID_BYTES).hexdigest()


def _message(request: CardRequest) -> dict[str, Any]:
    message = {
        "touser": request.openid,
        "template_id": request.template,
        "client_msg_id": client_msg_id(request.out_id),
        "data": {name: {"value": value} for name, value in request.fields.items()},
    }
    return message if request.url is None else {**message, "url": request.url}


def _judge(reply: Reply) -> SendResult:
    try:
        said = _decode(reply.body)
        message_id = None if said.errcode else _message_id(said.msgid)
    except (*UNREADABLE, ValueError):
        return SendResult(outcome="unknown", code=nonsense(reply))
    if reply.status != 200:
        return SendResult(outcome="unknown", code=nonsense(reply))
    if said.errcode == 0:
        return SendResult(outcome="accepted", message_id=message_id)
    code = str(said.errcode)
    return SendResult(outcome="rejected", error_class=wechat_class(code), code=code)


def _message_id(msgid: int | str | None) -> str | None:
    """The vendor's id of a message, where it names one: with a ``client_msg_id`` it has been seen to say 0.

    Raises ``ValueError`` for what can be none.
    """
    written = str(msgid)
    if msgid in (None, 0, "0"):
        return None
    if not (written.isascii() and written.isdecimal() and len(written) <= _LONGEST_MSGID):
        raise ValueError("msgid")
    return written


def _of_both(first: SendResult, again: SendResult) -> SendResult:
    """What came of a message whose first post had no answer."""
    if again.outcome == "accepted":
        return again
    if again.outcome == "rejected" and again.code == DUPLICATE:
        return SendResult(outcome="accepted")
    if again.outcome == "rejected" and again.error_class in _LASTING:
        return again
    return first

"""One account at the vendor's: lets requests in by their signatures, takes messages, tells what became of them."""

import itertools
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import msgspec

from orderbell.standins.account import Answer, Request
from orderbell.standins.tencent.messages import DELIVERED, Message, apart, e164, refused
from orderbell.standins.tencent.signature import Signatures
from orderbell.standins.tencent.texts import Texts

VERSION = "2021-01-11"
_MOST_NUMBERS = 200
_CONTEXT_BYTES = 512
_MOST_LISTED = 100
_DAYS_SECONDS = 7 * 24 * 3600
_OK = "OK"


class SendSms(msgspec.Struct, rename="pascal", forbid_unknown_fields=True, kw_only=True):
    """What is asked of ``SendSms``."""

    phone_number_set: list[str]
    sms_sdk_app_id: str
    template_id: str
    sign_name: str = ""
    template_param_set: list[str] = msgspec.field(default_factory=list)
    extend_code: str = ""
    session_context: str = ""
    sender_id: str = ""


class PullStatus(msgspec.Struct, rename="pascal", forbid_unknown_fields=True, kw_only=True):
    """What is asked of ``PullSmsSendStatusByPhoneNumber``."""

    phone_number: str
    sms_sdk_app_id: str
    begin_time: int
    end_time: int | None = None
    offset: int
    limit: int


_ASKED: Mapping[str, type[SendSms | PullStatus]] = {
    "SendSms": SendSms,
    "PullSmsSendStatusByPhoneNumber": PullStatus,
}


class Account:
    """``messages`` are those it took, ``refused`` the codes of its noes, both in order.

    ``echoes``: reports and lists carry the ``SessionContext``, which the vendor turns on for whoever asks for it.
    ``now`` is the vendor's clock, in seconds. ``on_message`` hears of each message as it is taken.
    """

    def __init__(
        self,
        secrets: Mapping[str, str],
        sdk_app_id: str,
        texts: Texts | None = None,
        *,
        echoes: bool = False,
        now: Callable[[], float] = time.time,
        on_message: Callable[[Message], None] = lambda _message: None,
    ) -> None:
        self._signatures = Signatures(secrets)
        self._app = sdk_app_id
        self._texts = texts or Texts()
        self._echoes = echoes
        self._now = now
        self._on_message = on_message
        self._counter = itertools.count(1)
        self.messages: list[Message] = []
        self.refused: list[str] = []

    def refuse(self, request: Request) -> Answer | None:
        """The front's no, or ``None``."""
        method, target, headers, body = request
        code = self._signatures.refuse(method, target, headers, body, self._now())
        if code is None and headers["x-tc-version"] != VERSION:
            code = "NoSuchVersion"
        if code is None and request.action not in _ASKED:
            code = "InvalidAction"
        return None if code is None else self._error(code)

    def do(self, request: Request, shows: Callable[[Message], bool] = lambda _message: True) -> Answer:
        """Does what a request asks for that was not refused. A question is told of what ``shows`` lets it see."""
        try:
            asked = msgspec.json.decode(request.body, type=_ASKED[request.action])
        except msgspec.ValidationError as error:
            return self._error(_wrong(str(error)))
        except msgspec.DecodeError:
            return self._error("InvalidParameter")
        if asked.sms_sdk_app_id != self._app:
            return self._error("UnauthorizedOperation.SmsSdkAppIdVerifyFail")
        return self._send(asked) if isinstance(asked, SendSms) else self._list(asked, shows)

    def conclude(self, message: Message, err_code: str = DELIVERED) -> None:
        """The carrier has said what became of a message. What it said first holds."""
        if message.reported_at is None:
            message.reported_at = self._now()
            message.err_code = err_code

    def reply(self, number: str, content: str) -> dict[str, Any]:
        """Somebody answers the last message to ``number``: the object that is pushed."""
        answered = next((message for message in reversed(self.messages) if message.number == number), None)
        nation, mobile = apart(number)
        return {
            "extend": "",
            "mobile": mobile,
            "nationcode": nation,
            "sign": "" if answered is None else answered.signature,
            "text": content,
            "time": int(self._now()),
        }

    def _send(self, asked: SendSms) -> Answer:
        if not asked.phone_number_set:
            return self._error("MissingParameter.EmptyPhoneNumberSet")
        if len(asked.phone_number_set) > _MOST_NUMBERS:
            return self._error("LimitExceeded.PhoneNumberCountLimit")
        if len(asked.session_context.encode()) >= _CONTEXT_BYTES:
            return self._error("InvalidParameter.InvalidParameters")
        code = self._texts.refuse(asked.sign_name, asked.template_id, asked.template_param_set)
        said = [self._take(asked, number, code) for number in asked.phone_number_set]
        codes = [element["Code"] for element in said]
        return self._answer({"SendStatusSet": said}, _OK if "Ok" in codes else codes[0])

    def _take(self, asked: SendSms, written: str, code: str | None) -> dict[str, Any]:
        number = e164(written)
        if number is None or code is not None:
            code = code or "InvalidParameterValue.IncorrectPhoneNumber"
            self.refused.append(code)
            return refused(written, asked.session_context, code)
        message = Message(
            serial_no=f"5000:10457106691570536578{next(self._counter):09}",
            number=number,
            signature=asked.sign_name,
            template=asked.template_id,
            parameters=asked.template_param_set,
            out_id=asked.session_context,
            text=self._texts.render(asked.sign_name, asked.template_id, asked.template_param_set),
            sent_at=self._now(),
            echoed=self._echoes,
        )
        self.messages.append(message)
        self._on_message(message)
        return message.accepted()

    def _list(self, asked: PullStatus, shows: Callable[[Message], bool]) -> Answer:
        now = self._now()
        end = now if asked.end_time is None else asked.end_time
        if asked.offset != 0:
            return self._error("InvalidParameterValue.OffsetVerifyFail")
        if not 1 <= asked.limit <= _MOST_LISTED:
            return self._error("InvalidParameterValue.LimitVerifyFail")
        if asked.begin_time < now - _DAYS_SECONDS:
            return self._error("InvalidParameterValue.BeginTimeVerifyFail")
        if end < asked.begin_time:
            return self._error("InvalidParameterValue.EndTimeVerifyFail")
        number = e164(asked.phone_number)
        found = [
            message.status()
            for message in reversed(self.messages)
            if message.number == number
            and message.reported_at is not None
            and asked.begin_time <= message.sent_at <= end
            and shows(message)
        ]
        return self._answer({"PullSmsSendStatusSet": found[: asked.limit]}, _OK)

    def _error(self, code: str) -> Answer:
        self.refused.append(code)
        return self._answer({"Error": {"Code": code, "Message": code}}, code)

    def _answer(self, said: dict[str, Any], code: str) -> Answer:
        return Answer(200, code, msgspec.json.encode({"Response": {**said, "RequestId": str(uuid4())}}))


def _wrong(why: str) -> str:
    if "missing required" in why:
        return "MissingParameter"
    return "UnknownParameter" if "unknown field" in why else "InvalidParameter"

"""Aliyun, as a simulated vendor."""

from collections.abc import Callable
from typing import Any

import msgspec

from agents.gateways import aliyun_callbacks
from agents.gateways.aliyun import AliyunGateway
from agents.gateways.http import Client, Reply
from orderbell.standins.account import Answer, Request
from orderbell.standins.aliyun.account import Account
from orderbell.standins.aliyun.messages import DELIVERED, Message
from orderbell.standins.aliyun.signature import parameters
from orderbell.standins.aliyun.texts import Texts
from schemas.rules import Provider
from schemas.words import Channel
from streams.clock import Clock
from streams.settings import Aliyun as Settings
from streams.settings import Secret
from tests.simulation.manner import BAD_NUMBER, Asked, Manner, No, Words, plain
from tests.simulation.spoilt import PAGES_OF_OTHERS

_SETTINGS = Settings(Secret("key"), Secret("secret"), "http://aliyun.test")

WORDS = Words(
    noes={
        (200, "isv.BUSINESS_LIMIT_CONTROL"): 4,
        (200, "isp.SYSTEM_ERROR"): 4,
        (400, "Throttling.User"): 4,
        (503, "Throttling"): 3,
        (200, "isp.GATEWAY_ERROR"): 2,
        (200, "isv.AMOUNT_NOT_ENOUGH"): 2,
        (200, "isv.DAY_LIMIT_CONTROL"): 1,
        (200, "isv.OUT_OF_SERVICE"): 1,
        (200, "isv.BLACK_KEY_CONTROL_LIMIT"): 1,
        (200, "isv.SMS_CONTENT_ILLEGAL"): 1,
        (200, "isv.SMS_TEMPLATE_ILLEGAL"): 1,
        (403, "isp.RAM_PERMISSION_DENY"): 1,
        (200, "isv.NEVER_HEARD_OF"): 1,
    },
    busy=((200, "isp.SYSTEM_ERROR"), (400, "Throttling.User"), (503, "Throttling")),
    no_money=(200, "isv.AMOUNT_NOT_ENOUGH"),
    no_rights=(403, "isp.RAM_PERMISSION_DENY"),
    no_template=(200, "isv.SMS_TEMPLATE_ILLEGAL"),
    bad_number=(200, "isv.MOBILE_NUMBER_ILLEGAL"),
    delivered=DELIVERED,
    failures={
        "MOBILE_NOT_ON_SERVICE": 6,
        "MOBILE_ACCOUNT_ABNORMAL": 1,
        "MOBLLE_TERMINAL_ERROR": 1,
        "MOBILE_SEND_LIMIT": 1,
        "SP_UNKNOWN_ERROR": 2,
        "IS_CLOSE": 1,
        "INVALID_NUMBER": 1,
        "MOBILE_IN_BLACK": 2,
        "USER_REJECT": 1,
        "NO_ROUTE": 1,
        "PORT_NOT_REGISTERED": 1,
        "NEVER_HEARD_OF": 1,
    },
    dead_number="INVALID_NUMBER",
    nonsense=(
        *PAGES_OF_OTHERS,
        Reply(200, b'{"Code":"OK"}'),
        Reply(200, b'{"Code":"OK","BizId":"","TotalCount":"1"}'),
        Reply(200, b'{"Code":1,"BizId":"900619746936498440^0"}'),
        Reply(200, '{"Code":"系统繁忙"}'.encode()),
        Reply(200, b'{"Code":"isp.SYSTEM_ERROR","BizId":"900619746936498440^0"}'),
        Reply(400, b'{"Code":"SignatureNonceUsed"}'),  # a proxy repeated the request, and this is the second answer
        Reply(500, b'{"Code":"InternalError"}'),
        Reply(503, b'{"Code":"ServiceUnavailable"}'),
    ),
)


class Aliyun(Manner):
    """``texts`` are those that it has approved."""

    name: Provider = "aliyun"
    channel: Channel = "sms"
    words = WORDS
    pushed = aliyun_callbacks.FORMAT
    pushes_again: tuple[float, ...] = (60.0, 300.0, 600.0)
    echoes = True

    def __init__(self, texts: Texts | None = None) -> None:
        self._texts = texts or Texts()

    def gateway(self, over: Client, clock: Clock) -> AliyunGateway:
        """The real one."""
        return AliyunGateway(_SETTINGS, over, clock)

    def account(self, now: Callable[[], float], on_message: Callable[[Message], None], *, echoes: bool) -> Account:
        """The stand-in's, which always echoes."""
        secrets: dict[str, str] = {_SETTINGS.access_key_id: _SETTINGS.access_key_secret}
        return Account(secrets, self._texts, now=now, on_message=on_message)

    def asked(self, request: Request) -> Asked:
        """What a request of ours asks for."""
        asked = parameters(request.target) or {}
        if request.action != "SendSms":
            return Asked(question=True, number=asked["PhoneNumber"])
        return Asked(False, asked["PhoneNumbers"], asked["OutId"], asked["TemplateCode"])

    def is_bad(self, asked: Asked) -> bool:
        """Whether the vendor has nobody at that number."""
        return not asked.question and asked.number.endswith(BAD_NUMBER)

    def text(self, request: Request) -> str:
        """What a message says, where it is not refused for it."""
        asked = parameters(request.target) or {}
        text = (asked["SignName"], asked["TemplateCode"], asked.get("TemplateParam", ""))
        return self._texts.render(*text) if self._texts.refuse(*text) is None else ""

    def no(self, asked: Asked, no: No) -> Answer:
        """Its own no to what was asked."""
        status, code = no
        body = {"Code": code, "Message": code, "RequestId": "00000000-0000-0000-0000-000000000000"}
        return Answer(status, code, msgspec.json.encode(body))

    def interim(self, message: Message) -> dict[str, Any]:
        """A report without news."""
        return {**message.report(), "success": False, "err_code": "REQUEST_SUCCESS"}

    def writes(self, number: str) -> str:
        """A number as the vendor writes it."""
        return plain(number)

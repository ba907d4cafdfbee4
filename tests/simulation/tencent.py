"""Tencent, as a simulated vendor. It never says that it does not know a message."""

from collections.abc import Callable
from typing import Any

import msgspec

from agents.gateways import tencent_callbacks
from agents.gateways.http import Client, Reply
from agents.gateways.tencent import TencentGateway
from orderbell.standins.account import Answer, Request
from orderbell.standins.tencent.account import Account, PullStatus, SendSms
from orderbell.standins.tencent.messages import DELIVERED, Message, refused
from orderbell.standins.tencent.texts import Texts
from schemas.rules import Provider
from schemas.words import Channel
from streams.clock import Clock
from streams.settings import Secret
from streams.settings import Tencent as Settings
from tests.simulation.manner import BAD_NUMBER, Asked, Manner, No, Words
from tests.simulation.spoilt import PAGES_OF_OTHERS

_SETTINGS = Settings(Secret("id"), Secret("key"), "1400006666", "http://tencent.test")
_OF_THE_WHOLE = ("AuthFailure", "InternalError", "RequestLimitExceeded", "ServiceUnavailable", "UnauthorizedOperation")
"""Families of codes that are said of a whole request, and not of a number."""

_OTHERS = b'{"Response":{"SendStatusSet":[{"Code":"Ok","SerialNo":"5000:1","SessionContext":"C.N.1"}]}}'
WORDS = Words(
    noes={
        (200, "LimitExceeded.DeliveryFrequencyLimit"): 4,
        (200, "LimitExceeded.PhoneNumberThirtySecondLimit"): 4,
        (200, "RequestLimitExceeded"): 4,
        (200, "ServiceUnavailable"): 4,
        (200, "RequestLimitExceeded.UinLimitExceeded"): 2,
        (200, "FailedOperation.InsufficientBalanceInSmsPackage"): 2,
        (200, "LimitExceeded.PhoneNumberDailyLimit"): 1,
        (200, "UnauthorizedOperation.ServiceSuspendDueToArrears"): 1,
        (200, "FailedOperation.PhoneNumberInBlacklist"): 1,
        (200, "FailedOperation.ContainSensitiveWord"): 1,
        (200, "FailedOperation.TemplateIncorrectOrUnapproved"): 1,
        (200, "AuthFailure.SecretIdNotFound"): 1,
        (200, "FailedOperation.NeverHeardOf"): 1,
    },
    busy=((200, "RequestLimitExceeded"), (200, "ServiceUnavailable")),
    no_money=(200, "FailedOperation.InsufficientBalanceInSmsPackage"),
    no_rights=(200, "AuthFailure.SecretIdNotFound"),
    no_template=(200, "FailedOperation.TemplateIncorrectOrUnapproved"),
    bad_number=(200, "InvalidParameterValue.IncorrectPhoneNumber"),
    delivered=DELIVERED,
    failures={"UNDELIV": 8, "EXPIRED": 2, "REJECTD": 2, "WTNFAIL": 1, "MK:0001": 1, "NEVERHRD": 1},
    dead_number="UNDELIV",
    nonsense=(
        *PAGES_OF_OTHERS,
        Reply(200, b'{"Response":{}}'),
        Reply(200, b'{"Response":{"SendStatusSet":[]}}'),
        Reply(200, b'{"Response":{"SendStatusSet":[{"Code":"Ok","SerialNo":""}]}}'),
        Reply(200, _OTHERS),
        Reply(200, b'{"Response":{"Error":{"Code":"InternalError.Timeout","Message":"timeout"}}}'),
        Reply(200, b'{"Response":{"Error":{"Code":"InternalError.SendAndRecvFail","Message":""}}}'),
        Reply(200, b'{"Response":{"Error":{"Code":"InternalError"}}}'),
        Reply(500, b'{"Response":{"Error":{"Code":"ServiceUnavailable"}}}'),
    ),
)


class Tencent(Manner):
    """``texts`` are those that it has approved."""

    name: Provider = "tencent"
    channel: Channel = "sms"
    words = WORDS
    pushed = tencent_callbacks.FORMAT
    pushes_again: tuple[float, ...] = (60.0, 300.0)
    echoes = False

    def __init__(self, texts: Texts | None = None) -> None:
        self._texts = texts or Texts()

    def gateway(self, over: Client, clock: Clock) -> TencentGateway:
        """The real one."""
        return TencentGateway(_SETTINGS, over, clock)

    def account(self, now: Callable[[], float], on_message: Callable[[Message], None], *, echoes: bool) -> Account:
        """The stand-in's."""
        return Account(
            {_SETTINGS.secret_id: _SETTINGS.secret_key},
            _SETTINGS.sdk_app_id,
            self._texts,
            echoes=echoes,
            now=now,
            on_message=on_message,
        )

    def asked(self, request: Request) -> Asked:
        """What a request of ours asks for."""
        if request.action != "SendSms":
            return Asked(question=True, number=msgspec.json.decode(request.body, type=PullStatus).phone_number)
        asked = msgspec.json.decode(request.body, type=SendSms)
        [number] = asked.phone_number_set
        return Asked(False, number, asked.session_context, asked.template_id)

    def is_bad(self, asked: Asked) -> bool:
        """Whether the vendor has nobody at that number."""
        return not asked.question and asked.number.endswith(BAD_NUMBER)

    def text(self, request: Request) -> str:
        """What a message says, where it is not refused for it."""
        asked = msgspec.json.decode(request.body, type=SendSms)
        text = asked.sign_name, asked.template_id, asked.template_param_set
        return self._texts.render(*text) if self._texts.refuse(*text) is None else ""

    def no(self, asked: Asked, no: No) -> Answer:
        """Its own no to what was asked: to a message either of all that was asked, or of its number."""
        code = no[1]
        said: dict[str, Any] = {"SendStatusSet": [refused(asked.number, asked.out_id, code)]}
        if asked.question or code.startswith(_OF_THE_WHOLE):
            said = {"Error": {"Code": code, "Message": code}}
        return Answer(200, code, msgspec.json.encode({"Response": {**said, "RequestId": "0"}}))

    def body(self, element: dict[str, Any], *, reply: bool) -> bytes:
        """One element as it is pushed."""
        return msgspec.json.encode(element if reply else [element])

    def writes(self, number: str) -> str:
        """A number as the vendor writes it: E.164."""
        if number.startswith("+"):
            return number
        return f"+86{number}" if len(number) == 11 and number.startswith("1") else f"+{number}"

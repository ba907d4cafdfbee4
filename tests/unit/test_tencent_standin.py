"""The stand-in for Tencent at the far end, with the real gateway before it."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from agents.gateways.gateway import SmsGateway
from agents.gateways.http import Http
from agents.gateways.tencent import TencentGateway
from agents.gateways.tencent_signature import authorization
from orderbell.standins.faults import Fault
from orderbell.standins.pushes import Pushes
from orderbell.standins.tencent.faults import refusal
from orderbell.standins.tencent.messages import Message, e164
from orderbell.standins.tencent.pushes import TencentPushes
from orderbell.standins.tencent.service import TencentStandIn
from orderbell.standins.tencent.texts import Texts
from schemas.calls import ErrorClass, SendResult
from schemas.times import DAY, MINUTE, SECOND
from streams.clock import Clock
from streams.settings import Secret, Tencent
from tests.clock import START, ManualClock
from tests.standin_contract import SIGNATURE, TEXT, Scene, StandInContract, StandInVendor, until

APP = "1400006666"
URL_REFUSED = "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter"
MISMATCH = "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"


class TencentFarEnd(StandInVendor):
    name = "tencent"
    number = "+8613900000001"
    template, plain = "1000000101", "1000000102"
    wrong_secret = "AuthFailure.SignatureFailure"
    skew = 5 * MINUTE
    too_old = "AuthFailure.SignatureExpire"
    poor = "FailedOperation.InsufficientBalanceInSmsPackage"
    unreachable = "UNDELIV"
    waiting, absent = "unanswered", "unanswered"
    expected = '{"result":0,"errmsg":"OK"}'
    options = ("--sdk-app-id", APP, "--echo")

    def __init__(self, *, echoes: bool = True, limit: int | None = None) -> None:
        self.echoes = echoes
        self.limit = limit

    def standin(self, now: Callable[[], float], pushes: Pushes | None, report_after: float) -> TencentStandIn:
        assert pushes is None or isinstance(pushes, TencentPushes)
        texts = Texts(SIGNATURE, {self.template: TEXT, self.plain: "谢谢。"}, self.limit)
        return TencentStandIn(
            {"key": "secret"}, APP, texts, pushes, echoes=self.echoes, now=now, report_after=report_after
        )

    def pushes(self, callback: str, again: tuple[float, ...]) -> TencentPushes:
        return TencentPushes(callback, again, answer_within=30)

    def gateway(self, address: str, secret: str, over: Http, clock: Clock) -> SmsGateway:
        return TencentGateway(Tencent(Secret("key"), Secret(secret), APP, address), over, clock)

    def refusal(self, code: str) -> Fault:
        return refusal(code)

    def report(self, message: Message) -> dict[str, Any]:
        return {
            "user_receive_time": "2025-11-25 00:00:00",
            "nationcode": "86",
            "mobile": "13900000001",
            "report_status": "SUCCESS",
            "errmsg": "DELIVRD",
            "description": "用户短信送达成功",
            "sid": message.serial_no,
            "ext": "C1.N1.1",
        }

    def reply(self, content: str) -> dict[str, Any]:
        return {
            "extend": "",
            "mobile": "13900000001",
            "nationcode": "86",
            "sign": "",
            "text": content,
            "time": START // SECOND,
        }

    def replies(self, *replies: dict[str, Any]) -> Any:
        [reply] = replies
        return reply

    def shown(self) -> dict[str, Any]:
        return {"signature": SIGNATURE, "templates": [{"tencent": {"id": self.template, "text": TEXT}, "text": ""}]}


def signed(body: object, *, moment: int = START, **headers: str) -> bytes:
    """A request of our own making, with its true signature."""
    raw = json.dumps(body).encode()
    sent = {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "X-TC-Action": "SendSms",
        "X-TC-Version": "2021-01-11",
        "X-TC-Timestamp": str(moment // SECOND),
        "X-TC-Region": "ap-guangzhou",
        "Authorization": authorization(Secret("key"), Secret("secret"), moment, "127.0.0.1", "/", raw),
        "Content-Length": str(len(raw)),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"POST / HTTP/1.1\r\n{lines}\r\n".encode() + raw


def a_send(**changed: Any) -> dict[str, Any]:
    return {
        "PhoneNumberSet": ["+8613900000001"],
        "SmsSdkAppId": APP,
        "TemplateId": TencentFarEnd.template,
        "SignName": SIGNATURE,
        "TemplateParamSet": ["A1", "余额不足"],
    } | changed


def a_pull(**changed: Any) -> dict[str, Any]:
    now = START // SECOND
    return {
        "PhoneNumber": "+8613900000001",
        "SmsSdkAppId": APP,
        "BeginTime": now - 60,
        "EndTime": now + 60,
        "Offset": 0,
        "Limit": 100,
    } | changed


def code_of(body: Any) -> str:
    response = body["Response"]
    return str(response["Error"]["Code"] if "Error" in response else response["SendStatusSet"][0]["Code"])


class TestTencent(StandInContract):
    @pytest.fixture
    def vendor(self) -> StandInVendor:
        return TencentFarEnd()

    @pytest.mark.parametrize(
        ("changed", "code", "error_class"),
        [
            ({"signature": "别人"}, "FailedOperation.SignatureIncorrectOrUnapproved", ErrorClass.TEMPLATE),
            ({"template": "1"}, "FailedOperation.TemplateIncorrectOrUnapproved", ErrorClass.TEMPLATE),
            ({"variables": {"order": "A-1001"}}, MISMATCH, ErrorClass.TEMPLATE),
            ({"template": "1000000102"}, MISMATCH, ErrorClass.TEMPLATE),
            ({"variables": {"a": "", "b": "x"}}, "InvalidParameterValue.TemplateParameterFormatError", None),
            ({"variables": {"a": "www.a.com", "b": "x"}}, URL_REFUSED, ErrorClass.TEMPLATE),
            ({"variables": {"a": "x" * 490, "b": "x"}}, "InvalidParameterValue.ContentLengthLimit", None),
            ({"variables": {"a": 1, "b": "x"}}, "InvalidParameter", ErrorClass.UNKNOWN),
            ({"out_id": "x" * 512}, "InvalidParameter.InvalidParameters", ErrorClass.UNKNOWN),
            ({"number": "+86139"}, "InvalidParameterValue.IncorrectPhoneNumber", ErrorClass.BAD_NUMBER),
        ],
    )
    async def test_what_the_vendor_refuses_does_not_arrive(
        self, scene: Scene, changed: dict[str, object], code: str, error_class: ErrorClass | None
    ) -> None:
        error_class = error_class or ErrorClass.TEMPLATE
        assert await scene.send(**changed) == SendResult(outcome="rejected", error_class=error_class, code=code)
        assert scene.standin.messages == []
        assert scene.standin.refused == [code]

    async def test_what_comes_twice_is_taken_twice(self, scene: Scene) -> None:
        """The vendor has no nonces: nobody but TLS keeps a request from being repeated on the way."""
        request = await scene.written()
        assert code_of(await scene.body_for(request)) == "Ok"
        assert code_of(await scene.body_for(request)) == "Ok"
        assert len(scene.standin.messages) == 2

    @pytest.mark.parametrize(
        ("theirs", "ours", "code"),
        [
            (b"13900000001", b"13900000002", "AuthFailure.SignatureFailure"),
            (b"application/json", b"application/jsom", "AuthFailure.SignatureFailure"),
            (b"Host: 127", b"Host: 126", "AuthFailure.SignatureFailure"),
            (b"X-TC-Timestamp: 1764000000", b"X-TC-Timestamp: 1764000001", "AuthFailure.SignatureFailure"),
            (b"X-TC-Timestamp: 1764000000", b"X-TC-Timestamp: yesterday!", "AuthFailure.SignatureExpire"),
            (b"/2025-11-24/", b"/2025-11-25/", "AuthFailure.SignatureFailure"),
            (b"/sms/", b"/cvm/", "AuthFailure.InvalidAuthorization"),
            (b"content-type;host", b"host", "AuthFailure.InvalidAuthorization"),
            (b"content-type;host", b"host;content-type", "AuthFailure.InvalidAuthorization"),
            (b"Authorization: ", b"Authorisation: ", "AuthFailure.InvalidAuthorization"),
            (b"Credential=key", b"Credential=keys", "AuthFailure.SecretIdNotFound"),
            (b"X-TC-Region", b"X-TC-Regiom", "MissingParameter"),
            (b"2021-01-11", b"2019-07-11", "NoSuchVersion"),
            (b"Action: SendSms", b"Action: SendSmz", "InvalidAction"),
        ],
    )
    async def test_whatever_was_changed_on_the_way_is_not_let_in(
        self, scene: Scene, theirs: bytes, ours: bytes, code: str
    ) -> None:
        request = await scene.written()
        assert theirs in request
        assert code_of(await scene.body_for(request.replace(theirs, ours))) == code
        assert scene.standin.messages == []

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            (a_send(SmsSdkAppId="1400000000"), "UnauthorizedOperation.SmsSdkAppIdVerifyFail"),
            (a_send(PhoneNumberSet=[]), "MissingParameter.EmptyPhoneNumberSet"),
            (a_send(PhoneNumberSet=["+8613900000001"] * 201), "LimitExceeded.PhoneNumberCountLimit"),
            (a_send(Sign="x"), "UnknownParameter"),
            ({"SmsSdkAppId": APP}, "MissingParameter"),
            ([], "InvalidParameter"),
        ],
    )
    async def test_a_message_that_is_asked_for_wrongly_is_refused_whole(
        self, scene: Scene, asked: object, code: str
    ) -> None:
        assert code_of(await scene.body_for(signed(asked))) == code
        assert scene.standin.messages == []

    async def test_each_number_has_a_word_of_its_own(self, scene: Scene) -> None:
        numbers = ["+8613900000001", "139", "13900000002", "+85291234567"]
        body = await scene.body_for(signed(a_send(PhoneNumberSet=numbers)))
        said = body["Response"]["SendStatusSet"]
        assert [element["PhoneNumber"] for element in said] == [*numbers[:2], "+8613900000002", "+85291234567"]
        assert [element["Code"] == "Ok" for element in said] == [True, False, True, True]
        assert [element["Fee"] for element in said] == [1, 0, 1, 1]
        assert len({element["SerialNo"] for element in said}) == 4

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            (a_pull(Offset=1), "InvalidParameterValue.OffsetVerifyFail"),
            (a_pull(Limit=101), "InvalidParameterValue.LimitVerifyFail"),
            (a_pull(BeginTime=(START - 8 * DAY) // SECOND), "InvalidParameterValue.BeginTimeVerifyFail"),
            (a_pull(EndTime=1), "InvalidParameterValue.EndTimeVerifyFail"),
            (a_pull(SmsSdkAppId="1400000000"), "UnauthorizedOperation.SmsSdkAppIdVerifyFail"),
        ],
    )
    async def test_a_question_that_is_asked_wrongly_is_refused(self, scene: Scene, asked: object, code: str) -> None:
        request = signed(asked, X_TC_Action="PullSmsSendStatusByPhoneNumber")
        assert code_of(await scene.body_for(request)) == code

    async def test_only_what_the_carrier_has_reported_in_that_time_of_that_number_is_listed(self, scene: Scene) -> None:
        await scene.send()
        await scene.send(number="+8613900000002")
        await until(lambda: all(message.reported_at is not None for message in scene.standin.messages))
        scene.standin.fates["+8613900000001"] = None
        await scene.send()
        ours = scene.standin.messages[0]

        async def listed(**changed: Any) -> list[str]:
            request = signed(a_pull(**changed), X_TC_Action="PullSmsSendStatusByPhoneNumber")
            found = (await scene.body_for(request))["Response"]["PullSmsSendStatusSet"]
            return [status["SerialNo"] for status in found]

        assert await listed() == [ours.serial_no]
        assert await listed(PhoneNumber="13900000001") == [ours.serial_no]
        assert await listed(BeginTime=START // SECOND + 1) == []
        assert await listed(EndTime=START // SECOND - 1) == []

    async def test_a_variable_may_be_limited_to_six_characters(self) -> None:
        clock = ManualClock()
        vendor = TencentFarEnd(limit=6)
        standin = vendor.standin(lambda: clock.now() / SECOND, None, 0)
        scene = Scene(vendor, standin, await standin.start(), clock)
        assert (await scene.send(variables={"order": "123456", "reason": "余额不足"})).outcome == "accepted"
        result = await scene.send(variables={"order": "1234567", "reason": "余额不足"})
        assert result.code == "InvalidParameterValue.TemplateParameterLengthLimit"
        await scene.over.close()
        await standin.stop()


class TestTencentWithoutEchoes:
    """As the vendor has it for those who have not asked it for more."""

    @pytest.fixture
    async def scene(self) -> AsyncIterator[Scene]:
        clock = ManualClock()
        vendor = TencentFarEnd(echoes=False)
        standin = vendor.standin(lambda: clock.now() / SECOND, None, 0)
        scene = Scene(vendor, standin, await standin.start(), clock)
        yield scene
        await scene.over.close()
        await standin.stop()

    async def test_a_message_is_listed_and_reported_but_by_the_vendors_id_alone(self, scene: Scene) -> None:
        assert (await scene.send()).outcome == "accepted"
        await until(lambda: scene.standin.messages[0].reported_at is not None)
        assert "ext" not in scene.standin.messages[0].report()
        assert scene.standin.messages[0].status()["SessionContext"] == ""
        assert await scene.found() == "unanswered"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+8613900000001", "+8613900000001"),
        ("13900000001", "+8613900000001"),
        ("8613900000001", "+8613900000001"),
        ("008613900000001", "+8613900000001"),
        ("+85291234567", "+85291234567"),
        ("+86139", None),
        ("85291234567", None),
        ("+999123456789", None),
        ("", None),
        ("+86１3900000001", None),
    ],
)
def test_numbers_are_read_as_the_vendor_does(written: str, number: str | None) -> None:
    assert e164(written) == number

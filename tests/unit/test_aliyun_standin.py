"""The stand-in for Aliyun at the far end, with the real gateway before it."""

from collections.abc import Callable
from typing import Any

import pytest

from agents.gateways.aliyun import AliyunGateway
from agents.gateways.gateway import SmsGateway
from agents.gateways.http import Http
from orderbell.standins.aliyun.faults import refusal
from orderbell.standins.aliyun.messages import Message
from orderbell.standins.aliyun.pushes import AliyunPushes
from orderbell.standins.aliyun.service import AliyunStandIn
from orderbell.standins.aliyun.texts import Texts
from orderbell.standins.faults import Fault
from orderbell.standins.pushes import Pushes
from schemas.calls import ErrorClass, SendResult
from schemas.times import MINUTE
from streams.clock import Clock
from streams.settings import Aliyun, Secret
from tests.standin_contract import SIGNATURE, TEXT, Scene, StandInContract, StandInVendor


class AliyunFarEnd(StandInVendor):
    name = "aliyun"
    number = "13900000001"
    template, plain = "SMS_000000101", "SMS_000000102"
    wrong_secret = "SignatureDoesNotMatch"
    skew = 15 * MINUTE
    too_old = "InvalidTimeStamp.Expired"
    poor = "isv.AMOUNT_NOT_ENOUGH"
    unreachable = "MOBILE_NOT_ON_SERVICE"
    waiting, absent = "waiting", "absent"
    expected = '{"code":0,"msg":"成功"}'
    options = ()

    def standin(self, now: Callable[[], float], pushes: Pushes | None, report_after: float) -> AliyunStandIn:
        assert pushes is None or isinstance(pushes, AliyunPushes)
        texts = Texts(SIGNATURE, {self.template: TEXT, self.plain: "谢谢。"})
        return AliyunStandIn({"key": "secret"}, texts, pushes, now=now, report_after=report_after)

    def pushes(self, callback: str, again: tuple[float, ...]) -> AliyunPushes:
        return AliyunPushes(callback, again, answer_within=30)

    def gateway(self, address: str, secret: str, over: Http, clock: Clock) -> SmsGateway:
        return AliyunGateway(Aliyun(Secret("key"), Secret(secret), address), over, clock)

    def refusal(self, code: str) -> Fault:
        return refusal(code)

    def report(self, message: Message) -> dict[str, Any]:
        return {
            "phone_number": "13900000001",
            "send_time": "2025-11-25 00:00:00",
            "report_time": "2025-11-25 00:00:00",
            "success": True,
            "err_code": "DELIVERED",
            "err_msg": "用户接收成功",
            "sms_size": "1",
            "biz_id": message.biz_id,
            "out_id": "C1.N1.1",
        }

    def reply(self, content: str) -> dict[str, Any]:
        return {
            "phone_number": "13900000001",
            "content": content,
            "send_time": "2025-11-25 00:00:00",
            "dest_code": "1234",
            "sequence_id": "1",
        }

    def replies(self, *replies: dict[str, Any]) -> Any:
        return list(replies)

    def shown(self) -> dict[str, Any]:
        return {"signature": SIGNATURE, "templates": [{"aliyun": {"id": self.template}, "text": TEXT}]}


class TestAliyun(StandInContract):
    @pytest.fixture
    def vendor(self) -> StandInVendor:
        return AliyunFarEnd()

    @pytest.mark.parametrize(
        ("changed", "code", "error_class"),
        [
            ({"signature": "别人"}, "isv.SMS_SIGNATURE_ILLEGAL", ErrorClass.TEMPLATE),
            ({"template": "SMS_1"}, "isv.SMS_TEMPLATE_ILLEGAL", ErrorClass.TEMPLATE),
            ({"variables": {"order": "A-1001"}}, "isv.TEMPLATE_MISSING_PARAMETERS", ErrorClass.TEMPLATE),
            ({"template": "SMS_000000102"}, "isv.TEMPLATE_PARAMS_ILLEGAL", ErrorClass.TEMPLATE),
            ({"variables": {"order": "", "reason": "x"}}, "isv.TEMPLATE_PARAMS_ILLEGAL", ErrorClass.TEMPLATE),
            ({"variables": {"order": "A" * 36, "reason": "x"}}, "isv.PARAM_LENGTH_LIMIT", ErrorClass.TEMPLATE),
            ({"variables": {"order": "www.a.com", "reason": "x"}}, "isv.PARAM_NOT_SUPPORT_URL", ErrorClass.TEMPLATE),
            ({"variables": {"order": 1, "reason": "x"}}, "isv.INVALID_JSON_PARAM", ErrorClass.TEMPLATE),
            ({"number": "+86139"}, "isv.MOBILE_NUMBER_ILLEGAL", ErrorClass.BAD_NUMBER),
        ],
    )
    async def test_what_the_vendor_refuses_does_not_arrive(
        self, scene: Scene, changed: dict[str, object], code: str, error_class: ErrorClass
    ) -> None:
        assert await scene.send(**changed) == SendResult(outcome="rejected", error_class=error_class, code=code)
        assert scene.standin.messages == []

    async def test_a_request_that_comes_twice_is_let_in_once(self, scene: Scene) -> None:
        request = await scene.written()
        assert (await scene.body_for(request))["Code"] == "OK"
        assert (await scene.body_for(request))["Code"] == "SignatureNonceUsed"
        assert len(scene.standin.messages) == 1

    @pytest.mark.parametrize(
        ("theirs", "ours", "code"),
        [
            (b"13900000001", b"13900000002", "SignatureDoesNotMatch"),
            (b"x-acs-action: SendSms", b"x-acs-action: QuerySendDetails", "SignatureDoesNotMatch"),
            (b"x-acs-date: 2025", b"x-acs-date: 2026", "SignatureDoesNotMatch"),
            (b"host;", b"", "IncompleteSignature"),
            (b"Authorization: ", b"Authorisation: ", "IncompleteSignature"),
            (b"Credential=key", b"Credential=keys", "InvalidAccessKeyId.NotFound"),
        ],
    )
    async def test_whatever_was_changed_on_the_way_is_not_let_in(
        self, scene: Scene, theirs: bytes, ours: bytes, code: str
    ) -> None:
        request = await scene.written()
        assert theirs in request
        assert (await scene.body_for(request.replace(theirs, ours)))["Code"] == code

    async def test_details_come_in_pages_the_newest_first(self, scene: Scene) -> None:
        for number in range(60):
            await scene.send(out_id=f"C1.N{number}.1")
        assert await scene.found() in ("waiting", "delivered")  # N1: page 2
        scene.standin.messages.clear()
        assert await scene.found() == "absent"

import json
from typing import Any, Literal

import pytest

from agents.gateways.gateway import SmsGateway
from agents.gateways.http import Http
from agents.gateways.tencent import TencentGateway
from schemas.calls import ErrorClass, SendResult
from streams.settings import Secret, Tencent
from tests.clock import ManualClock
from tests.far_end import Act, FarEnd, http
from tests.gateway_contract import SmsGatewayContract
from tests.gateways import SmsVendor, Vendor, a_message, unhindered

SERIAL = "5000:1045710669157053657849499619"


def said(response: dict[str, Any]) -> bytes:
    return json.dumps({"Response": {**response, "RequestId": "a0aabda6"}}).encode()


def sent(**changed: Any) -> dict[str, Any]:
    """What the vendor says of our number, in its list."""
    fields = {
        "SerialNo": SERIAL,
        "PhoneNumber": "+8613900000001",
        "Fee": 1,
        "SessionContext": "C1.N1.1",
        "Code": "Ok",
        "Message": "send success",
        "IsoCode": "CN",
    }
    return {"SendStatusSet": [{name: value for name, value in (fields | changed).items() if value is not ...}]}


def refused(code: Any, **changed: Any) -> dict[str, Any]:
    return sent(Code=code, SerialNo="", Fee=0, Message="手机号格式错误", **changed)


def error(code: Any) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": "某个原因"}}


class TencentVendor(SmsVendor):
    yes = said(sent())
    message_id = SERIAL
    no = said(refused("InvalidParameterValue.IncorrectPhoneNumber"))
    code = "InvalidParameterValue.IncorrectPhoneNumber"
    error_class = ErrorClass.BAD_NUMBER

    def gateway(self, address: str, over: Http, clock: ManualClock) -> SmsGateway:
        return TencentGateway(Tencent(Secret("id"), Secret("secret"), "1400006666", address), over, clock)


class TestTencent(SmsGatewayContract):
    @pytest.fixture
    def vendor(self) -> Vendor:
        return TencentVendor()

    async def answered(self, vendor: Vendor, over: Http, clock: ManualClock, body: bytes, status: int) -> SendResult:
        async with FarEnd(Act(http(body, status))) as far_end:
            return await vendor.gateway(far_end.address, over, clock).send(a_message(clock), unhindered)

    async def test_the_request_is_the_documented_one(self, vendor: Vendor, over: Http, clock: ManualClock) -> None:
        async with FarEnd(Act(http(vendor.yes))) as far_end:
            await vendor.gateway(far_end.address, over, clock).send(a_message(clock), unhindered)
            head, _, body = far_end.requests[0].partition(b"\r\n\r\n")
            first, *lines = head.decode("ascii").split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines)
            signature = headers.pop("Authorization")
            assert first == "POST / HTTP/1.1"
            assert headers == {
                "Host": far_end.address.removeprefix("http://"),
                "Content-Type": "application/json",
                "X-TC-Action": "SendSms",
                "X-TC-Version": "2021-01-11",
                "X-TC-Timestamp": "1764000000",
                "X-TC-Region": "ap-guangzhou",
                "User-Agent": "orderbell",
                "Accept": "*/*",
                "Content-Length": str(len(body)),
            }
        assert signature.startswith(
            "TC3-HMAC-SHA256 Credential=id/2025-11-24/sms/tc3_request, SignedHeaders=content-type;host, Signature="
        )
        assert json.loads(body) == {
            "PhoneNumberSet": ["+8613900000001"],
            "SmsSdkAppId": "1400006666",
            "TemplateId": "SMS_000000101",
            "SignName": "寄卖行",
            "TemplateParamSet": ["A-1001", "余额不足"],
            "SessionContext": "C1.N1.1",
        }

    async def test_parameters_come_in_order_of_appearance(self, vendor: Vendor, over: Http, clock: ManualClock) -> None:
        variables = {"reason": "余额不足", "order": "A-1001", "amount": "1"}
        async with FarEnd(Act(http(vendor.yes))) as far_end:
            await vendor.gateway(far_end.address, over, clock).send(a_message(clock, variables=variables), unhindered)
            await vendor.gateway(far_end.address, over, clock).send(a_message(clock, variables={}), unhindered)
            bodies = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in far_end.requests]
        assert [body["TemplateParamSet"] for body in bodies] == [["余额不足", "A-1001", "1"], []]

    @pytest.mark.parametrize("echo", ["", None, ...])
    async def test_an_account_that_echoes_nothing_says_yes_as_well(
        self, vendor: Vendor, over: Http, clock: ManualClock, echo: Any
    ) -> None:
        result = await self.answered(vendor, over, clock, said(sent(SessionContext=echo)), 200)
        assert result == SendResult(outcome="accepted", message_id=SERIAL)

    @pytest.mark.parametrize(
        "response",
        [
            sent(SessionContext="C2.N1.1"),
            sent(SessionContext=1),
            sent(SerialNo=""),
            sent(SerialNo=...),
            sent(SerialNo=None),
            sent(SerialNo=50001045),
            sent(SerialNo="5" * 65),
            sent(SerialNo="短信"),
            sent(Code="OK"),
            sent(Code="ok"),
            sent(Code="Ok "),
            sent(Code="Ok\n"),
            sent(Code=""),
            sent(Code=...),
            sent(Code=0),
            sent(Code="FailedOperation.PhoneNumberInBlacklist"),
            refused("13900000001"),
            refused("FailedOperation." + "X" * 100),
            {"SendStatusSet": []},
            {"SendStatusSet": None},
            {"SendStatusSet": sent()["SendStatusSet"] * 2},
            {"SendStatusSet": sent()["SendStatusSet"][0]},
            {**sent(), **error("FailedOperation.OtherError")},
            error("余额不足"),
            error(None),
            {"Error": []},
            {},
        ],
    )
    async def test_what_is_not_quite_an_answer_is_neither_a_yes_nor_a_no(
        self, vendor: Vendor, over: Http, clock: ManualClock, response: dict[str, Any]
    ) -> None:
        assert await self.answered(vendor, over, clock, said(response), 200) == SendResult(
            outcome="unknown", code="nonsense"
        )

    @pytest.mark.parametrize("body", [sent(), {"response": sent()}, {"Response": [sent()]}, {"Response": None}, []])
    async def test_an_answer_is_in_a_response(
        self, vendor: Vendor, over: Http, clock: ManualClock, body: object
    ) -> None:
        result = await self.answered(vendor, over, clock, json.dumps(body).encode(), 200)
        assert result == SendResult(outcome="unknown", code="nonsense")

    @pytest.mark.parametrize("said_of", ["request", "number"])
    @pytest.mark.parametrize(
        ("status", "code", "outcome", "error_class"),
        [
            (200, "ServiceUnavailable", "rejected", ErrorClass.RETRY_LATER),
            (200, "RequestLimitExceeded", "rejected", ErrorClass.RATE_LIMITED),
            (200, "AuthFailure.SignatureFailure", "rejected", ErrorClass.CONFIGURATION),
            (200, "LimitExceeded.PhoneNumberThirtySecondLimit", "rejected", ErrorClass.RATE_LIMITED),
            (200, "FailedOperation.PhoneNumberInBlacklist", "rejected", ErrorClass.OPTED_OUT),
            (200, "FailedOperation.NeverHeardOf", "rejected", ErrorClass.UNKNOWN),
            (200, "InternalError", "unknown", None),
            (200, "InternalError.Timeout", "unknown", None),
            (200, "InternalError.SendAndRecvFail", "unknown", None),
            (200, "InternalErrors", "rejected", ErrorClass.UNKNOWN),
            (400, "AuthFailure.SignatureFailure", "unknown", None),
            (429, "RequestLimitExceeded", "unknown", None),
            (500, "FailedOperation.PhoneNumberInBlacklist", "unknown", None),
        ],
    )
    async def test_a_no_is_the_vendors_own_only_where_nothing_can_have_been_sent(
        self,
        vendor: Vendor,
        over: Http,
        clock: ManualClock,
        status: int,
        code: str,
        outcome: Literal["rejected", "unknown"],
        error_class: ErrorClass | None,
        said_of: str,
    ) -> None:
        body = said(error(code) if said_of == "request" else refused(code))
        result = await self.answered(vendor, over, clock, body, status)
        assert result == SendResult(outcome=outcome, error_class=error_class, code=code)

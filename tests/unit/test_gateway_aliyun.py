import json
import re
from typing import Literal

import pytest

from agents.gateways.aliyun import AliyunGateway
from agents.gateways.aliyun_numbers import our_number, vendors_number
from agents.gateways.gateway import SmsGateway
from agents.gateways.http import Http
from schemas.calls import ErrorClass, SendResult
from streams.settings import Aliyun, Secret
from tests.clock import ManualClock
from tests.far_end import Act, FarEnd, http
from tests.gateway_contract import SmsGatewayContract
from tests.gateways import SmsVendor, Vendor, a_message, unhindered


class AliyunVendor(SmsVendor):
    yes = b'{"Code":"OK","Message":"OK","BizId":"900619746936498440^0","RequestId":"F655A8D5"}'
    message_id = "900619746936498440^0"
    no = '{"Code":"isv.MOBILE_NUMBER_ILLEGAL","Message":"手机号码格式错误","RequestId":"F655A8D5"}'.encode()
    code = "isv.MOBILE_NUMBER_ILLEGAL"
    error_class = ErrorClass.BAD_NUMBER

    def gateway(self, address: str, over: Http, clock: ManualClock) -> SmsGateway:
        return AliyunGateway(Aliyun(Secret("key"), Secret("secret"), address), over, clock)


class TestAliyun(SmsGatewayContract):
    @pytest.fixture
    def vendor(self) -> Vendor:
        return AliyunVendor()

    async def test_the_request_is_the_documented_one(self, vendor: Vendor, over: Http, clock: ManualClock) -> None:
        async with FarEnd(Act(http(vendor.yes))) as far_end:
            for _ in range(2):
                await vendor.gateway(far_end.address, over, clock).send(a_message(clock), unhindered)
            first, second = (_headers(request) for request in far_end.requests)
            nonce, signature = first.pop("x-acs-signature-nonce"), first.pop("Authorization")
            assert first == {
                "": "POST /?OutId=C1.N1.1&PhoneNumbers=13900000001&SignName=%E5%AF%84%E5%8D%96%E8%A1%8C"
                "&TemplateCode=SMS_000000101&TemplateParam=%7B%22order%22%3A%22A-1001%22%2C%22reason%22%3A%22"
                "%E4%BD%99%E9%A2%9D%E4%B8%8D%E8%B6%B3%22%7D HTTP/1.1",
                "host": far_end.address.removeprefix("http://"),
                "x-acs-version": "2017-05-25",
                "x-acs-action": "SendSms",
                "x-acs-date": "2025-11-24T16:00:00Z",
                "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "accept": "application/json",
                "User-Agent": "orderbell",
                "Content-Length": "0",
            }
        assert re.fullmatch("[0-9a-f]{32}", nonce)
        assert nonce != second["x-acs-signature-nonce"]
        assert re.fullmatch(
            "ACS3-HMAC-SHA256 Credential=key,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
            "x-acs-signature-nonce;x-acs-version,Signature=[0-9a-f]{64}",
            signature,
        )

    async def test_a_text_without_variables_sends_none(self, vendor: Vendor, over: Http, clock: ManualClock) -> None:
        async with FarEnd(Act(http(vendor.yes))) as far_end:
            await vendor.gateway(far_end.address, over, clock).send(a_message(clock, variables={}), unhindered)
            assert b"TemplateParam" not in far_end.requests[0]

    @pytest.mark.parametrize(("number", "theirs"), [("+8613900000001", "13900000001"), ("+85291234567", "85291234567")])
    def test_numbers_are_written_as_the_vendor_does(self, number: str, theirs: str) -> None:
        assert vendors_number(number) == theirs
        assert our_number(theirs) == number

    @pytest.mark.parametrize(
        "body",
        [
            {"Code": "OK"},
            {"Code": "OK", "BizId": None},
            {"Code": "OK", "BizId": ""},
            {"Code": "OK", "BizId": 900619746936498440},
            {"Code": "OK", "BizId": ["900619746936498440^0"]},
            {"Code": "OK", "BizId": "9" * 65},
            {"Code": "OK", "BizId": "短信"},
            {"Code": "ok", "BizId": "900619746936498440^0"},
            {"Code": " OK", "BizId": "900619746936498440^0"},
            {"Code": "", "BizId": "900619746936498440^0"},
            {"Code": None, "BizId": "900619746936498440^0"},
            {"Code": True, "BizId": "900619746936498440^0"},
            {"Code": 200, "BizId": "900619746936498440^0"},
            {"Code": {"OK": "OK"}, "BizId": "900619746936498440^0"},
            {"code": "OK", "BizId": "900619746936498440^0"},
            {"Code": "isv.AMOUNT_NOT_ENOUGH", "BizId": "900619746936498440^0"},
            {"BizId": "900619746936498440^0"},
            {"Code": "isv.余额不足"},
            {"Code": "13900000001"},
            {"Code": "isv." + "X" * 64},
            {"Code": "isv.A\n"},
        ],
    )
    async def test_what_is_not_quite_an_answer_is_never_a_yes(
        self, vendor: Vendor, over: Http, clock: ManualClock, body: dict[str, object]
    ) -> None:
        async with FarEnd(Act(http(json.dumps(body).encode()))) as far_end:
            result = await vendor.gateway(far_end.address, over, clock).send(a_message(clock), unhindered)
        assert result == SendResult(outcome="unknown", code="nonsense")

    @pytest.mark.parametrize(
        ("status", "code", "outcome", "error_class"),
        [
            (200, "isp.SYSTEM_ERROR", "rejected", ErrorClass.RETRY_LATER),
            (400, "SignatureDoesNotMatch", "rejected", ErrorClass.CONFIGURATION),
            (404, "InvalidAccessKeyId.NotFound", "rejected", ErrorClass.CONFIGURATION),
            (400, "Throttling.User", "rejected", ErrorClass.RATE_LIMITED),
            (429, "Throttling", "rejected", ErrorClass.RATE_LIMITED),
            (503, "Throttling.Api", "rejected", ErrorClass.RATE_LIMITED),
            (500, "InternalError", "unknown", None),
            (503, "ServiceUnavailable", "unknown", None),
            (500, "isv.BUSINESS_LIMIT_CONTROL", "unknown", None),
            (302, "isv.BUSINESS_LIMIT_CONTROL", "unknown", None),
            (400, "SignatureNonceUsed", "unknown", None),
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
    ) -> None:
        async with FarEnd(Act(http(json.dumps({"Code": code, "Message": "..."}).encode(), status))) as far_end:
            result = await vendor.gateway(far_end.address, over, clock).send(a_message(clock), unhindered)
        assert result == SendResult(outcome=outcome, error_class=error_class, code=code)


def _headers(request: bytes) -> dict[str, str]:
    first, *lines = request.decode("ascii").removesuffix("\r\n\r\n").split("\r\n")
    return {"": first} | {name: value for name, _, value in (line.partition(": ") for line in lines)}

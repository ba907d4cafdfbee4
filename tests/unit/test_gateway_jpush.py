import asyncio
import base64
import json
import ssl
from typing import Any

import pytest

from agents.gateways import jpush
from agents.gateways.gateway import Gateway
from agents.gateways.http import Http
from agents.gateways.jpush import JPushGateway
from schemas.calls import ErrorClass, Request, SendResult
from schemas.times import HOUR, MILLISECOND
from streams.settings import JPush, Secret
from tests.clock import ManualClock
from tests.far_end import Act, FarEnd, http
from tests.gateways import Vendor, not_sent, send, unhindered, unknown
from tests.jpush_far_end import DEVICE, KEY, MSG_ID, SECRET, JPushEnd, a_push, body_of, options, said
from tests.repeating_gateway_contract import RepeatingGatewayContract

YES = json.dumps({"sendno": "0", "msg_id": MSG_ID}).encode()
DEAD = said(1011, "cannot find user by this audience or has been inactive for more than 255 days", msg_id=3125719446)


class JPushVendor:
    yes = YES
    message_id = MSG_ID
    no = DEAD
    code = "1011"
    error_class = ErrorClass.BAD_NUMBER
    no_status = 400
    tries = 2
    personal: tuple[str, ...] = (DEVICE, "余额不足", SECRET, base64.b64encode(f"{KEY}:{SECRET}".encode()).decode())

    def gateway(self, address: str, over: Http, clock: ManualClock) -> Gateway[Any]:
        return JPushGateway(JPush(KEY, Secret(SECRET), address), over, clock)

    def message(self, clock: ManualClock, **changed: object) -> Request:
        return a_push(clock, **changed)

    def far_end(self, *acts: Act, tls: ssl.SSLContext | None = None) -> FarEnd:
        return JPushEnd(*acts, tls=tls)


class TestJPush(RepeatingGatewayContract):
    @pytest.fixture
    def vendor(self) -> Vendor:
        return JPushVendor()

    async def written(self, vendor: Vendor, over: Http, clock: ManualClock, **changed: Any) -> Any:
        async with vendor.far_end(Act(http(YES))) as far_end:
            await send(vendor, far_end.address, over, clock, vendor.message(clock, **changed))
            return body_of(far_end.requests[0])

    # Its requests.

    async def test_the_request_is_the_documented_one(self, vendor: Vendor, over: Http, clock: ManualClock) -> None:
        async with JPushEnd(Act(http(YES))) as far_end:
            await send(vendor, far_end.address, over, clock)
            [asked], [request] = far_end.asked, far_end.requests
        account = base64.b64encode(f"{KEY}:{SECRET}".encode())
        for head in (asked, request):
            assert b"\r\nAuthorization: Basic " + account + b"\r\n" in head
        assert asked.startswith(b"GET /v3/push/cid?count=100 HTTP/1.1\r\n")
        assert request.startswith(b"POST /v3/push HTTP/1.1\r\n")
        assert b"\r\nContent-Type: application/json\r\n" in request
        extras = {"order_id": "A-1001", "notification_id": "N1"}
        title, body = "支付失败", "订单A-1001因余额不足付款未成功。"
        assert body_of(request) == {
            "cid": f"{KEY}-00000064",
            "platform": ["android", "ios"],
            "audience": {"registration_id": [DEVICE]},
            "notification": {
                "android": {"alert": body, "title": title, "extras": extras},
                "ios": {"alert": {"title": title, "body": body}, "sound": "default", "extras": extras},
            },
            "options": {"time_to_live": 3600, "classification": 1},
            "callback": {"params": {"out_id": "C1.N1.1", "devices": "1"}},
        }

    async def test_it_says_what_the_rules_have_for_the_phone_makers(
        self, vendor: Vendor, over: Http, clock: ManualClock
    ) -> None:
        channels = {"huawei": {"category": "EXPRESS", "importance": "NORMAL"}, "xiaomi": {"channel_id": "1"}}
        as_ruled = options(
            platforms=("android", "hmos"), channels=channels, channel_id="order", open_with="intent:#", category="X"
        )
        written = await self.written(
            vendor, over, clock, options=as_ruled, shorter={"vivo": "短", "xiaomi": "短些"}, devices=("1", "2")
        )
        assert written["platform"] == ["android", "hmos"]
        assert written["options"]["third_party_channel"] == channels
        assert written["callback"]["params"]["devices"] == "2"
        android, hmos = written["notification"]["android"], written["notification"]["hmos"]
        assert (android["channel_id"], android["intent"]) == ("order", {"url": "intent:#"})
        assert android["extras"]["vpns_content_forshort"] == "短"
        assert android["extras"]["mipns_content_forshort"] == "短些"
        assert (hmos["category"], hmos["title"]) == ("X", "支付失败")
        assert "ios" not in written["notification"]

    async def test_reports_are_asked_for_only_where_the_rules_say_so(
        self, vendor: Vendor, over: Http, clock: ManualClock
    ) -> None:
        assert "callback" not in await self.written(vendor, over, clock, options=options(reports=False))

    # Its ids.

    async def test_no_two_pushes_have_the_same_id(self, vendor: Vendor, over: Http, clock: ManualClock) -> None:
        async with JPushEnd(Act(http(YES)), few=7) as far_end:
            gateway = vendor.gateway(far_end.address, over, clock)
            results = await asyncio.gather(*(gateway.send(a_push(clock), unhindered) for _ in range(40)))
            ids = [body_of(request)["cid"] for request in far_end.requests]
            assert {result.outcome for result in results} == {"accepted"}
            assert len(set(ids)) == len(ids) == 40
            assert len(far_end.asked) == 6

    async def test_an_id_is_not_kept_until_it_is_good_no_more(
        self, vendor: Vendor, over: Http, clock: ManualClock
    ) -> None:
        async with JPushEnd(Act(http(YES))) as far_end:
            gateway = vendor.gateway(far_end.address, over, clock)
            for hours, asked in ((0, 1), (11, 1), (1, 2), (12, 3)):
                clock.advance(hours * HOUR)
                assert (await gateway.send(a_push(clock), unhindered)).outcome == "accepted"
                assert len(far_end.asked) == asked

    @pytest.mark.parametrize(
        ("instead", "result"),
        [
            (Act(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "close"), not_sent("truncated")),
            (Act(http(b"<html>", 502)), not_sent("http_502")),
            (Act(http(said(1000), 500)), not_sent("http_500")),
            (Act(http(b"{}")), not_sent("nonsense")),
            (Act(http(b'{"cidlist":[]}')), not_sent("nonsense")),
            (Act(http(b'{"cidlist":[""]}')), not_sent("nonsense")),
            (Act(http(b'{"cidlist":["a b"]}')), not_sent("nonsense")),
            (Act(http(b'{"cidlist":"7"}')), not_sent("nonsense")),
            (Act(http(b'{"cidlist":["7"]}', 201)), not_sent("http_201")),
            (
                Act(http(said(1004), 401)),
                SendResult(outcome="rejected", error_class=ErrorClass.CONFIGURATION, code="1004"),
            ),
            (
                Act(http(said(2002), 429)),
                SendResult(outcome="rejected", error_class=ErrorClass.RATE_LIMITED, code="2002"),
            ),
        ],
    )
    async def test_without_an_id_nothing_is_pushed_and_the_next_push_asks_anew(
        self, vendor: Vendor, over: Http, clock: ManualClock, instead: Act, result: SendResult
    ) -> None:
        async with JPushEnd(Act(http(YES)), instead=(instead,)) as far_end:
            gateway = vendor.gateway(far_end.address, over, clock)
            assert await gateway.send(a_push(clock), unhindered) == result
            assert far_end.requests == []
            assert (await gateway.send(a_push(clock), unhindered)).outcome == "accepted"

    async def test_an_id_that_does_not_come_in_time_lets_the_push_be(self, vendor: Vendor, clock: ManualClock) -> None:
        impatient = Http(clock, answer_within=200 * MILLISECOND)
        async with JPushEnd(Act(http(YES)), instead=(Act(),)) as far_end:
            assert await send(vendor, far_end.address, impatient, clock) == not_sent("timeout")
            assert far_end.requests == []
        await impatient.close()

    # Its answers.

    async def answered(self, vendor: Vendor, over: Http, clock: ManualClock, body: bytes, status: int) -> SendResult:
        async with vendor.far_end(Act(http(body, status))) as far_end:
            return await send(vendor, far_end.address, over, clock)

    @pytest.mark.parametrize(
        ("code", "status", "error_class"),
        [
            (1002, 400, ErrorClass.TEMPLATE),
            (1003, 400, ErrorClass.TEMPLATE),
            (1004, 401, ErrorClass.CONFIGURATION),
            (1005, 400, ErrorClass.CONTENT),
            (1008, 400, ErrorClass.CONFIGURATION),
            (1009, 400, ErrorClass.TEMPLATE),
            (1011, 400, ErrorClass.BAD_NUMBER),
            (1012, 400, ErrorClass.DAY_LIMIT),
            (1020, 404, ErrorClass.CONFIGURATION),
            (2002, 429, ErrorClass.RATE_LIMITED),
            (2003, 403, ErrorClass.CONFIGURATION),
            (2004, 403, ErrorClass.CONFIGURATION),
            (2005, 403, ErrorClass.DAY_LIMIT),
            (2006, 403, ErrorClass.CONFIGURATION),
            (7777, 400, ErrorClass.UNKNOWN),
        ],
    )
    async def test_a_no_is_of_its_class(
        self, vendor: Vendor, over: Http, clock: ManualClock, code: int, status: int, error_class: ErrorClass
    ) -> None:
        result = await self.answered(vendor, over, clock, said(code), status)
        assert result == SendResult(outcome="rejected", error_class=error_class, code=str(code))

    @pytest.mark.parametrize(("code", "status"), [(1000, 500), (1030, 503)])
    async def test_a_trouble_within_the_vendor_leaves_it_in_doubt(
        self, vendor: Vendor, over: Http, clock: ManualClock, code: int, status: int
    ) -> None:
        assert await self.answered(vendor, over, clock, said(code), status) == unknown(str(code))

    @pytest.mark.parametrize("msg_id", ["", None, True, 1.5, [], {}, "1 2", "1\n", "9" * 65])
    async def test_a_yes_without_an_id_is_none(
        self, vendor: Vendor, over: Http, clock: ManualClock, msg_id: Any
    ) -> None:
        answer = json.dumps({"sendno": "0", "msg_id": msg_id}).encode()
        assert await self.answered(vendor, over, clock, answer, 200) == unknown("nonsense")

    @pytest.mark.parametrize("code", [True, "1011", 10.5, None, -1, 10**9])
    async def test_a_code_that_is_none_is_no_answer(
        self, vendor: Vendor, over: Http, clock: ManualClock, code: Any
    ) -> None:
        assert await self.answered(vendor, over, clock, said(code), 400) == unknown("http_400")

    async def test_an_error_is_no_yes_whatever_else_is_said(
        self, vendor: Vendor, over: Http, clock: ManualClock
    ) -> None:
        assert await self.answered(vendor, over, clock, said(1011, msg_id=MSG_ID), 200) == unknown("nonsense")

    async def test_an_id_may_be_a_number(self, vendor: Vendor, over: Http, clock: ManualClock) -> None:
        assert (await self.answered(vendor, over, clock, b'{"sendno":0,"msg_id":123}', 200)).message_id == "123"

    # What is said to a push that comes again.

    async def test_the_first_post_is_waited_for_only_so_long_that_there_is_time_for_the_second(
        self, vendor: Vendor, over: Http, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # In a test's time; ``over`` itself would wait for half a minute.
        monkeypatch.setattr(jpush, "ANSWERED_WITHIN", -4_800 * MILLISECOND)
        async with vendor.far_end(Act(), Act(http(YES))) as far_end, asyncio.timeout(10):
            assert (await send(vendor, far_end.address, over, clock)).outcome == "accepted"

    async def test_the_second_post_has_ten_seconds_from_its_time(
        self, vendor: Vendor, over: Http, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jpush, "AGAIN_WITHIN", -4_800 * MILLISECOND)
        async with vendor.far_end(Act(then="reset"), Act()) as far_end, asyncio.timeout(10):
            assert await send(vendor, far_end.address, over, clock) == unknown("reset")
            assert len(far_end.requests) == 2

    async def test_a_no_to_the_second_post_says_nothing_of_the_first(
        self, vendor: Vendor, over: Http, clock: ManualClock
    ) -> None:
        for code, status in ((2002, 429), (1004, 401), (1003, 400), (1000, 500)):
            async with vendor.far_end(Act(then="reset"), Act(http(said(code), status))) as far_end:
                assert await send(vendor, far_end.address, over, clock) == unknown("reset")

    async def test_but_that_there_is_no_such_device(self, vendor: Vendor, over: Http, clock: ManualClock) -> None:
        async with vendor.far_end(Act(then="reset"), Act(http(DEAD, 400))) as far_end:
            result = await send(vendor, far_end.address, over, clock)
        assert result == SendResult(outcome="rejected", error_class=ErrorClass.BAD_NUMBER, code="1011")

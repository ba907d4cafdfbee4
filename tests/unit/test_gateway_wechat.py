import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.gateways import wechat
from agents.gateways.gateway import Gateway
from agents.gateways.http import Http
from agents.gateways.wechat import AGAIN_WITHIN, client_msg_id
from schemas.calls import ErrorClass, Request, SendResult
from schemas.times import MILLISECOND, MINUTE, SECOND
from tests.clock import ManualClock
from tests.far_end import Act, FarEnd, http
from tests.gateways import Vendor, not_sent, unhindered, unknown
from tests.repeating_gateway_contract import RepeatingGatewayContract
from tests.wechat_far_end import MSGID, OPENID, WechatEnd, a_card, a_gateway, a_token, no, said, yes

ACCEPTED = SendResult(outcome="accepted", message_id=str(MSGID))


def refused(code: int, error_class: ErrorClass) -> SendResult:
    return SendResult(outcome="rejected", error_class=error_class, code=str(code))


class WechatVendor:
    yes = json.dumps({"errcode": 0, "errmsg": "ok", "msgid": MSGID}).encode()
    message_id = str(MSGID)
    no = json.dumps({"errcode": 43004, "errmsg": "require subscribe rid: 62bac4fd-3b536b18"}).encode()
    code = "43004"
    error_class = ErrorClass.OPTED_OUT
    no_status = 200
    tries = 2
    personal: tuple[str, ...] = (OPENID[4:], "余额不足", "token_1", "app-secret")

    def gateway(self, address: str, over: Http, clock: ManualClock) -> Gateway[Any]:
        return a_gateway(address, over, clock)

    def message(self, clock: ManualClock, **changed: object) -> Request:
        return a_card(clock, **changed)

    def far_end(self, *acts: Act, tls: ssl.SSLContext | None = None) -> FarEnd:
        return WechatEnd(*acts, tls=tls)


class TestWechat(RepeatingGatewayContract):
    @pytest.fixture
    def vendor(self) -> Vendor:
        return WechatVendor()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def over(clock: ManualClock) -> AsyncIterator[Http]:
    over = Http(clock, answer_within=30 * SECOND)
    yield over
    await over.close()


async def sent(far_end: WechatEnd, over: Http, clock: ManualClock, **changed: object) -> SendResult:
    """What comes of a message by a gateway that holds no token yet."""
    return await a_gateway(far_end.address, over, clock).send(a_card(clock, **changed), unhindered)


# The requests.


async def test_the_requests_are_the_documented_ones(over: Http, clock: ManualClock) -> None:
    async with WechatEnd(yes(), tokens=(a_token("a_-b+c"),)) as far_end:
        assert await sent(far_end, over, clock, url="https://m.example.cn/orders/A-1001") == ACCEPTED
        asked, posted = far_end.asked[0], far_end.requests[0]
        host = far_end.address.removeprefix("http://")
    heads = [request.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n") for request in (asked, posted)]
    assert [head[0] for head in heads] == [
        "POST /cgi-bin/stable_token HTTP/1.1",
        "POST /cgi-bin/message/template/send?access_token=a_-b%2Bc HTTP/1.1",
    ]
    for head in heads:
        assert {f"Host: {host}", "Content-Type: application/json"} <= set(head)
    assert json.loads(asked.partition(b"\r\n\r\n")[2]) == {
        "grant_type": "client_credential",
        "appid": "wx6e543ad0",
        "secret": "app-secret",
    }
    assert json.loads(posted.partition(b"\r\n\r\n")[2]) == {
        "touser": OPENID,
        "template_id": "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY",
        "url": "https://m.example.cn/orders/A-1001",
        "client_msg_id": client_msg_id("C1.N1.1"),
        "data": {"character_string1": {"value": "A-1001"}, "phrase2": {"value": "余额不足"}},
    }
    assert "余额不足".encode() in posted  # the platform takes no \u escapes


async def test_a_card_that_leads_nowhere_has_no_url(over: Http, clock: ManualClock) -> None:
    async with WechatEnd(yes()) as far_end:
        await sent(far_end, over, clock)
        assert "url" not in far_end.messages[0]


async def test_an_endpoint_may_have_a_path(over: Http, clock: ManualClock) -> None:
    async with WechatEnd(yes()) as far_end:
        gateway = a_gateway(f"{far_end.address}/proxy", over, clock)
        await gateway.send(a_card(clock), unhindered)
        assert far_end.requests[0].startswith(b"POST /proxy/cgi-bin/stable_token ")


@given(st.from_regex(r"[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}\.[1-9][0-9]{0,5}", fullmatch=True))
def test_the_id_that_keeps_a_message_single_is_short_and_plain(out_id: str) -> None:
    assert len(client_msg_id(out_id)) == 20
    assert client_msg_id(out_id).isalnum()
    assert client_msg_id(out_id) == client_msg_id(out_id) != client_msg_id(f"{out_id}1")


# The token.


async def test_a_token_is_asked_for_once_and_again_shortly_before_it_ends(over: Http, clock: ManualClock) -> None:
    async with WechatEnd(yes(), tokens=(a_token("token_1"), a_token("token_2", 300), a_token("token_3"))) as far_end:
        gateway = a_gateway(far_end.address, over, clock)
        for minutes in (0, 115, 1, 2.4, 0.1):
            clock.advance(int(minutes * MINUTE))
            assert await gateway.send(a_card(clock), unhindered) == ACCEPTED
        assert far_end.tokens_used == ["token_1", "token_1", "token_2", "token_2", "token_3"]
        assert len(far_end.asked) == 3


@pytest.mark.parametrize("expires_in", [1, 2, 10, 239, 299])
async def test_a_token_that_ends_soon_is_used_all_the_same(over: Http, clock: ManualClock, expires_in: int) -> None:
    async with WechatEnd(yes(), tokens=(a_token("token_1", expires_in), a_token("token_2"))) as far_end:
        gateway = a_gateway(far_end.address, over, clock)
        for seconds in (0, 0, expires_in):
            clock.advance(seconds * SECOND)
            assert await gateway.send(a_card(clock), unhindered) == ACCEPTED
        assert far_end.tokens_used == ["token_1", "token_1", "token_2"]


async def test_of_many_that_need_a_token_one_asks(over: Http, clock: ManualClock) -> None:
    async with WechatEnd(yes()) as far_end:
        gateway = a_gateway(far_end.address, over, clock)
        results = await asyncio.gather(*(gateway.send(a_card(clock), unhindered) for _ in range(100)))
        assert results == 100 * [ACCEPTED]
        assert (len(far_end.asked), len(far_end.requests)) == (1, 100)


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_refused_token_is_replaced_once_and_the_message_posted_again(
    over: Http, clock: ManualClock, code: int
) -> None:
    async with WechatEnd(no(code), yes(), tokens=(a_token("token_1"), a_token("token_2"))) as far_end:
        assert await sent(far_end, over, clock) == ACCEPTED
        assert far_end.tokens_used == ["token_1", "token_2"]
        assert far_end.messages[0] == far_end.messages[1]
    async with WechatEnd(no(code), tokens=(a_token("token_1"), a_token("token_2"))) as far_end:
        assert await sent(far_end, over, clock) == refused(code, ErrorClass.CONFIGURATION)
        assert far_end.tokens_used == ["token_1", "token_2"]


async def test_of_many_whose_token_is_refused_one_asks_for_another(over: Http, clock: ManualClock) -> None:
    async with WechatEnd(yes(), tokens=(a_token("token_1"), a_token("token_2"))) as far_end:
        gateway = a_gateway(far_end.address, over, clock)
        await gateway.send(a_card(clock), unhindered)
        far_end.act_on = lambda request: no(42001) if b"=token_1 " in request else None
        results = await asyncio.gather(*(gateway.send(a_card(clock), unhindered) for _ in range(50)))
        assert results == 50 * [ACCEPTED]
        assert len(far_end.asked) == 2


@pytest.mark.parametrize(
    ("token", "result"),
    [
        (no(40125), refused(40125, ErrorClass.CONFIGURATION)),
        (no(40001), refused(40001, ErrorClass.CONFIGURATION)),
        (no(40164), refused(40164, ErrorClass.CONFIGURATION)),
        (no(45009), refused(45009, ErrorClass.DAY_LIMIT)),
        (no(-1), refused(-1, ErrorClass.RETRY_LATER)),
        (no(12345), refused(12345, ErrorClass.UNKNOWN)),
        (Act(then="reset"), not_sent("reset")),
        (Act(http(b"<html>", 502)), not_sent("http_502")),
        (Act(http(b'{"errcode":40125}', 500)), not_sent("http_500")),
        (Act(http(b'{"access_token":"token_1","expires_in":7200}', 201)), not_sent("http_201")),
        (Act(http(b"[]")), not_sent("nonsense")),
        (said(access_token="token_1"), not_sent("nonsense")),
        (said(access_token="token_1", expires_in=0), not_sent("nonsense")),
        (said(access_token="token_1", expires_in="7200"), not_sent("nonsense")),
        (said(access_token="", expires_in=7200), not_sent("nonsense")),
        (said(access_token="a b", expires_in=7200), not_sent("nonsense")),
        (said(access_token="令牌", expires_in=7200), not_sent("nonsense")),
        (said(access_token=1, expires_in=7200), not_sent("nonsense")),
        (said(expires_in=7200), not_sent("nonsense")),
        (said(errcode="40125"), not_sent("nonsense")),
    ],
)
async def test_without_a_token_nothing_is_sent_and_the_next_message_asks_again(
    over: Http, clock: ManualClock, token: Act, result: SendResult
) -> None:
    async with WechatEnd(yes(), tokens=(token, a_token())) as far_end:
        gateway = a_gateway(far_end.address, over, clock)
        assert await gateway.send(a_card(clock), unhindered) == result
        assert far_end.requests == []
        assert await gateway.send(a_card(clock), unhindered) == ACCEPTED


async def test_a_token_that_does_not_come_in_time_lets_the_message_be(clock: ManualClock) -> None:
    impatient = Http(clock, answer_within=200 * MILLISECOND)
    async with WechatEnd(yes(), tokens=(Act(), a_token())) as far_end:
        assert await sent(far_end, impatient, clock) == not_sent("timeout")
        assert far_end.requests == []
    await impatient.close()


async def test_no_message_waits_for_a_token_longer_than_it_may(over: Http, clock: ManualClock) -> None:
    async with WechatEnd(yes(), tokens=(Act(), a_token())) as far_end:
        gateway = a_gateway(far_end.address, over, clock)
        soon = a_card(clock, call_by=clock.now() + 200 * MILLISECOND)
        async with asyncio.timeout(10):
            both = await asyncio.gather(gateway.send(soon, unhindered), gateway.send(a_card(clock), unhindered))
        assert set(both) == {not_sent("timeout")}
        assert (len(far_end.asked), len(far_end.requests)) == (1, 0)
        assert await gateway.send(a_card(clock), unhindered) == ACCEPTED


async def test_who_gives_up_takes_the_token_from_nobody(over: Http, clock: ManualClock) -> None:
    async with WechatEnd(yes()) as far_end:
        gateway = a_gateway(far_end.address, over, clock)
        first = asyncio.ensure_future(gateway.send(a_card(clock), unhindered))
        second = asyncio.ensure_future(gateway.send(a_card(clock), unhindered))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == ACCEPTED
        assert len(far_end.asked) == 1


# Yes and no.


@pytest.mark.parametrize(
    ("code", "error_class"),
    [
        (43004, ErrorClass.OPTED_OUT),
        (43101, ErrorClass.OPTED_OUT),
        (43019, ErrorClass.OPTED_OUT),
        (40003, ErrorClass.BAD_NUMBER),
        (40037, ErrorClass.TEMPLATE),
        (47003, ErrorClass.TEMPLATE),
        (43116, ErrorClass.TEMPLATE),
        (40249, ErrorClass.CONTENT),
        (45009, ErrorClass.DAY_LIMIT),
        (43117, ErrorClass.RATE_LIMITED),
        (45011, ErrorClass.RATE_LIMITED),
        (40241, ErrorClass.RATE_LIMITED),
        (48001, ErrorClass.CONFIGURATION),
        (50002, ErrorClass.CONFIGURATION),
        (-1, ErrorClass.RETRY_LATER),
        (1119003, ErrorClass.UNKNOWN),
    ],
)
async def test_the_vendors_no_has_its_class_and_is_not_repeated(
    over: Http, clock: ManualClock, code: int, error_class: ErrorClass
) -> None:
    async with WechatEnd(no(code)) as far_end:
        assert await sent(far_end, over, clock) == refused(code, error_class)
        assert len(far_end.requests) == 1


@pytest.mark.parametrize(
    ("msgid", "message_id"),
    [(MSGID, str(MSGID)), (2**64, str(2**64)), ("200163836", "200163836"), (0, None), ("0", None), (None, None)],
)
async def test_a_yes_counts_even_where_it_names_no_message(
    over: Http, clock: ManualClock, msgid: Any, message_id: str | None
) -> None:
    """With a ``client_msg_id`` the vendor has been seen to say 0: that must join no two messages."""
    async with WechatEnd(yes(msgid=msgid)) as far_end:
        assert await sent(far_end, over, clock) == SendResult(outcome="accepted", message_id=message_id)


@pytest.mark.parametrize(
    "answer",
    [
        {"errcode": "0", "msgid": 1},
        {"errcode": 0.0, "msgid": 1},
        {"errcode": True, "msgid": 1},
        {"errcode": 10**12},
        {"msgid": 1},
        {"errcode": 0, "msgid": -1},
        {"errcode": 0, "msgid": 1.5},
        {"errcode": 0, "msgid": True},
        {"errcode": 0, "msgid": []},
        {"errcode": 0, "msgid": "abc"},
        {"errcode": 0, "msgid": "１"},
        {"errcode": 0, "msgid": "1" * 33},
        {"errcode": 0, "msgid": ""},
        [{"errcode": 0, "msgid": 1}],
        {"access_token": "token_1", "expires_in": 7200},
    ],
)
async def test_what_is_not_quite_an_answer_is_neither_a_yes_nor_a_no(
    over: Http, clock: ManualClock, answer: object
) -> None:
    async with WechatEnd(Act(http(json.dumps(answer).encode()))) as far_end:
        assert await sent(far_end, over, clock) == unknown("nonsense")


# What is in doubt.


async def test_the_first_answer_is_not_waited_for_until_there_is_no_time_for_a_second(
    over: Http, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wechat, "ANSWERED_WITHIN", -4_800 * MILLISECOND)  # 200 ms from now, so as not to wait for 10 s
    async with WechatEnd(Act(), yes()) as far_end:
        async with asyncio.timeout(10):
            assert await sent(far_end, over, clock) == ACCEPTED


@pytest.mark.parametrize(
    ("again", "outcome"),
    [
        (no(40241), "accepted"),  # it knows it
        (no(43004), "rejected"),
        (no(40003), "rejected"),
        (no(47003), "rejected"),
        (no(43117), "unknown"),  # what the first may have used up
        (no(45009), "unknown"),
        (no(40249), "unknown"),
        (no(48001), "unknown"),
        (no(-1), "unknown"),
        (no(1119003), "unknown"),
    ],
)
async def test_what_the_second_post_is_told_counts_for_the_first_where_it_must(
    over: Http, clock: ManualClock, again: Act, outcome: Literal["accepted", "rejected", "unknown"]
) -> None:
    async with WechatEnd(Act(then="reset"), again) as far_end:
        result = await sent(far_end, over, clock)
        assert result.outcome == outcome
        assert len(far_end.requests) == 2
    if outcome == "unknown":
        assert result == unknown("reset")


async def test_a_second_post_may_have_a_token_replaced_too(over: Http, clock: ManualClock) -> None:
    tokens = (a_token("token_1"), a_token("token_2"))
    async with WechatEnd(Act(then="reset"), no(42001), yes(), tokens=tokens) as far_end:
        assert await sent(far_end, over, clock) == ACCEPTED
        assert far_end.tokens_used == ["token_1", "token_1", "token_2"]


@pytest.mark.parametrize("tokens", [(a_token(), no(40125)), (a_token(), Act(http(b"", 502)))])
async def test_what_is_in_doubt_stays_so_where_there_is_no_token_for_a_second_post(
    over: Http, clock: ManualClock, tokens: tuple[Act, ...]
) -> None:
    async with WechatEnd(Act(then="reset"), no(42001), tokens=tokens) as far_end:
        assert await sent(far_end, over, clock) == unknown("reset")


@pytest.mark.parametrize("late", [False, True])
async def test_no_second_post_begins_too_late(clock: ManualClock, over: Http, late: bool) -> None:
    card = a_card(clock)
    far_end = WechatEnd(yes())

    def lose(request: bytes) -> Act | None:
        if len(far_end.requests) > 1:
            return None
        clock.at = card.call_by + AGAIN_WITHIN - (0 if late else SECOND)
        return Act(then="reset")

    far_end.act_on = lose
    async with far_end:
        result = await a_gateway(far_end.address, over, clock).send(card, unhindered)
        assert result == (unknown("reset") if late else ACCEPTED)
        assert len(far_end.requests) == (1 if late else 2)

"""What is Tencent's own in its pushes; the rest is as for any vendor."""

from base64 import b64decode
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from prometheus_client import generate_latest

from agents import receipts
from schemas.callbacks import Callback
from schemas.opt_outs import OptOut
from schemas.reports import ProviderMessage
from schemas.times import SECOND, instant
from streams import topics
from tests.callbacks import NUMBER, stored
from tests.callbacks import a_reply as aliyuns_reply
from tests.clock import START
from tests.driver import Driver, record
from tests.tencent_callbacks import SERIAL, a_reply, a_report
from tests.webport import HASHER, TOKEN, Port, web_port

TAKEN = {"result": 0, "errmsg": "OK"}
CALLBACKS, MESSAGES = topics.PROVIDER_CALLBACKS.name, topics.PROVIDER_MESSAGES.name
KEY = f"tencent:{SERIAL}"


@pytest.fixture
async def port() -> AsyncIterator[Port]:
    async with web_port() as port:
        yield port


async def push(port: Port, what: str, body: Any, token: str = TOKEN) -> int:
    return await port.push(what, body, token, vendor="tencent")


def _stored(port: Port) -> list[tuple[str, Callback]]:
    return [(r.key.decode(), msgspec.json.decode(r.value or b"", type=Callback)) for r in port.callbacks if r.key]


def _stops(port: Port) -> list[tuple[str, OptOut]]:
    return [(r.key.decode(), msgspec.json.decode(r.value or b"", type=OptOut)) for r in port.opt_outs if r.key]


# The web port.


@pytest.mark.parametrize(("what", "body"), [("receipts", [a_report()]), ("replies", a_reply())])
async def test_a_push_is_answered_as_the_vendor_expects(port: Port, what: str, body: Any) -> None:
    url = f"/callbacks/tencent/{TOKEN}/{what}"
    for answering in (port.client.get(url), port.client.post(url, json=body)):
        async with answering as answer:
            assert answer.status == 200
            assert answer.headers["Content-Type"] == "application/json"
            assert await answer.json() == TAKEN
    assert len(port.callbacks) == 1


@pytest.mark.parametrize("token", ["wrong", "", TOKEN + "x"])
async def test_a_wrong_token_is_not_found(port: Port, token: str) -> None:
    assert await push(port, "receipts", [a_report()], token) == 404
    assert await push(port, "replies", a_reply(), token) == 404
    assert port.callbacks == []


async def test_each_report_is_stored_as_it_came_under_what_it_is_joined_by(port: Port) -> None:
    echoed = msgspec.json.encode(a_report(ext="C1.N1.1"))
    spaced = b'{ "report_status" : "SUCCESS",\t"sid":"7:1" , "extra": 1.50 }'
    assert await push(port, "receipts", b"[" + b" ,".join([echoed, spaced, b"1"]) + b"]\n") == 200
    stored = _stored(port)
    assert [key for key, _ in stored] == ["C1.N1.1", "tencent:7:1", "tencent:unread"]
    assert [bytes(callback.element) for _, callback in stored] == [echoed, spaced, b"1"]
    assert {(callback.provider, callback.what) for _, callback in stored} == {("tencent", "receipt")}


async def test_a_reply_comes_alone_and_is_stored_under_the_numbers_name(port: Port) -> None:
    reply = msgspec.json.encode(a_reply("今天能到吗"))
    assert await push(port, "replies", b" " + reply + b"\n") == 200
    ((key, callback),) = _stored(port)
    assert key == HASHER(NUMBER)
    assert (callback.provider, callback.what, bytes(callback.element)) == ("tencent", "reply", reply)
    assert port.opt_outs == []


async def test_a_reply_that_can_not_be_read_is_stored_too(port: Port) -> None:
    assert await push(port, "replies", {"mobile": "12", "text": "TD"}) == 200
    assert [key for key, _ in _stored(port)] == ["tencent:unread"]
    assert port.opt_outs == []


@pytest.mark.parametrize(
    "body",
    [b"", b"nonsense", b"{", b'{"a":}', b"{}x", b'"x"', b"1", b"null", b'{"a":"\xff"}', b'{"a":' + b"[" * 100_000],
    ids=lambda body: repr(body[:12]),
)
async def test_what_has_the_wrong_shape_is_refused(port: Port, body: bytes) -> None:
    assert await push(port, "replies", body) == 400
    assert await push(port, "receipts", body) == 400
    assert await push(port, "replies", [a_reply()]) == 400
    assert await push(port, "receipts", a_report()) == 400
    assert port.callbacks == []


@pytest.mark.parametrize("content", ["TD", "t", "Ｎ", " 退订。", "回T", "回复TD"])
async def test_a_stop_holds_whichever_vendor_heard_it(port: Port, content: str) -> None:
    port.clock.advance(SECOND)
    assert await push(port, "replies", a_reply(content)) == 200
    ((key, stop),) = _stops(port)
    assert key == HASHER(NUMBER)
    assert stop == OptOut(scope="all", stopped=True, at=instant(START), source="reply", provider="tencent")
    port.read_ledger()
    assert port.ledger.stopped(NUMBER)
    assert await port.push("replies", [aliyuns_reply(content)]) == 200
    assert len(port.opt_outs) == 1


async def test_a_report_that_the_number_is_on_the_vendors_list_is_a_stop(port: Port) -> None:
    port.clock.advance(10 * SECOND)
    code = "FailedOperation.PhoneNumberInBlacklist"
    assert await push(port, "receipts", [a_report(report_status="FAIL", errmsg=code)]) == 200
    ((key, stop),) = _stops(port)
    assert key == HASHER(NUMBER)
    at = instant(START + 5 * SECOND)
    assert stop == OptOut(scope="all", stopped=True, at=at, source="receipt", provider="tencent")


async def test_every_answer_is_counted(port: Port) -> None:
    await push(port, "replies", a_reply())
    await push(port, "receipts", b"x")
    port.writer.refuse = True
    assert await push(port, "receipts", [a_report()]) == 503
    shown = generate_latest(port.metrics.registry).decode()
    assert 'orderbell_callbacks_total{answer="200",provider="tencent",what="reply"} 1.0' in shown
    assert 'orderbell_callbacks_total{answer="400",provider="tencent",what="receipt"} 1.0' in shown
    assert 'orderbell_callbacks_total{answer="503",provider="tencent",what="receipt"} 1.0' in shown
    assert 'orderbell_opt_outs_total{provider="tencent",source="reply"} 1.0' in shown


# The agent.


@pytest.mark.parametrize("report_first", [True, False])
def test_a_report_is_joined_with_its_message_whichever_comes_first(report_first: bool) -> None:
    driver = Driver(receipts.kind(), None)
    message = ProviderMessage(provider="tencent", message_id=SERIAL, customer_id="C1", notification_id="N1", attempt=2)
    failed = a_report(report_status="FAIL", errmsg="UNDELIV")
    records = [
        record(CALLBACKS, KEY, stored("receipt", failed, provider="tencent")),
        record(MESSAGES, message.key, msgspec.json.encode(message)),
    ]
    driver.feed(*(records if report_first else reversed(records)))
    assert message.key == KEY
    assert driver.take(topics.MESSAGE_REPORTS.name) == [
        {
            "customer_id": "C1",
            "notification_id": "N1",
            "attempt": 2,
            "provider": "tencent",
            "provider_message_id": SERIAL,
            "status": "undelivered",
            "reported_at": "2025-11-24T16:00:05Z",
            "code": "UNDELIV",
            "reason": "number_unavailable",
        }
    ]
    assert driver.counts["reports", "tencent", "undelivered"] == 1


def test_a_report_that_echoes_our_id_goes_straight_to_its_attempt() -> None:
    driver = Driver(receipts.kind(), None)
    driver.feed(record(CALLBACKS, "C1.N1.1", stored("receipt", a_report(ext="C1.N1.1"), provider="tencent")))
    (report,) = driver.take(topics.MESSAGE_REPORTS.name)
    assert (report["customer_id"], report["attempt"], report["status"]) == ("C1", 1, "delivered")


def test_what_one_vendor_wrote_is_not_read_as_the_others() -> None:
    driver = Driver(receipts.kind(), None)
    driver.feed(record(CALLBACKS, KEY, stored("receipt", a_report())))
    (letter,) = driver.take(topics.DEAD_LETTERS.name)
    assert letter["reason"] == "missing_field"
    assert msgspec.json.decode(b64decode(letter["value"])) == a_report()


def test_a_reply_leaves_nothing_but_a_count() -> None:
    driver = Driver(receipts.kind(), None)
    driver.feed(record(CALLBACKS, "x", stored("reply", a_reply(), provider="tencent")))
    assert driver.sent == []
    assert driver.counts["replies", "tencent", "all"] == 1

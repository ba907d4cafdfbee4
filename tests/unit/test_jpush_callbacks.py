"""What becomes of what JPush pushes: read, answered, stored, joined."""

from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import receipts
from agents.gateways.jpush_callbacks import report
from agents.gateways.pushed import Report
from agents.web.intake import unread
from schemas.callbacks import Callback
from schemas.calls import ErrorClass
from schemas.reports import ProviderMessage
from schemas.times import SECOND
from streams import topics
from streams.errors import Invalid
from streams.operators.report_join import Joining
from streams.policy.echo import Echo
from tests.callbacks import stored
from tests.driver import START, Driver, record
from tests.jpush_callbacks import ARRIVED, NOT_ARRIVED, TAKEN, TOUCHED, a_report
from tests.jpush_far_end import DEVICE, MSG_ID
from tests.webport import TOKEN, Port, web_port

CALLBACKS, MESSAGES = topics.PROVIDER_CALLBACKS.name, topics.PROVIDER_MESSAGES.name
REPORTS, DEAD = topics.MESSAGE_REPORTS.name, topics.DEAD_LETTERS.name
KEY = f"jpush:{MSG_ID}"


@pytest.fixture
async def port() -> AsyncIterator[Port]:
    async with web_port() as port:
        yield port


def _read(**fields: Any) -> Report:
    return report(msgspec.json.encode(a_report(**fields)))


def _driver() -> Driver[Joining]:
    return Driver(receipts.kind(), None)


# Read.


def test_a_report_is_read() -> None:
    assert _read() == Report(
        provider="jpush",
        number=None,
        delivered=True,
        code=None,
        error_class=None,
        message_id=MSG_ID,
        owner=Echo("C1", "N1", 1),
        sent_at=None,
        reported_at=START + 5 * SECOND,
    )


@pytest.mark.parametrize(
    ("kind", "delivered"),
    [
        (ARRIVED, True),
        (TOUCHED, True),
        (NOT_ARRIVED, False),
        (TAKEN, None),
        ("1", True),
        ("received", True),
        ("CLICK", True),
        ("undelivered", False),
    ],
)
def test_each_kind_says_whether_it_arrived(kind: Any, delivered: bool | None) -> None:
    assert _read(callback_type=kind).delivered is delivered
    assert _read(callback_type=None, type=kind).delivered is delivered


def test_what_did_not_arrive_may_say_why() -> None:
    read = _read(callback_type=NOT_ARRIVED, error_code=31012)
    assert (read.code, read.error_class) == ("31012", ErrorClass.NUMBER_UNAVAILABLE)
    assert _read(callback_type=NOT_ARRIVED, error_code="设备 139****0001 不在线").code is None
    assert _read(callback_type=ARRIVED, error_code="31012").code is None


@pytest.mark.parametrize("devices", ["2", 3, "many"])
def test_one_device_of_several_that_was_not_reached_is_no_news(devices: Any) -> None:
    params = {"out_id": "C1.N1.1", "devices": devices}
    assert _read(callback_type=NOT_ARRIVED, params=params).delivered is None
    assert _read(callback_type=ARRIVED, params=params).delivered is True


@pytest.mark.parametrize("fields", [{"params": None}, {"params": {}}, {"params": {"out_id": "somebody-elses"}}])
def test_without_our_id_it_is_known_by_the_vendors(fields: dict[str, Any]) -> None:
    assert _read(**fields).key == KEY
    assert _read(msg_id=None, msgid=int(MSG_ID), **fields).key == KEY


@pytest.mark.parametrize(
    ("written", "at"),
    [
        (START // SECOND, START),
        (str(START // SECOND), START),
        (START // 1000, START),
        ("yesterday", None),
        (None, None),
        (True, None),
        (1.5, None),
        (10**20, None),
    ],
)
def test_a_time_is_one_of_seconds_or_milliseconds_or_none(written: Any, at: int | None) -> None:
    assert _read(sent_time=written).reported_at == at


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"callback_type": None}, "missing_field"),
        ({"callback_type": 3}, "bad_value"),
        ({"callback_type": "seen"}, "bad_value"),
        ({"callback_type": [1]}, "wrong_type"),
        ({"msg_id": None, "params": None}, "missing_field"),
        ({"msg_id": "9" * 201}, "bad_value"),
        ({"msg_id": [1]}, "wrong_type"),
        ({"params": "C1.N1.1"}, "wrong_type"),
        ({"params": {"out_id": 1.5}}, "wrong_type"),
    ],
)
def test_what_can_not_be_read_says_why_and_nothing_of_whose_it_is(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(Invalid) as raised:
        _read(**fields)
    assert raised.value.reason == reason
    assert DEVICE not in str(raised.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from(sorted(a_report())), JSON))
def test_whatever_comes_is_read_or_refused(fields: dict[str, Any]) -> None:
    with suppress(Invalid):
        assert _read(**fields).key


# Answered and stored.


async def test_the_vendors_check_of_the_address_is_answered_with_what_it_sends(port: Port) -> None:
    path = f"/callbacks/jpush/{TOKEN}"
    async with port.client.get(path, params={"echostr": "571fd1bfaadc4919"}) as answer:
        assert (answer.status, await answer.text()) == (200, "571fd1bfaadc4919")
    async with port.client.get(path) as answer:
        assert answer.status == 200
    assert port.callbacks == []


async def test_reports_come_in_an_array_or_alone_and_are_stored_as_they_came(port: Port) -> None:
    echoed, foreign = msgspec.json.encode(a_report()), b'{ "callback_type" : 4,\t"msg_id":"7" , "extra": 1.50 }'
    assert await port.push("", b"[" + echoed + b" , " + foreign + b"]", vendor="jpush") == 200
    assert await port.push("", b"\n" + foreign, vendor="jpush") == 200
    found = [(r.key, msgspec.json.decode(r.value or b"", type=Callback)) for r in port.callbacks]
    assert [key for key, _ in found] == [b"C1.N1.1", b"jpush:7", b"jpush:7"]
    assert [bytes(callback.element) for _, callback in found] == [echoed, foreign, foreign]
    assert {(callback.provider, callback.what) for _, callback in found} == {("jpush", "receipt")}
    assert port.opt_outs == []


async def test_bad_elements_are_stored_too_and_the_array_is_good(port: Port) -> None:
    assert await port.push("", [1, {"foo": 1}, a_report(), None], vendor="jpush") == 200
    assert [r.key for r in port.callbacks] == [unread("jpush").encode()] * 2 + [b"C1.N1.1", unread("jpush").encode()]


@pytest.mark.parametrize("body", [b"", b"nonsense", b"1", b'"x"', b'{"a":"\xff"}', b"[" * 100_000])
async def test_what_is_no_json_is_refused(port: Port, body: bytes) -> None:
    assert await port.push("", body, vendor="jpush") == 400
    assert port.callbacks == []


async def test_only_the_token_alone_opens_the_path(port: Port) -> None:
    assert await port.push("", [a_report()], "wrong", vendor="jpush") == 404
    for more in ("receipts", "replies"):
        assert await port.push(more, [a_report()], vendor="jpush") == 404
    assert port.callbacks == []


# Joined.


def test_with_our_id_it_goes_straight_to_its_attempt() -> None:
    driver = _driver()
    driver.feed(record(CALLBACKS, "C1.N1.1", stored("receipt", a_report(callback_type=TOUCHED), provider="jpush")))
    assert driver.take(REPORTS) == [
        {
            "customer_id": "C1",
            "notification_id": "N1",
            "attempt": 1,
            "provider": "jpush",
            "provider_message_id": MSG_ID,
            "status": "delivered",
            "reported_at": "2025-11-24T16:00:05Z",
        }
    ]


@pytest.mark.parametrize("report_first", [True, False])
def test_without_our_id_it_is_joined_by_the_vendors_whichever_comes_first(report_first: bool) -> None:
    driver = _driver()
    message = ProviderMessage(provider="jpush", message_id=MSG_ID, customer_id="C1", notification_id="N1", attempt=2)
    element = a_report(params=None, callback_type=NOT_ARRIVED)
    pair = [record(CALLBACKS, KEY, stored("receipt", element, provider="jpush"))]
    pair.insert(report_first, record(MESSAGES, message.key, msgspec.json.encode(message)))
    driver.feed(pair[0])
    assert driver.take(REPORTS) == []
    driver.feed(pair[1])
    (joined,) = driver.take(REPORTS)
    assert (joined["attempt"], joined["status"], joined["reason"]) == (2, "undelivered", "number_unavailable")


def test_that_the_vendor_took_it_is_no_news() -> None:
    driver = _driver()
    driver.feed(record(CALLBACKS, "C1.N1.1", stored("receipt", a_report(callback_type=TAKEN), provider="jpush")))
    assert driver.sent == []
    assert driver.counts["reports", "jpush", "no_news"] == 1


def test_a_bad_element_becomes_a_dead_letter_of_its_own() -> None:
    driver = _driver()
    driver.feed(record(CALLBACKS, "jpush:unread", stored("receipt", b'{"foo" : 1}', provider="jpush"), offset=7))
    (letter,) = driver.take(DEAD)
    assert (letter["topic"], letter["offset"], letter["key"]) == (CALLBACKS, 7, None)
    assert b64decode(letter["value"]) == b'{"foo" : 1}'
    assert letter["reason"] == "missing_field"


def test_nobody_can_reply_by_this_vendor() -> None:
    driver = _driver()
    driver.feed(record(CALLBACKS, "x", stored("reply", {}, provider="jpush")))
    assert [letter["reason"] for letter in driver.take(DEAD)] == ["bad_value"]

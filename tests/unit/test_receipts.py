"""The agent that brings delivery reports to their attempts."""

from base64 import b64decode
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import receipts
from schemas.reports import ProviderMessage
from schemas.times import HOUR, MINUTE, SECOND
from streams import topics
from streams.engine.turn import Record
from streams.operators import report_join
from streams.operators.report_join import Heard, Joining
from streams.policy.echo import Echo
from tests.callbacks import BIZ, PHONE, a_reply, a_report, stored
from tests.driver import START, Driver, record

CALLBACKS, MESSAGES = topics.PROVIDER_CALLBACKS.name, topics.PROVIDER_MESSAGES.name
REPORTS, DEAD = topics.MESSAGE_REPORTS.name, topics.DEAD_LETTERS.name
KEY = f"aliyun:{BIZ}"


@pytest.fixture
def driver() -> Driver[Joining]:
    return _driver()


def _driver() -> Driver[Joining]:
    return Driver(receipts.kind(), None)


def _callback(element: Any, what: Any = "receipt", key: str = KEY, **more: Any) -> Record:
    return record(CALLBACKS, key, stored(what, element), **more)


def _anonymous(**fields: Any) -> Record:
    return _callback(a_report(out_id=None, **fields))


def _message(attempt: int = 1) -> Record:
    message = ProviderMessage(
        provider="aliyun", message_id=BIZ, customer_id="C1", notification_id="N1", attempt=attempt
    )
    return record(MESSAGES, message.key, msgspec.json.encode(message))


def test_a_report_that_echoes_our_id_goes_straight_to_its_attempt(driver: Driver[Joining]) -> None:
    driver.feed(_callback(a_report(), key="C1.N1.1"))
    assert [sent.key for sent in driver.sent] == ["C1"]
    assert driver.take(REPORTS) == [
        {
            "customer_id": "C1",
            "notification_id": "N1",
            "attempt": 1,
            "provider": "aliyun",
            "provider_message_id": BIZ,
            "status": "delivered",
            "reported_at": "2025-11-24T16:00:05Z",
            "sent_at": "2025-11-24T16:00:00Z",
        }
    ]
    assert driver.entries == {}
    assert driver.counts["reports", "aliyun", "delivered"] == 1


def test_a_failure_carries_the_vendors_word_and_its_class(driver: Driver[Joining]) -> None:
    driver.feed(_callback(a_report(success=False, err_code="MOBILE_NOT_ON_SERVICE")))
    (report,) = driver.take(REPORTS)
    assert (report["status"], report["code"]) == ("undelivered", "MOBILE_NOT_ON_SERVICE")
    assert report["reason"] == "number_unavailable"


def test_without_a_readable_time_the_report_is_of_when_it_came(driver: Driver[Joining]) -> None:
    driver.feed(_callback(a_report(report_time="soon", send_time=None)))
    (report,) = driver.take(REPORTS)
    assert report["reported_at"] == "2025-11-24T16:00:00Z"
    assert "sent_at" not in report


@pytest.mark.parametrize("report_first", [True, False])
def test_without_our_id_it_is_joined_by_the_vendors_whichever_comes_first(
    driver: Driver[Joining], report_first: bool
) -> None:
    first, second = (_anonymous(), _message()) if report_first else (_message(), _anonymous())
    driver.feed(first)
    assert driver.take(REPORTS) == []
    driver.restart()
    driver.advance(72 * HOUR - SECOND)
    driver.feed(second)
    (report,) = driver.take(REPORTS)
    assert (report["customer_id"], report["notification_id"], report["status"]) == ("C1", "N1", "delivered")
    assert report["provider_message_id"] == BIZ


@given(st.permutations(["message", "delivered", "delivered", "failed"]))
def test_in_any_order_and_repetition_each_thing_said_arrives(order: list[str]) -> None:
    driver = _driver()
    records = {"message": _message(), "delivered": _anonymous(), "failed": _anonymous(success=False, err_code="X")}
    for what in order:
        driver.feed(records[what])
    assert {report["status"] for report in driver.take(REPORTS)} == {"delivered", "undelivered"}
    assert len(driver.entries) == 1


def test_what_waited_in_vain_ends_after_72_hours(driver: Driver[Joining]) -> None:
    driver.feed(_anonymous())
    driver.advance(MINUTE)
    driver.feed(_anonymous())
    driver.advance(72 * HOUR - 2 * MINUTE)
    assert len(driver.entries) == 1
    driver.advance(MINUTE)
    assert driver.entries == {}
    assert driver.counts["reports", "aliyun", "unmatched"] == 1
    driver.feed(_message())
    assert driver.take(REPORTS) == []


def test_a_message_is_remembered_for_72_hours(driver: Driver[Joining]) -> None:
    driver.feed(_message())
    driver.advance(72 * HOUR)
    assert driver.entries == {}
    assert driver.counts["reports", "aliyun", "unmatched"] == 0


def test_what_waits_for_one_message_is_bounded(driver: Driver[Joining]) -> None:
    for number in range(20):
        driver.feed(_anonymous(success=False, err_code=f"E{number}"))
    (entry,) = driver.entries.values()
    assert [heard.code for heard in entry.heard] == [f"E{number}" for number in range(12, 20)]


def test_no_news_is_passed_on_to_nobody(driver: Driver[Joining]) -> None:
    driver.feed(_callback(a_report(success=False, err_code="REQUEST_SUCCESS")))
    assert driver.sent == []
    assert driver.counts["reports", "aliyun", "no_news"] == 1


def test_a_reply_leaves_nothing_but_a_count(driver: Driver[Joining]) -> None:
    for content in ("TD", "今天能到吗"):
        driver.feed(_callback(a_reply(content), "reply"))
    assert driver.sent == []
    assert driver.entries == {}
    assert driver.counts["replies", "aliyun", "all"] == driver.counts["replies", "aliyun", "nothing"] == 1


@pytest.mark.parametrize(
    ("what", "element", "reason"),
    [
        ("receipt", b'{"foo" : 1}', "missing_field"),
        ("receipt", b"5", "wrong_type"),
        ("receipt", b'{"success":"perhaps","biz_id":"1"}', "bad_value"),
        ("reply", b'{"phone_number":"12","content":"TD"}', "bad_value"),
    ],
)
def test_a_bad_element_becomes_a_dead_letter_of_its_own(
    driver: Driver[Joining], what: str, element: bytes, reason: str
) -> None:
    driver.feed(_callback(element, what, key="aliyun:unread", offset=7), _callback(a_report()))
    assert [sent.key for sent in driver.sent if sent.topic == DEAD] == [None]
    (letter,) = driver.take(DEAD)
    assert (letter["topic"], letter["partition"], letter["offset"]) == (CALLBACKS, 0, 7)
    assert letter["key"] is None
    assert b64decode(letter["value"]) == element
    assert letter["reason"] == reason
    assert PHONE not in letter["error"]
    assert len(driver.take(REPORTS)) == 1
    assert driver.counts["dead_letters", CALLBACKS, reason] == 1


def test_a_huge_element_is_cut(driver: Driver[Joining]) -> None:
    element = b'"' + b"x" * 1_000_000 + b'"'
    driver.feed(_callback(element))
    (letter,) = driver.take(DEAD)
    assert letter["truncated"]
    assert letter["value_bytes"] == len(element)


@pytest.mark.parametrize(
    "value", [None, b"", b"{}", b'{"provider":"x"}', stored("receipt", 1).replace(b"aliyun", b"acme")]
)
def test_a_record_that_is_no_stored_callback_goes_to_the_dead_letters_whole(
    driver: Driver[Joining], value: bytes | None
) -> None:
    driver.feed(record(CALLBACKS, KEY, value))
    (letter,) = driver.take(DEAD)
    assert (None if letter["value"] is None else b64decode(letter["value"])) == value
    assert b64decode(letter["key"]) == KEY.encode()


def test_an_acceptance_that_can_not_be_read_goes_to_the_dead_letters(driver: Driver[Joining]) -> None:
    driver.feed(record(MESSAGES, KEY, b"{}"))
    assert [letter["reason"] for letter in driver.take(DEAD)] == ["missing_field"]


def test_of_an_erased_customers_message_nothing_is_known_any_more(driver: Driver[Joining]) -> None:
    driver.feed(_message(), record(MESSAGES, KEY, None))
    assert driver.entries == {}
    driver.feed(_anonymous())
    assert driver.take(REPORTS) == []


def test_a_message_of_which_nothing_is_known_can_be_given_up(driver: Driver[Joining]) -> None:
    driver.feed(record(MESSAGES, KEY, None), record(MESSAGES, None, None))
    assert driver.sent == []
    assert driver.changes == 0


def test_what_another_claims_and_gives_up_stays_whose_it_was(driver: Driver[Joining]) -> None:
    claim = ProviderMessage(provider="aliyun", message_id=BIZ, customer_id="C2", notification_id="N2", attempt=1)
    driver.feed(_message(), record(MESSAGES, KEY, msgspec.json.encode(claim)), record(MESSAGES, KEY, None))
    driver.feed(_anonymous())
    assert [report["customer_id"] for report in driver.take(REPORTS)] == ["C1"]


def test_a_report_that_came_long_ago_is_joined_at_its_own_time(driver: Driver[Joining]) -> None:
    driver.feed(_message(), record(CALLBACKS, KEY, stored("receipt", a_report(out_id=None, report_time=None), START)))
    driver.advance(HOUR)
    (report,) = driver.take(REPORTS)
    assert report["reported_at"] == "2025-11-24T16:00:00Z"


def test_whose_a_message_was_first_it_remains() -> None:
    mine, another = Echo("C1", "N1", 1), Echo("C2", "N2", 1)
    entry, _ = report_join.message(None, mine, 0)
    entry, waited = report_join.message(entry, another, 1)
    assert not waited
    assert report_join.report(entry, Heard(delivered=True, reported_at=2), 2)[1] == mine

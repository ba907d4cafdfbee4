"""What settles a stall that was told, and how the watch of a shipment ends."""

import pytest

from schemas.times import DAY, HOUR, MINUTE
from tests.driver import NOON, wire
from tests.unit.a_parcel import Parcel
from tests.unit.rules import RULES


@pytest.fixture
def parcel() -> Parcel:
    parcel = Parcel()
    parcel.hears("dispatched", event_id="D")
    return parcel


# Settles.


@pytest.mark.parametrize("kind", ["dispatched", "scanned", "delay_reported", "delivered", "returned"])
def test_any_newer_update_settles_a_stall_that_was_told(parcel: Parcel, kind: str) -> None:
    parcel.waits(25 * HOUR)
    parcel.hears(kind, event_id="U", at=parcel.now - MINUTE)
    command = parcel.written()[0]
    assert command.pop("command_id").startswith("cmd_")
    assert command == {
        "action": "settle",
        "kind": "shipment_stalled",
        "subject": "A1:shipment_stalled:T1",
        "audience": "buyer",
        "urgency": "delayed",
        "customer_id": "C1",
        "order_id": "A1",
        "tracking_no": "T1",
        "facts": {},
        "event_id": "U",
        "occurred_at": wire(parcel.now - MINUTE),
        "detected_at": wire(parcel.now),
        "settles_before": wire(parcel.now - MINUTE),
        "rules": RULES.hash,
    }


def test_what_was_not_told_is_not_settled(parcel: Parcel) -> None:
    parcel.driver.advance(23 * HOUR)
    parcel.hears("scanned")
    parcel.hears("delivered")
    assert parcel.told() == []


def test_a_stall_is_settled_once(parcel: Parcel) -> None:
    parcel.waits(25 * HOUR)
    parcel.hears("scanned", event_id="S1")
    parcel.hears("scanned", event_id="S2")
    parcel.hears("delivered", event_id="X")
    stalls = [command for command in parcel.written() if command["kind"] == "shipment_stalled"]
    assert [(command["action"], command["event_id"]) for command in stalls] == [("settle", "S1")]


def test_an_older_update_settles_nothing(parcel: Parcel) -> None:
    parcel.waits(25 * HOUR)
    parcel.hears("scanned", at=NOON - 1)
    assert parcel.told() == []


def test_after_a_settle_the_next_silence_is_told_again(parcel: Parcel) -> None:
    parcel.waits(25 * HOUR)
    parcel.hears("scanned", event_id="S")
    stalls = [command for command in parcel.waits(24 * HOUR) if command["kind"] == "shipment_stalled"]
    assert [(command["action"], command["event_id"]) for command in stalls] == [("settle", "S"), ("notify", "S")]


def test_an_update_whose_own_hours_are_over_already_settles_and_is_told(parcel: Parcel) -> None:
    parcel.waits(30 * HOUR)
    parcel.hears("scanned", at=NOON + HOUR, event_id="S")
    assert parcel.told() == [("settle", "S"), ("notify", "S")]


def test_an_end_settles_although_it_is_older_than_what_the_stall_counts_from(parcel: Parcel) -> None:
    parcel.waits(25 * HOUR)
    parcel.hears("delivered", at=NOON - HOUR, event_id="X")
    [command] = parcel.written()
    assert (command["action"], command["settles_before"]) == ("settle", wire(NOON))
    assert command["occurred_at"] == wire(NOON - HOUR)


def test_a_settle_goes_to_whom_the_stall_was_told(parcel: Parcel) -> None:
    parcel.waits(25 * HOUR)
    parcel.hears("dispatched", event_id="D2", order_id="A2", customer_id="C2")
    [command] = parcel.waits(0)
    assert (command["customer_id"], command["subject"]) == ("C1", "A1:shipment_stalled:T1")
    [command] = parcel.waits(DAY)
    assert (command["action"], command["customer_id"]) == ("notify", "C2")


# Ends.


@pytest.mark.parametrize("kind", ["delivered", "returned"])
def test_an_ended_shipment_is_not_watched(parcel: Parcel, kind: str) -> None:
    parcel.hears(kind, at=NOON + HOUR)
    assert parcel.told(40 * DAY) == []


def test_an_end_is_final_whenever_it_comes() -> None:
    parcel = Parcel()
    parcel.hears("delivered", at=NOON - 3 * HOUR)
    parcel.hears("dispatched", at=NOON - 2 * HOUR)
    parcel.hears("scanned", at=NOON)
    assert parcel.told(40 * DAY) == []


def test_an_ended_shipment_stays_known_for_7_days(parcel: Parcel) -> None:
    parcel.driver.advance(2 * HOUR)
    parcel.hears("delivered", at=NOON + HOUR)
    parcel.driver.advance(7 * DAY - 1)
    parcel.hears("dispatched", at=NOON, event_id="D")
    assert parcel.told(0) == []
    parcel.driver.advance(1)
    assert not parcel.driver.entries


def test_an_end_that_comes_late_is_remembered_from_when_it_came(parcel: Parcel) -> None:
    parcel.waits(9 * DAY)
    parcel.hears("delivered", at=NOON + HOUR)
    parcel.waits(6 * DAY)
    parcel.hears("scanned", at=NOON)
    assert parcel.told(DAY - 1) == []
    assert parcel.told(1) == []
    assert not parcel.driver.entries


def test_an_end_that_comes_again_is_remembered_from_then(parcel: Parcel) -> None:
    for _ in range(2):
        parcel.hears("delivered", at=NOON, event_id="X")
        parcel.waits(6 * DAY)
    parcel.hears("scanned", at=NOON)
    assert parcel.told(DAY) == []
    assert not parcel.driver.entries


def test_an_end_in_a_backlog_is_remembered_from_its_record() -> None:
    parcel = Parcel()
    parcel.hears("delivered", at=NOON - 6 * DAY, timestamp=NOON - 6 * DAY, at_end=False)
    [entry] = parcel.driver.entries.values()
    assert entry.ended_until == NOON + DAY


@pytest.mark.parametrize("first", ["scanned", "dispatched"])
def test_a_shipment_without_news_is_forgotten_after_30_days(first: str) -> None:
    parcel = Parcel()
    parcel.hears(first)
    parcel.driver.advance(30 * DAY - 1)
    assert parcel.driver.entries
    parcel.driver.advance(1)
    assert not parcel.driver.entries


def test_what_is_older_than_30_days_when_it_comes_is_forgotten_at_once() -> None:
    parcel = Parcel()
    parcel.hears("dispatched", at=NOON - 30 * DAY)
    assert parcel.told() == []
    assert not parcel.driver.entries

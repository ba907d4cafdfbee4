"""The watch of a shipment: when it is stalled, and what is told of it."""

from typing import Any

import pytest

from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros
from streams.operators.watch import FUTURE, MOST_FUTURE
from tests.driver import NOON, START, wire
from tests.events import event, published
from tests.unit.a_parcel import Parcel
from tests.unit.rules import RULES, rules_with


@pytest.fixture
def parcel() -> Parcel:
    parcel = Parcel()
    parcel.hears("dispatched", event_id="D")
    return parcel


# When it is stalled.


def test_a_shipment_is_stalled_after_24_hours_and_told_once(parcel: Parcel) -> None:
    assert parcel.told(24 * HOUR - 1) == []
    assert parcel.told(1) == [("notify", "D")]
    assert parcel.told(29 * DAY) == []


def test_the_command_of_a_stall(parcel: Parcel) -> None:
    parcel.driver.advance(HOUR)
    parcel.hears("scanned", event_id="S")
    [command] = parcel.waits(24 * HOUR)
    assert command.pop("command_id").startswith("cmd_")
    assert command == {
        "action": "notify",
        "kind": "shipment_stalled",
        "subject": "A1:shipment_stalled:T1",
        "audience": "buyer",
        "urgency": "delayed",
        "customer_id": "C1",
        "order_id": "A1",
        "tracking_no": "T1",
        "facts": {"last_update_at": wire(NOON + HOUR), "hours": 24, "carrier": "sf"},
        "event_id": "S",
        "occurred_at": wire(NOON + HOUR),
        "detected_at": wire(NOON + 25 * HOUR),
        "notify_by": wire(NOON + 26 * HOUR),
        "rules": RULES.hash,
    }


def test_a_stall_is_written_under_the_customer(parcel: Parcel) -> None:
    parcel.driver.advance(DAY)
    assert [(sent.topic, sent.key) for sent in parcel.driver.sent] == [("notification-commands", "C1")]


def test_a_stall_found_at_night_may_wait_for_the_window() -> None:
    parcel = Parcel(now=START - 2 * HOUR)
    parcel.hears("dispatched")
    [command] = parcel.waits(DAY)
    assert command["detected_at"] == wire(START + 22 * HOUR)
    assert command["notify_by"] == wire(START + DAY + 9 * HOUR)


def test_the_id_of_a_command_follows_from_the_parcel_and_the_update_alone() -> None:
    ids = set()
    for order, customer, late in (("A1", "C1", 0), ("A2", "C2", HOUR)):
        parcel = Parcel()
        parcel.hears("dispatched", event_id="D", at=NOON, order_id=order, customer_id=customer)
        parcel.driver.advance(DAY + late, caught_up=not late)
        [command] = parcel.waits(0)
        ids.add(command["command_id"])
    assert len(ids) == 1


def test_every_carrier_may_have_its_own_threshold() -> None:
    parcel = Parcel(rules_with('[kinds.shipment_stalled]\nafter_by_carrier = { ems = "48h", sf = "12h" }'))
    for carrier, number in (("ems", "T1"), ("sf", "T2"), ("yto", "T3")):
        parcel.hears("dispatched", carrier=carrier, tracking_no=number)
    assert [command["tracking_no"] for command in parcel.waits(12 * HOUR)] == ["T2"]
    assert [command["tracking_no"] for command in parcel.waits(12 * HOUR)] == ["T3"]
    assert [command["tracking_no"] for command in parcel.waits(24 * HOUR)] == ["T1"]


def test_new_rules_hold_for_what_is_watched_already(parcel: Parcel) -> None:
    parcel.driver.advance(10 * HOUR)
    parcel.driver.rules = rules_with('[kinds.shipment_stalled]\nafter = "8h"')
    [command] = parcel.waits(0)
    assert (command["facts"]["hours"], command["rules"]) == (10, parcel.driver.rules.hash)


def test_a_last_scan_of_nearly_24_hours_ago_is_told_when_they_are_over() -> None:
    parcel = Parcel()
    parcel.hears("dispatched", at=NOON - 24 * HOUR + 10 * SECOND)
    assert parcel.told(10 * SECOND - 1) == []
    assert parcel.told(1) == [("notify", "E1")]


def test_a_stall_of_long_ago_says_how_long_nothing_was_heard() -> None:
    parcel = Parcel()
    parcel.hears("dispatched", at=NOON - 70 * HOUR + 1)
    [command] = parcel.waits(0)
    assert (command["facts"]["hours"], command["detected_at"]) == (69, wire(NOON))


# What it counts from.


@pytest.mark.parametrize("kind", ["dispatched", "scanned", "delay_reported"])
def test_any_update_starts_the_watch_again(parcel: Parcel, kind: str) -> None:
    parcel.driver.advance(23 * HOUR)
    parcel.hears(kind, event_id="U")
    assert parcel.told(24 * HOUR - 1) == []
    assert parcel.told(1) == [("notify", "U")]


def test_an_older_update_that_comes_late_moves_nothing_back(parcel: Parcel) -> None:
    parcel.hears("scanned", at=NOON - HOUR)
    assert parcel.told(24 * HOUR) == [("notify", "D")]


def test_an_update_that_comes_late_counts_from_when_it_occurred(parcel: Parcel) -> None:
    parcel.driver.advance(10 * HOUR)
    parcel.hears("scanned", at=NOON + HOUR, event_id="S")
    assert parcel.told(15 * HOUR - 1) == []
    assert parcel.told(1) == [("notify", "S")]


@pytest.mark.parametrize("ids", [("E", "F"), ("F", "E")])
def test_of_two_updates_at_one_moment_the_greater_id_counts(ids: tuple[str, str]) -> None:
    parcel = Parcel()
    for event_id in ids:
        parcel.hears("dispatched", at=NOON, event_id=event_id)
    assert parcel.told(DAY) == [("notify", "F")]


def test_what_is_dated_after_its_record_counts_as_its_record(parcel: Parcel) -> None:
    parcel.hears("scanned", at=NOON + 8 * HOUR, event_id="S")
    parcel.driver.advance(24 * HOUR - 1)
    [command] = parcel.waits(1)
    assert (command["event_id"], command["occurred_at"]) == ("S", wire(NOON))


def test_five_minutes_ahead_are_still_believed() -> None:
    for ahead, occurred_at in ((FUTURE, NOON + FUTURE), (FUTURE + 1, NOON)):
        parcel = Parcel()
        parcel.hears("dispatched", at=NOON + ahead)
        [command] = parcel.waits(DAY + FUTURE)
        assert command["occurred_at"] == wire(occurred_at)


def test_what_is_dated_after_its_record_and_comes_again_is_no_news(parcel: Parcel) -> None:
    parcel.hears("scanned", at=NOON + 8 * HOUR, event_id="S")
    for hours in (1, 8, 9):
        parcel.driver.advance_to(NOON + hours * HOUR)
        parcel.hears("scanned", at=NOON + 8 * HOUR, event_id="S")
    assert parcel.told(NOON + DAY - parcel.now) == [("notify", "S")]
    parcel.hears("scanned", at=NOON + 8 * HOUR, event_id="S")
    assert parcel.told() == []


def test_a_feed_with_a_wrong_zone_does_not_make_the_entry_grow_for_ever(parcel: Parcel) -> None:
    for number in range(2 * MOST_FUTURE):
        parcel.hears("scanned", at=parcel.now + 8 * HOUR, event_id=f"S{number}")
        parcel.driver.advance(MINUTE)
    [entry] = parcel.driver.entries.values()
    assert len(entry.future) == MOST_FUTURE


def test_a_record_from_the_future_is_taken_as_of_now() -> None:
    parcel = Parcel()
    parcel.hears("dispatched", at=NOON + 400 * DAY, timestamp=NOON + 400 * DAY)
    assert parcel.told(DAY) == [("notify", "E1")]


# Before its dispatch.


def test_what_names_no_order_yet_is_told_when_the_dispatch_comes() -> None:
    parcel = Parcel()
    parcel.hears("scanned", event_id="S")
    assert parcel.told(30 * HOUR) == []
    parcel.hears("dispatched", at=NOON - HOUR)
    [command] = parcel.written()
    assert (command["event_id"], command["order_id"]) == ("S", "A1")
    assert (command["detected_at"], command["facts"]["hours"]) == (wire(NOON + 30 * HOUR), 30)


def test_a_dispatch_that_is_the_newest_word_starts_the_watch_again() -> None:
    parcel = Parcel()
    parcel.hears("scanned")
    parcel.driver.advance(30 * HOUR)
    parcel.hears("dispatched", event_id="D")
    assert parcel.told(24 * HOUR - 1) == []
    assert parcel.told(1) == [("notify", "D")]


def test_the_newest_dispatch_names_the_order() -> None:
    parcel = Parcel()
    parcel.hears("dispatched", at=NOON, order_id="A2", customer_id="C2", carrier="ems")
    parcel.hears("dispatched", at=NOON - HOUR, order_id="A1", customer_id="C1", carrier="sf")
    [command] = parcel.waits(DAY)
    assert (command["order_id"], command["customer_id"], command["facts"]["carrier"]) == ("A2", "C2", "ems")


# The cause.


def test_a_delay_report_names_the_cause_of_the_stall_that_counts_from_it(parcel: Parcel) -> None:
    parcel.hears("delay_reported", at=NOON + 1, reason="customs", expected_days="2-3")
    [command] = parcel.waits(DAY + 1)
    assert command["facts"]["cause"] == "customs"
    assert command["facts"]["expected_days"] == "2-3"


@pytest.mark.parametrize(("later", "facts"), [(DAY, {"cause": "weather", "expected_days": 2}), (DAY + 1, {})])
def test_a_cause_holds_for_updates_of_the_next_24_hours(later: Micros, facts: dict[str, Any]) -> None:
    parcel = Parcel()
    parcel.hears("dispatched", at=NOON - HOUR)
    parcel.hears("delay_reported", at=NOON, expected_days=2)
    parcel.driver.advance(later, caught_up=False)
    parcel.hears("scanned", at=NOON + later)
    [command] = parcel.waits(DAY)
    assert {name: command["facts"][name] for name in ("cause", "expected_days") if name in command["facts"]} == facts


def test_an_unknown_cause_is_other_and_without_days_none_are_said(parcel: Parcel) -> None:
    parcel.hears("delay_reported", at=NOON + 1, reason="strike")
    [command] = parcel.waits(DAY + 1)
    assert command["facts"]["cause"] == "other"
    assert "expected_days" not in command["facts"]


def test_the_newest_report_names_the_cause(parcel: Parcel) -> None:
    parcel.hears("delay_reported", at=NOON + 2, reason="customs")
    parcel.hears("delay_reported", at=NOON + 1, reason="weather")
    [command] = parcel.waits(DAY + 2)
    assert command["facts"]["cause"] == "customs"


# What is counted, written and refused.


def test_what_changes_nothing_is_not_written(parcel: Parcel) -> None:
    parcel.hears("scanned", at=NOON - HOUR, event_id="S")
    parcel.hears("dispatched", at=NOON, event_id="D")
    assert parcel.driver.changes == 1


def test_what_is_counted() -> None:
    parcel = Parcel()
    parcel.hears("dispatched")
    parcel.driver.feed(published(event("shipment.scanned") | {"type": "shipment.lost"}))
    parcel.waits(DAY)
    assert parcel.driver.counts == {
        ("events", "logistics", "shipment.dispatched"): 1,
        ("skipped", "logistics", "unknown_type"): 1,
        ("exceptions", "shipment_stalled"): 1,
    }


def test_a_wrong_record_is_a_dead_letter_and_the_watch_goes_on(parcel: Parcel) -> None:
    parcel.driver.advance(HOUR)
    parcel.hears("scanned", event_id="no id")
    assert [letter["reason"] for letter in parcel.driver.take("dead-letters")] == ["bad_value"]
    assert parcel.told(23 * HOUR) == [("notify", "D")]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00"])
def test_the_edges_of_time_are_moments_like_others(parcel: Parcel, at: str) -> None:
    for kind in ("shipment.scanned", "shipment.dispatched"):
        parcel.driver.feed(published(event(kind, tracking_no="T9") | {"occurred_at": at}, NOON))
    assert not parcel.driver.take("dead-letters")
    parcel.waits(40 * DAY)
    assert not parcel.driver.entries

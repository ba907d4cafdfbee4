"""The watch of a shipment by which clock: in a backlog, where records were lost, and with a new owner."""

import pytest

from schemas.times import DAY, HOUR
from tests.driver import NOON, wire
from tests.unit.a_parcel import Parcel


@pytest.fixture
def parcel() -> Parcel:
    parcel = Parcel()
    parcel.hears("dispatched", event_id="D")
    return parcel


def test_nothing_is_told_before_the_backlog_has_been_read(parcel: Parcel) -> None:
    parcel.driver.advance(30 * HOUR, caught_up=False)
    assert parcel.written() == []
    assert parcel.told() == [("notify", "D")]


def test_a_backlog_refutes_a_stall() -> None:
    parcel = Parcel(now=NOON + 50 * HOUR)
    parcel.hears("dispatched", at=NOON, timestamp=NOON, at_end=False)
    parcel.hears("scanned", at=NOON + 40 * HOUR, timestamp=NOON + 40 * HOUR, at_end=True)
    assert parcel.told() == []


def test_a_late_dispatch_in_a_backlog_waits_for_what_may_refute_the_stall() -> None:
    parcel = Parcel(now=NOON + 50 * HOUR)
    parcel.hears("scanned", at=NOON, timestamp=NOON, at_end=False)
    parcel.hears("dispatched", at=NOON - HOUR, timestamp=NOON + 30 * HOUR, at_end=False)
    assert parcel.written() == []
    parcel.hears("delivered", at=NOON + 40 * HOUR, timestamp=NOON + 40 * HOUR)
    assert parcel.told(30 * DAY) == []


def test_what_is_still_true_at_the_end_of_a_backlog_is_told_as_found_now() -> None:
    parcel = Parcel(now=NOON + 50 * HOUR)
    parcel.hears("dispatched", at=NOON, timestamp=NOON)
    [command] = parcel.waits(0)
    assert (command["detected_at"], command["facts"]["hours"]) == (wire(NOON + 50 * HOUR), 50)


def test_where_records_were_lost_the_watch_counts_from_the_first_that_is_left() -> None:
    floor = NOON - HOUR
    parcel = Parcel(floor=floor)
    parcel.hears("dispatched", at=NOON - 60 * HOUR)
    parcel.hears("scanned", at=NOON, tracking_no="T2")
    parcel.driver.advance_to(floor + 24 * HOUR - 1)
    assert parcel.written() == []
    [command] = parcel.waits(1)
    assert command["facts"] == {"last_update_at": wire(NOON - 60 * HOUR), "hours": 24, "carrier": "sf"}


def test_where_records_were_lost_nothing_is_forgotten_before_it_could_be_told() -> None:
    parcel = Parcel(floor=NOON)
    parcel.hears("dispatched", at=NOON - 40 * DAY)
    assert parcel.told(DAY) == [("notify", "E1")]
    parcel.waits(29 * DAY)
    assert not parcel.driver.entries


def test_a_new_owner_tells_nothing_twice_and_misses_nothing(parcel: Parcel) -> None:
    parcel.driver.advance(HOUR)
    parcel.hears("dispatched", tracking_no="T2")
    assert [command["tracking_no"] for command in parcel.waits(23 * HOUR)] == ["T1"]
    parcel.driver.restart()
    assert [command["tracking_no"] for command in parcel.waits(HOUR)] == ["T2"]

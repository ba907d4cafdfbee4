"""The oracle knows which silence is to be told."""

import pytest

from tests.oracle import Terms
from tests.unit.hand_made import MORNING, HandMade

DAY = 86_400.0


def stalled(*, told: bool = True, at: float = MORNING + DAY, after: str = "d1", occurred: float = MORNING) -> HandMade:
    """A parcel of which nothing is heard after its dispatch."""
    run = HandMade()
    run.parcel("d1", "dispatched", MORNING)
    if told:
        run.told(after, "shipment_stalled", at, occurred)
    return run


def test_silence_that_is_told_in_its_hour_is_right() -> None:
    assert stalled().said() == ""


def test_silence_that_is_not_told_is_missed() -> None:
    assert stalled(told=False).broken() == {"missed"}


def test_silence_told_too_early_is_false() -> None:
    assert stalled(at=MORNING + DAY - 0.001).broken() == {"false"}


def test_silence_told_too_late_is_late_unless_something_was_wrong() -> None:
    run = stalled(at=MORNING + DAY + 100)
    assert run.broken() == {"late"}
    run.disturb("kafka", MORNING + DAY - 10, MORNING + DAY + 60)
    assert run.said() == ""


def test_silence_told_twice_is_twice() -> None:
    run = stalled()
    run.notify("d1", "shipment_stalled", MORNING + DAY + 2, MORNING)
    assert run.broken() == {"twice"}
    run = stalled()
    run.notify("d1", "shipment_stalled", MORNING + DAY + 2, MORNING, command_id="cmd-other")
    assert "twice" in run.broken()


def test_silence_that_was_broken_in_time_is_false() -> None:
    run = stalled()
    run.parcel("s1", "scanned", MORNING + DAY - 60)
    run.settle("s1", "shipment_stalled", MORNING + DAY)
    run.told("s1", "shipment_stalled", MORNING + 2 * DAY - 60, MORNING + DAY - 60)
    assert "false" in run.broken()


@pytest.mark.parametrize("told", [True, False])
def test_an_update_at_the_last_moment_may_be_seen_or_not(told: bool) -> None:
    run = stalled(told=False)
    run.parcel("s1", "delivered", MORNING + DAY - 1)
    if told:
        run.notify("d1", "shipment_stalled", MORNING + DAY, MORNING)
        run.settle("s1", "shipment_stalled", MORNING + DAY)
        run.decide("d1", "shipment_stalled", "settled", "resolved", MORNING + DAY)
    assert run.said() == ""


def test_an_older_update_that_comes_late_moves_nothing() -> None:
    run = stalled()
    run.parcel("s1", "scanned", MORNING + 600, MORNING - 3_600)
    assert run.said() == ""
    run = stalled(told=False)
    run.parcel("s1", "scanned", MORNING + 600, MORNING - 3_600)
    run.told("s1", "shipment_stalled", MORNING + DAY - 3_000, MORNING - 3_600)
    assert run.broken() >= {"false", "missed"}


def test_a_redelivered_update_moves_nothing() -> None:
    run = stalled()
    run.parcel("d1", "dispatched", MORNING + 3_600, MORNING)
    assert run.said() == ""


def test_a_redelivered_update_from_the_future_counts_as_its_first_record() -> None:
    run = HandMade()
    run.parcel("d1", "dispatched", MORNING, MORNING + 400)
    run.parcel("d1", "dispatched", MORNING + 200, MORNING + 400)
    run.told("d1", "shipment_stalled", MORNING + DAY)
    assert run.said() == ""


def test_an_update_from_the_future_counts_as_its_record() -> None:
    run = HandMade()
    run.parcel("d1", "dispatched", MORNING, MORNING + 301)
    run.told("d1", "shipment_stalled", MORNING + DAY)
    assert run.said() == ""
    run = HandMade()
    run.parcel("d1", "dispatched", MORNING, MORNING + 299)
    run.told("d1", "shipment_stalled", MORNING + DAY)
    assert run.broken() == {"false"}


def test_a_parcel_without_an_order_is_told_when_its_dispatch_comes() -> None:
    run = HandMade()
    run.parcel("s1", "scanned", MORNING)
    assert run.said() == ""
    run.parcel("d1", "dispatched", MORNING + 1.2 * DAY, MORNING - 60)
    run.told("s1", "shipment_stalled", MORNING + 1.2 * DAY, MORNING)
    assert run.said() == ""


def test_a_parcel_that_arrived_is_silent() -> None:
    run = stalled(told=False)
    run.parcel("s1", "delivered", MORNING + 600, MORNING - 600)
    assert run.said() == ""
    run.parcel("s2", "scanned", MORNING + 700)
    run.told("s2", "shipment_stalled", MORNING + DAY + 700, MORNING + 700)
    assert run.broken() == {"false"}


def test_what_a_backlog_refutes_is_false_however_late_it_is_judged() -> None:
    run = stalled(at=MORNING + DAY + 3_600)
    run.disturb("worker", MORNING, MORNING + DAY + 3_590)
    assert run.said() == ""
    run.parcel("s1", "delivered", MORNING + DAY + 1_800)
    run.settle("s1", "shipment_stalled", MORNING + DAY + 3_600, MORNING + DAY + 1_800)
    assert "false" in run.broken()


def test_a_clock_that_stands_at_an_earlier_record_is_no_false_alarm() -> None:
    run = HandMade()
    run.disturb("worker", MORNING, MORNING + DAY + 3_590)
    run.parcel("d1", "dispatched", MORNING)
    other = {"event_id": "x1", "type": "shipment.returned", "occurred_at": "2025-11-26T00:00:00Z", "tracking_no": "P-2"}
    run.publish("logistics", b"P-2", other, MORNING + DAY - 30, stamp=MORNING + DAY + 30)
    run.parcel("s1", "delivered", MORNING + DAY - 10)
    run.notify("d1", "shipment_stalled", MORNING + DAY + 30, MORNING)
    run.settle("s1", "shipment_stalled", MORNING + DAY + 31)
    run.decide("d1", "shipment_stalled", "settled", "resolved", MORNING + DAY + 31)
    assert run.said() == ""


def test_the_silence_that_makes_a_stall_is_a_term() -> None:
    run = stalled(at=MORNING + 20)
    assert run.defects(Terms(after=20_000_000)) == []
    assert run.defects(Terms(after_by_carrier={"sf": 20_000_000})) == []
    assert {d.promise for d in run.defects(Terms(after_by_carrier={"sto": 20_000_000}))} == {"false"}


def test_the_cause_is_that_of_the_delay_before_it() -> None:
    def delayed(**facts: str) -> HandMade:
        run = HandMade()
        run.parcel("d1", "dispatched", MORNING)
        run.parcel("r1", "delay_reported", MORNING + 60)
        run.told("r1", "shipment_stalled", MORNING + 60 + DAY, MORNING + 60, facts={"carrier": "sf", **facts})
        return run

    assert delayed(cause="weather").said() == ""
    assert delayed(cause="customs").broken() == {"unexplained"}
    assert delayed().broken() == {"unexplained"}


@pytest.mark.parametrize(("gap", "needed"), [(60.0, True), (DAY - 60, True), (DAY + 60, False)])
def test_a_delay_explains_the_silence_after_later_updates_for_a_day(gap: float, needed: bool) -> None:
    run = HandMade()
    run.parcel("d1", "dispatched", MORNING)
    run.parcel("r1", "delay_reported", MORNING + 60)
    if gap > DAY:
        run.told(
            "r1", "shipment_stalled", MORNING + 60 + DAY, MORNING + 60, facts={"carrier": "sf", "cause": "weather"}
        )
        run.settle("s1", "shipment_stalled", MORNING + 60 + gap)
    run.parcel("s1", "scanned", MORNING + 60 + gap)
    run.told("s1", "shipment_stalled", MORNING + 60 + gap + DAY, MORNING + 60 + gap)
    assert run.broken() == ({"unexplained"} if needed else set())


def test_the_window_of_a_stall_gives_its_deadline() -> None:
    night = 23 * 3_600.0
    run = HandMade()
    run.parcel("d1", "dispatched", night)
    by = "2025-11-27T01:00:00Z"  # an hour after eight o'clock in Shanghai
    run.notify("d1", "shipment_stalled", night + DAY, night, notify_by=by)
    run.message("d1", "shipment_stalled", 2 * DAY + 8 * 3_600)
    assert run.said() == ""


def test_an_update_after_the_notice_must_be_written_as_a_settle() -> None:
    run = stalled()
    run.parcel("s1", "delivered", MORNING + DAY + 600)
    assert run.broken() == {"lost"}
    run.settle("s1", "shipment_stalled", MORNING + DAY + 600)
    assert run.said() == ""

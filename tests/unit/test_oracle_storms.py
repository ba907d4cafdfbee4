"""The oracle knows when the stalls of a carrier whose feed died are to be held, and when no longer."""

from dataclasses import replace
from typing import Any

from tests.oracle import Terms
from tests.oracle.evidence import Said
from tests.unit.hand_made import MORNING, HandMade, moment, told_at

FLOOR = 4
TERMS = replace(Terms(), storm_floor=FLOOR)
DAY = 86_400.0
HOUR = 3_600.0
SILENT = MORNING + DAY
STORM = "carrier:sf"


def silent(many: int) -> HandMade:
    """So many parcels of one carrier fall silent together, of one order each."""
    run = HandMade()
    for number in range(many):
        falls_silent(run, number, MORNING)
    return run


def falls_silent(run: HandMade, number: int, at: float, **told: str) -> None:
    """One that is sent off then is not heard of any more."""
    of: dict[str, Any] = {"tracking_no": f"P-{number}", "order_id": f"A-{number}"}
    run.parcel(f"e{number}", "dispatched", at, **of)
    subject = f"A-{number}:shipment_stalled:P-{number}"
    run.notify(f"e{number}", "shipment_stalled", at + DAY, at, subject=subject, **of, **told)


def told(run: HandMade, number: int, at: float) -> None:
    """The customer hears of one of them."""
    of = {"order_id": f"A-{number}"}
    run.call(f"e{number}", at, text="")
    run.decide(f"e{number}", "shipment_stalled", "sent", "accepted", at + 0.1, notification_id=f"n-e{number}", **of)
    for status, later in (("accepted", 0.1), ("delivered", 10.1)):
        run.receipt(f"e{number}", "shipment_stalled", status, at + later, order_ids=[f"A-{number}"])
    run.report(f"e{number}", at + 10)


def ends(run: HandMade, number: int, outcome: str, reason: str, at: float) -> None:
    """The customer does not."""
    run.decide(f"e{number}", "shipment_stalled", outcome, reason, at, order_id=f"A-{number}")


def back(run: HandMade, number: int, at: float) -> None:
    """The feed brings news: it has arrived."""
    of: dict[str, Any] = {"tracking_no": f"P-{number}"}
    run.parcel(f"s{number}", "delivered", at, **of)
    subject = f"A-{number}:shipment_stalled:P-{number}"
    run.settle(f"s{number}", "shipment_stalled", at, order_id=f"A-{number}", subject=subject, **of)
    ends(run, number, "settled", "resolved", at + 0.1)


def says(run: HandMade, word: str | None, at: float) -> None:
    """An operator."""
    run.answers.append(Said(STORM, word, moment(at)))  # type: ignore[arg-type]


def test_few_that_are_silent_are_told() -> None:
    run = silent(FLOOR - 1)
    for number in range(FLOOR - 1):
        told(run, number, SILENT + 60)
    assert run.broken(TERMS) == set()
    late = silent(FLOOR - 1)
    for number in range(FLOOR - 1):
        told(late, number, SILENT + HOUR)
    assert late.broken(TERMS) == {"late"}


def test_what_a_storm_holds_may_expire_while_the_feed_is_dead() -> None:
    run = silent(2 * FLOOR)
    for number in range(2 * FLOOR):
        ends(run, number, "expired", "overtaken", SILENT + 3 * DAY)
    assert run.broken(TERMS) == set()


def test_a_dead_feed_is_no_news_for_all() -> None:
    run = silent(FLOOR + 1)
    for number in range(FLOOR + 1):
        told(run, number, SILENT + 60)
    assert run.broken(TERMS) == {"false"}


def test_what_is_still_silent_is_told_when_the_feed_is_back() -> None:
    for after, promises in ((HOUR, set[str]()), (3 * HOUR, {"late"})):
        run = silent(2 * FLOOR)
        for number in range(2 * FLOOR - 1):
            back(run, number, SILENT + 600)
        told(run, 2 * FLOOR - 1, SILENT + 600 + after)
        assert run.broken(TERMS) == promises


def test_what_an_operator_has_told_is_told() -> None:
    for after, promises in ((60, set[str]()), (HOUR, {"late"})):
        run = silent(2 * FLOOR)
        says(run, "tell", SILENT + 600)
        for number in range(2 * FLOOR):
            told(run, number, SILENT + 600 + after)
        assert run.broken(TERMS) == promises


def test_only_what_an_operator_has_dropped_is_dropped() -> None:
    run = silent(2 * FLOOR)
    for number in range(2 * FLOOR):
        ends(run, number, "suppressed", "storm", SILENT + 601)
    assert run.broken(TERMS) == {"unexplained"}
    says(run, "drop", SILENT + 600)
    assert run.broken(TERMS) == set()


def test_what_was_dropped_ends_soon_and_is_not_told() -> None:
    run = silent(2 * FLOOR)
    says(run, "drop", SILENT + 600)
    for number in range(2 * FLOOR):
        ends(run, number, "suppressed", "storm", SILENT + HOUR)
    assert run.broken(TERMS) == {"late"}
    run = silent(2 * FLOOR)
    says(run, "drop", SILENT + 600)
    told(run, 0, SILENT + 700)
    for number in range(1, 2 * FLOOR):
        ends(run, number, "suppressed", "storm", SILENT + 601)
    assert run.broken(TERMS) == {"forbidden"}


def test_what_sleeps_while_it_is_dropped_is_dropped_in_the_morning_and_not_told() -> None:
    quiet = {"from": "00:00", "to": "20:00", "time_zone": "Asia/Shanghai"}
    evening = MORNING + 10 * HOUR + 300 + DAY
    for waits in (True, False):
        run = silent(2 * FLOOR)
        run.profile(1, "13900000001", preferences={"quiet_hours": quiet})
        says(run, "drop", SILENT + 600)
        says(run, None, SILENT + 2 * HOUR)
        if waits:
            ends(run, 0, "suppressed", "storm", evening)
        else:
            told(run, 0, evening)
        for number in range(1, 2 * FLOOR):
            ends(run, number, "suppressed", "storm", SILENT + 601)
        assert run.broken(TERMS) == (set() if waits else {"forbidden"})


def test_what_comes_when_the_word_is_taken_back_is_not_dropped() -> None:
    run = silent(2 * FLOOR)
    says(run, "drop", SILENT - 600)
    says(run, None, SILENT - 300)
    for number in range(2 * FLOOR):
        ends(run, number, "suppressed", "storm", SILENT + 601)
    assert run.broken(TERMS) == {"unexplained"}


def test_what_had_waited_for_the_morning_when_the_storm_came_is_dropped_with_it() -> None:
    run, eight = HandMade(), DAY + 8 * HOUR
    for number, at in enumerate((0.5, *[7.0] * FLOOR)):
        falls_silent(run, number, at * HOUR, notify_by=told_at(eight + HOUR))
    says(run, "drop", DAY + 7.2 * HOUR)
    for number in range(FLOOR + 1):
        ends(run, number, "suppressed", "storm", eight + 1)
    assert run.said(TERMS) == ""

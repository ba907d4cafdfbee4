"""The oracle knows how many messages of a kind a contact may have within a day."""

from dataclasses import replace

import pytest

from tests.oracle import Terms
from tests.unit.hand_made import MORNING, NUMBER, HandMade, told_at

CAP = 3
TERMS = replace(Terms(), daily_cap=CAP)
HOUR = 3_600.0
DAY = 86_400.0


def several(*apart: float) -> HandMade:
    """A shortage each so many hours after the morning, of one order each, all told."""
    run = HandMade()
    for number, hours in enumerate(apart):
        _short(run, number, MORNING + hours * HOUR)
        run.message(f"e{number}", "stock_shortage", MORNING + hours * HOUR + 5)
    return run


def _short(run: HandMade, number: int, at: float) -> None:
    sku = f"S{number}"
    run.order(f"e{number}", "stock.shortage", at, sku=sku)
    run.notify(f"e{number}", "stock_shortage", at, facts={"sku": sku})


def capped(run: HandMade, number: int, hours: float) -> HandMade:
    """One more, which is not told for the cap."""
    _short(run, number, MORNING + hours * HOUR)
    run.decide(f"e{number}", "stock_shortage", "suppressed", "capped", MORNING + hours * HOUR + 5.1)
    return run


def test_so_many_a_day_may_be_told() -> None:
    assert several(0, 1, 2, 24.1).broken(TERMS) == set()


def test_one_more_is_forbidden() -> None:
    run = several(0, 1, 2, 23.9)
    assert run.broken(TERMS) == {"forbidden"}
    assert run.broken() == set()  # by the default there may be twenty


def test_what_is_too_many_is_capped() -> None:
    assert capped(several(0, 1, 2), 3, 23).broken(TERMS) == set()


@pytest.mark.parametrize(("what", "provider", "after"), [("vendor", "jpush", -1), ("worker", None, 1), (None, None, 0)])
def test_what_was_on_its_way_may_have_left_no_trace_where_something_was_wrong(
    what: str | None, provider: str | None, after: float
) -> None:
    run, decided = capped(several(0, 1), 2, 23), MORNING + 23 * HOUR + 5.1
    run.others = ["jpush"]
    if what is not None:
        run.disturb(what, decided + after, decided + after + 1, provider)
    assert ("unexplained" in run.broken(TERMS)) == (what is None)


def test_what_is_capped_when_its_hold_ends_is_not_missed_though_the_cap_ends_a_moment_later() -> None:
    run, at = several(0, 1, 2), MORNING + DAY + 1
    run.order("e3", "stock.shortage", at - 2, sku="S3")
    found = {"detected_at": told_at(at - 2), "notify_by": told_at(at - 2 + 300)}
    run.notify("e3", "stock_shortage", at, at - 2, facts={"sku": "S3"}, **found)
    run.decide("e3", "stock_shortage", "suppressed", "capped", at + 3)
    assert run.said(TERMS) == ""


def test_nothing_is_capped_before_there_were_so_many() -> None:
    assert capped(several(0, 1), 2, 23).broken(TERMS) == {"missed", "unexplained"}
    assert capped(several(0, 1, 2), 3, 25).broken(TERMS) == {"missed", "unexplained"}


def waits_for_day(run: HandMade, number: int, hours: float, until: float) -> HandMade:
    """One more in quiet hours, of which the mail is capped, and the text message waits until it is too late."""
    quiet = {"from": "00:00", "to": "23:59", "time_zone": "UTC"}
    run.profile(MORNING + 3 * HOUR, NUMBER, preferences={"quiet_hours": quiet}, email="a@x.com")
    run.others = ["smtp"]
    at = MORNING + hours * HOUR
    run.order(f"e{number}", "stock.shortage", at, at - HOUR, sku=f"S{number}")
    run.notify(f"e{number}", "stock_shortage", at, at - HOUR, facts={"sku": f"S{number}"})
    run.decide(f"e{number}", "stock_shortage", "suppressed", "capped", MORNING + until * HOUR)
    return run


def test_what_was_capped_at_any_time_may_end_so_when_the_other_messages_of_the_notice_have_ended() -> None:
    assert waits_for_day(several(0, 1, 2), 3, hours=23.9, until=46.9).broken(TERMS) == set()
    assert "unexplained" in waits_for_day(several(0, 1, 2), 3, hours=24.1, until=47.1).broken(TERMS)


def test_what_counted_one_after_another_was_never_too_many() -> None:
    run = several(0, 1, 2, 24.5, 26.1)
    assert "unexplained" in waits_for_day(run, 5, hours=25.1, until=48.1).broken(TERMS)


@pytest.mark.parametrize(("refused", "right"), [(False, True), (True, False)])
def test_what_is_in_doubt_counts_and_what_was_refused_does_not(refused: bool, right: bool) -> None:
    run = several(0, 1)
    at = MORNING + 2 * HOUR
    _short(run, 2, at)
    run.disturb("vendor", at, at + 60)
    run.call("e2", at + 5, "no" if refused else "neither", code="isv.SMS_TEMPLATE_ILLEGAL")
    run.receipt("e2", "stock_shortage", "rejected" if refused else "unknown", at + 5.1)
    run.decide("e2", "stock_shortage", "failed", "template_refused" if refused else "in_doubt", at + 240)
    assert run.broken(TERMS) == set()
    assert (capped(run, 3, 4).broken(TERMS) == set()) == right


def test_who_is_erased_and_comes_back_begins_anew() -> None:
    run = several(0, 1, 2)
    run.erase(MORNING + 4 * HOUR)
    run.profile(MORNING + 5 * HOUR, "13900000001")
    _short(run, 3, MORNING + 6 * HOUR)
    run.message("e3", "stock_shortage", MORNING + 6 * HOUR + 5)
    assert run.broken(TERMS) == set()

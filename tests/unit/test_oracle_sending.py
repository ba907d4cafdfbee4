"""The oracle knows what may be sent, to whom, and how often."""

from typing import Any

import pytest

from tests.oracle import KindTerms, Terms
from tests.oracle.terms import KINDS
from tests.unit.hand_made import MORNING, NUMBER, HandMade, shortage

SENT = MORNING + 5.0
OTHER = "13900000002"


def doubted(*, again: float | None = None, taken: bool = False, number: str = NUMBER) -> HandMade:
    """A shortage whose first call is in doubt, and which is called again so many seconds after that began."""
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING)
    run.notify("e1", "stock_shortage", MORNING)
    run.call("e1", SENT, "neither", taken=taken, number=number)
    run.receipt("e1", "stock_shortage", "unknown", SENT + 0.1)
    run.disturb("vendor", SENT, SENT + 60)
    if again is not None:
        if not taken:
            run.receipt("e1", "stock_shortage", "rejected", SENT + again - 0.1)
        run.call("e1", SENT + again, attempt=2)
        run.decide("e1", "stock_shortage", "sent", "accepted", SENT + again + 0.1, notification_id="n-e1")
        run.receipt("e1", "stock_shortage", "accepted", SENT + again + 0.1, 2)
        run.report("e1", SENT + again + 10, attempt=2)
        run.receipt("e1", "stock_shortage", "delivered", SENT + again + 10.1, 2)
    return run


# Twice.


def test_what_the_vendor_did_not_know_when_asked_may_be_sent_again() -> None:
    assert doubted(again=45).said() == ""


def test_a_call_in_doubt_is_not_repeated_before_it_was_asked_for() -> None:
    assert doubted(again=30).broken() == {"twice"}


def test_one_number_told_twice_is_twice() -> None:
    assert "twice" in doubted(again=60, taken=True).broken()


def test_one_number_told_twice_by_two_notifications_is_twice() -> None:
    run = shortage()
    run.call("e2", SENT + 1)
    run.receipt("e2", "stock_shortage", "accepted", SENT + 1.1, command_ids=["cmd-e1"])
    run.report("e2", SENT + 9)
    run.receipt("e2", "stock_shortage", "delivered", SENT + 9, command_ids=["cmd-e1"])
    assert run.broken() == {"twice"}


def test_one_call_made_twice_is_twice() -> None:
    run = shortage()
    run.call("e1", SENT + 60, "neither", taken=False)
    assert "called twice" in run.said()


def test_a_call_of_which_nothing_was_written_is_unexplained() -> None:
    run = shortage()
    run.call("e9", SENT)
    assert run.broken() == {"unexplained"}
    run.ended_after = round((SENT + 60) * 1e6)  # it may still be
    assert run.said() == ""


def test_each_contact_is_told_once() -> None:
    run = HandMade(profile=False)
    run.profile(0, NUMBER, OTHER, "+86 139-0000-0001")
    run.order("e1", "stock.shortage", MORNING)
    run.told("e1", "stock_shortage", MORNING)
    assert run.broken() == {"missed"}
    run.attempts.append(run.attempts[0].__class__("C1.n-e2.1", OTHER, "订单A-1", *_times(run), True, "yes"))
    also: dict[str, Any] = {"command_ids": ["cmd-e1"], "recipient": "139****0002"}
    run.receipt("e2", "stock_shortage", "accepted", SENT + 0.2, **also)
    run.receipt("e2", "stock_shortage", "no_report", SENT + 72 * 3_600 + 1, **also)
    assert run.said() == ""


def _times(run: HandMade) -> tuple[int, int | None]:
    return run.attempts[0].begun_at, run.attempts[0].ended_at


# To whom.


def test_a_number_of_nobody_is_forbidden() -> None:
    run = shortage()
    run.call("e1", SENT + 60, "neither", attempt=2, number=OTHER)
    run.receipt("e1", "stock_shortage", "unknown", SENT + 60, 2, recipient="139****0002")
    assert run.broken() == {"forbidden"}


@pytest.mark.parametrize(("moved", "right"), [(0.0, True), (-60.0, False)])
def test_a_number_that_the_profile_had_until_just_now_may_be_used(moved: float, right: bool) -> None:
    run = shortage()
    run.profile(SENT + moved, OTHER)
    assert ("forbidden" not in run.broken()) == right


def test_a_contact_that_does_not_want_this_is_not_told() -> None:
    run = HandMade(profile=False)
    run.profile(0, NUMBER, kinds=["payment_failed"])
    run.order("e1", "stock.shortage", MORNING)
    run.told("e1", "stock_shortage", MORNING)
    assert run.broken() == {"forbidden"}


@pytest.mark.parametrize(("erased", "right"), [(SENT - 1, True), (SENT - 60, False), (SENT + 60, True)])
def test_an_erased_customer_is_not_told(erased: float, right: bool) -> None:
    run = shortage()
    run.erase(erased)
    assert (run.broken() == set()) == right


# What is over.


@pytest.mark.parametrize(("at", "right"), [(SENT - 1, True), (MORNING - 60, False)])
def test_what_is_over_is_not_told(at: float, right: bool) -> None:
    kinds = {**KINDS, "stock_shortage": KindTerms(300_000_000, 86_400_000_000, 5_000_000, 86_400_000_000)}
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING - 120, MORNING - 120)
    run.disturb("vendor", MORNING - 120, MORNING)  # it may go as late as that
    run.notify("e1", "stock_shortage", MORNING - 120)
    run.order("s1", "stock.replenished", at)
    run.settle("s1", "stock_shortage", at)
    run.message("e1", "stock_shortage", SENT)
    broken = {defect.promise for defect in run.defects(Terms(kinds=kinds))}
    assert ("false" not in broken) == right


@pytest.mark.parametrize("told", [True, False])
def test_whether_a_closed_order_ends_what_occurred_after_it_is_open(told: bool) -> None:
    run = HandMade()
    run.order("e1", "payment.failed", MORNING)
    run.order("c1", "order.completed", MORNING + 10, MORNING - 1)
    run.settle("c1", "*", MORNING + 10, MORNING - 1)
    if told:
        run.told("e1", "payment_failed", MORNING)
    else:
        run.notify("e1", "payment_failed", MORNING)
        run.decide("e1", "payment_failed", "settled", "order_closed", MORNING + 10)
    assert run.said() == ""


def test_nothing_is_sent_after_its_outcome() -> None:
    run = doubted()
    run.decide("e1", "stock_shortage", "failed", "in_doubt", SENT + 200)
    assert run.said() == ""
    run.call("e1", SENT + 300, "neither", attempt=2)
    run.receipt("e1", "stock_shortage", "unknown", SENT + 300, 2)
    assert "forbidden" in run.broken()


# When.


def test_nothing_is_sent_while_it_is_held() -> None:
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING)
    run.notify("e1", "stock_shortage", MORNING)
    run.message("e1", "stock_shortage", MORNING + 4)
    assert run.broken() == {"forbidden"}


def test_nothing_is_sent_when_it_is_too_old() -> None:
    day = 86_400.0
    for age, right in ((-8.0, True), (3.0, True), (30.0, False)):
        run = HandMade()
        run.disturb("vendor", MORNING, MORNING + day + 10)
        run.order("e1", "stock.shortage", MORNING)
        run.notify("e1", "stock_shortage", MORNING)
        run.message("e1", "stock_shortage", MORNING + day + age)
        assert ("forbidden" not in run.broken()) == right, age


@pytest.mark.parametrize(
    ("hour", "right"), [(7.99, False), (8.001, True), (20.99, True), (21.001, True), (21.1, False), (3.0, False)]
)
def test_a_stall_is_sent_in_its_window(hour: float, right: bool) -> None:
    day, found = 86_400.0, 12 * 3_600.0
    run = HandMade()
    run.disturb("vendor", found + day, 4 * day)
    run.parcel("d1", "dispatched", found)
    run.notify("d1", "shipment_stalled", found + day, found)
    run.message("d1", "shipment_stalled", 2 * day + hour * 3_600)
    assert ("forbidden" not in run.broken()) == right


# Opt-outs.


@pytest.mark.parametrize("content", ["TD", "t", " Ｔｄ ", "n", "退订", "回t"])
def test_stop_means_stop(content: str) -> None:
    run = shortage()
    run.reply(content, SENT - 3)
    assert run.broken() == {"forbidden"}


@pytest.mark.parametrize(("content", "at"), [("R", SENT - 3), ("好的", SENT - 3), ("TD", SENT - 1.9), ("TD", SENT + 5)])
def test_what_is_no_stop_or_came_too_late_stops_nothing(content: str, at: float) -> None:
    run = shortage()
    run.reply(content, at)
    assert run.said() == ""


def test_the_vendors_word_for_a_stop_is_one() -> None:
    run = shortage()
    run.order("e2", "payment.failed", MORNING - 600)
    run.told("e2", "payment_failed", MORNING - 600)
    run.reported[-1] = run.reported[-1].__class__(
        "C1.n-e2.1", NUMBER, False, "MOBILE_IN_BLACK", run.reported[-1].reported_at, run.reported[-1].answered_at
    )
    assert "forbidden" in run.broken()


# How many.


def test_more_calls_at_once_than_there_are_slots() -> None:
    run = shortage()
    for index in range(70):
        run.call(f"x{index}", SENT, lasts=2)
    said = run.said()
    assert "calls under way at once" in said
    run.disturb("worker", SENT - 5, SENT + 5)
    assert "calls under way at once" not in run.said()


def test_a_text_names_its_order() -> None:
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING)
    run.told("e1", "stock_shortage", MORNING)
    run.attempts[0] = run.attempts[0].__class__(
        run.attempts[0].out_id, NUMBER, "订单B-2", run.attempts[0].begun_at, run.attempts[0].ended_at, True, "yes"
    )
    assert run.broken() == {"unexplained"}

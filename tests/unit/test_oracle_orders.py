"""The oracle knows what the events of an order come to."""

from typing import Any

import pytest

from tests.oracle import KindTerms, Terms
from tests.oracle.terms import KINDS
from tests.unit.hand_made import KIND_OF, MORNING, HandMade, shortage


def test_nothing_happened_and_nothing_is_wrong() -> None:
    assert HandMade().defects() == []


@pytest.mark.parametrize("kind", KIND_OF)
def test_what_is_told_as_it_should_be_is_right(kind: str) -> None:
    run = HandMade()
    run.order("e1", kind, MORNING)
    run.told("e1", KIND_OF[kind], MORNING)
    if kind == "order.cancelled":
        run.settle("e1", "*", MORNING)
    assert run.said() == ""


def test_an_exception_without_an_outcome_is_lost() -> None:
    run = HandMade()
    run.order("e1", "payment.failed", MORNING)
    assert run.broken() == {"lost"}


def test_an_exception_that_came_just_before_the_end_is_not_lost_yet() -> None:
    run = HandMade()
    run.order("e1", "payment.failed", MORNING)
    run.ended_after = round((MORNING + 1) * 1e6)
    assert run.defects() == []


def test_a_decision_for_nothing_is_unexplained() -> None:
    run = HandMade()
    run.decide("e1", "payment_failed", "duplicate", "repeated", MORNING)
    assert run.broken() == {"unexplained"}


def test_a_decision_for_another_customer_is_unexplained() -> None:
    run = closed(("settled", "order_closed"))
    last = run.written[-1]
    value = (last.value or b"").replace(b'"C1"', b'"C2"')
    run.written[-1] = last.__class__(last.topic, last.partition, last.offset, b"C2", value, last.at)
    assert run.broken() == {"unexplained"}


def test_a_record_with_another_key_is_unexplained() -> None:
    run = shortage()
    first = run.written[0]
    run.written[0] = first.__class__(first.topic, first.partition, first.offset, b"C2", first.value, first.at)
    assert run.broken() == {"unexplained"}


def test_a_notice_must_say_by_when() -> None:
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING)
    run.notify("e1", "stock_shortage", MORNING, notify_by=None)
    assert "unexplained" in run.broken()


def test_what_no_event_asked_for_is_false() -> None:
    run = HandMade()
    run.told("e1", "payment_failed", MORNING)
    assert run.broken() == {"false"}


def test_a_cancellation_by_the_customer_is_none_to_be_told() -> None:
    run = HandMade()
    run.order("e1", "order.cancelled", MORNING, cancelled_by="customer")
    run.settle("e1", "*", MORNING)
    assert run.said() == ""
    run.told("e1", "order_cancelled", MORNING)
    assert run.broken() == {"false"}


# Repeats.


def again(after: float, *, told: bool) -> HandMade:
    """A second failed payment, so long after the first."""
    run = HandMade()
    run.order("e1", "payment.failed", MORNING)
    run.told("e1", "payment_failed", MORNING)
    run.order("e2", "payment.failed", MORNING + after)
    if told:
        run.told("e2", "payment_failed", MORNING + after)
    else:
        run.decide("e2", "payment_failed", "duplicate", "repeated", MORNING + after)
    return run


def test_a_repeat_within_its_window_is_a_duplicate() -> None:
    assert again(3_599.999, told=False).said() == ""
    assert again(3_599.999, told=True).broken() == {"twice"}


def test_a_repeat_at_the_end_of_the_window_is_told() -> None:
    assert again(3_600, told=True).said() == ""
    assert again(3_600, told=False).broken() == {"missed"}


def test_the_window_is_a_term() -> None:
    kinds = {**KINDS, "payment_failed": KindTerms(300_000_000, 60_000_000, 90_000_000, 86_400_000_000)}
    assert again(100, told=True).defects(Terms(kinds=kinds)) == []


def test_repeats_do_not_extend_the_window() -> None:
    run = again(3_000, told=False)
    run.order("e3", "payment.failed", MORNING + 3_700)
    run.told("e3", "payment_failed", MORNING + 3_700)
    assert run.said() == ""


def test_a_redelivered_event_is_nothing() -> None:
    run = shortage()
    run.order("e1", "stock.shortage", MORNING + 100, MORNING)
    assert run.said() == ""
    run.decide("e1", "stock_shortage", "duplicate", "repeated", MORNING + 100, command_id="cmd-again")
    assert "twice" in run.broken()


def test_two_commands_for_one_event_are_twice() -> None:
    run = shortage()
    run.notify("e1", "stock_shortage", MORNING + 0.5)
    assert run.broken() == {"twice"}


# Settles.


def settled(*, occurred: float, told: bool, settle_first: bool = False) -> HandMade:
    """A shortage and what ends it, which occurred ``occurred`` after it and comes two seconds after or before it."""
    run = HandMade()
    if settle_first:
        run.order("s1", "stock.replenished", MORNING - 2, MORNING + occurred)
        run.order("e1", "stock.shortage", MORNING)
        if told:
            run.told("e1", "stock_shortage", MORNING)
        else:
            run.decide("e1", "stock_shortage", "settled", "resolved", MORNING)
        return run
    run.order("e1", "stock.shortage", MORNING)
    run.order("s1", "stock.replenished", MORNING + 2, MORNING + occurred)
    if occurred >= 0:
        run.settle("s1", "stock_shortage", MORNING + 2, MORNING + occurred)
    if told:
        run.told("e1", "stock_shortage", MORNING)
    else:
        run.notify("e1", "stock_shortage", MORNING)
        run.decide("e1", "stock_shortage", "settled", "resolved", MORNING + 2)
    return run


@pytest.mark.parametrize("settle_first", [True, False])
def test_what_is_over_is_settled_whichever_comes_first(settle_first: bool) -> None:
    assert settled(occurred=0, told=False, settle_first=settle_first).said() == ""


def test_what_was_over_before_it_came_is_not_told() -> None:
    assert settled(occurred=0, told=True, settle_first=True).broken() == {"false"}


@pytest.mark.parametrize("settle_first", [True, False])
def test_a_settle_ends_nothing_that_occurred_after_it(settle_first: bool) -> None:
    assert settled(occurred=-0.001, told=True, settle_first=settle_first).said() == ""
    assert settled(occurred=-0.001, told=False, settle_first=settle_first).broken() & {"missed", "unexplained"}


def test_a_settle_ends_the_window() -> None:
    run = settled(occurred=1, told=False)
    run.order("e2", "stock.shortage", MORNING + 60)
    run.told("e2", "stock_shortage", MORNING + 60)
    assert run.said() == ""


def test_a_settle_must_be_written_where_a_notice_was() -> None:
    run = shortage()
    run.order("s1", "stock.replenished", MORNING + 600)
    assert run.broken() == {"lost"}


def test_a_settle_for_nothing_is_unexplained() -> None:
    run = shortage()
    run.settle("e1", "stock_shortage", MORNING)
    assert run.broken() == {"unexplained"}


def test_a_late_settle_is_late() -> None:
    run = shortage()
    run.order("s1", "stock.replenished", MORNING + 600)
    run.settle("s1", "stock_shortage", MORNING + 660, MORNING + 600)
    assert run.broken() == {"late"}


def test_a_settle_says_when_its_event_occurred() -> None:
    run = shortage()
    run.order("s1", "stock.replenished", MORNING + 600, MORNING + 500)
    run.settle("s1", "stock_shortage", MORNING + 600)
    assert run.broken() == {"unexplained"}


def test_a_settle_written_twice_is_twice() -> None:
    run = settled(occurred=1, told=False)
    run.settle("s1", "stock_shortage", MORNING + 2, MORNING + 1)
    assert run.broken() == {"twice"}


# A closed order.


def closed(outcome: tuple[str, str] | None) -> HandMade:
    """A payment that fails after the order is complete."""
    run = HandMade()
    run.order("c1", "order.completed", MORNING)
    run.settle("c1", "*", MORNING)
    run.order("e1", "payment.failed", MORNING + 60)
    if outcome is None:
        run.told("e1", "payment_failed", MORNING + 60)
    else:
        run.decide("e1", "payment_failed", *outcome, MORNING + 60)
    return run


def test_what_is_detected_on_a_closed_order_is_settled() -> None:
    assert closed(("settled", "order_closed")).said() == ""
    assert closed(("settled", "resolved")).broken() == {"unexplained"}
    assert closed(None).broken() == {"false"}


def test_a_closing_event_says_so() -> None:
    run = HandMade()
    run.order("c1", "order.completed", MORNING)
    assert run.broken() == {"lost"}


# What is in a command.


@pytest.mark.parametrize(
    "wrong",
    [
        {"notify_by": "2025-11-25T02:06:00Z"},
        {"occurred_at": "2025-11-25T01:00:00Z"},
        {"urgency": "routine"},
        {"facts": {"sku": "S2"}},
        {"rules": ""},
    ],
)
def test_a_wrong_field_in_a_command_is_unexplained(wrong: dict[str, Any]) -> None:
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING)
    run.told("e1", "stock_shortage", MORNING, **wrong)
    assert "unexplained" in run.broken()


def test_a_late_command_is_late_unless_something_was_wrong() -> None:
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING)
    run.told("e1", "stock_shortage", MORNING + 60, MORNING)
    assert run.broken() == {"late"}
    run.disturb("worker", MORNING - 5, MORNING + 20)
    assert run.said() == ""

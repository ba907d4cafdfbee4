"""The oracle knows what the receipts of a message must say."""

from typing import Any

import pytest

from tests.oracle.evidence import Attempt
from tests.unit.hand_made import MORNING, NUMBER, HandMade, moment, shortage

SENT = MORNING + 5.0
HOURS = 3_600.0


def accepted(*then: tuple[str, float], report: float | None = SENT + 10, **fields: Any) -> HandMade:
    """A shortage whose message is accepted, and the receipts that follow. ``fields`` are of the first."""
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING)
    run.notify("e1", "stock_shortage", MORNING)
    run.call("e1", SENT)
    run.decide("e1", "stock_shortage", "sent", "accepted", SENT + 0.1, notification_id="n-e1")
    run.receipt("e1", "stock_shortage", "accepted", SENT + 0.1, **fields)
    if report is not None:
        run.report("e1", report)
    for status, at in then:
        run.receipt("e1", "stock_shortage", status, at)
    return run


def test_a_report_that_shows_is_right() -> None:
    assert accepted(("delivered", SENT + 10.1)).said() == ""


def test_a_report_that_does_not_show_is_lost() -> None:
    assert accepted().broken() == {"lost"}
    assert accepted(("no_report", SENT + 73 * HOURS)).broken() == {"lost"}


def test_a_report_that_comes_before_the_answer_shows_with_it() -> None:
    run = accepted(("delivered", SENT + 0.2), report=SENT + 0.05)
    assert run.said() == ""
    run.written = [w for w in run.written if b"delivered" not in (w.value or b"")]
    assert run.broken() == {"lost"}


def test_what_may_still_come_when_the_run_ends_is_not_lost() -> None:
    run = accepted(report=None)
    run.ended_after = 86_400_000_000
    assert run.said() == ""
    run = accepted()
    run.ended_after = round((SENT + 11) * 1e6)
    assert run.said() == ""


@pytest.mark.parametrize("status", ["delivered", "undelivered"])
def test_what_the_vendor_did_not_report_is_unexplained(status: str) -> None:
    assert accepted((status, SENT + 20), report=None).broken() == {"unexplained"}


def test_a_report_turned_round_is_unexplained() -> None:
    assert accepted(("undelivered", SENT + 10.1)).broken() == {"unexplained"}


def test_without_a_report_it_says_so_after_three_days() -> None:
    assert accepted(("no_report", SENT + 72 * HOURS + 1), report=None).said() == ""
    assert accepted(("no_report", SENT + 71 * HOURS), report=None).broken() == {"unexplained"}
    assert accepted(report=None).broken() == {"lost"}


@pytest.mark.parametrize(
    "path",
    [("delivered", "accepted"), ("delivered", "no_report"), ("unknown",), ("rejected",), ("delivered", "unknown")],
)
def test_states_only_move_forward(path: tuple[str, ...]) -> None:
    run = accepted(*((status, SENT + 11 + i) for i, status in enumerate(path)))
    assert run.broken() & {"unexplained", "twice"}


def test_a_receipt_that_comes_twice_is_twice() -> None:
    assert accepted(("delivered", SENT + 10.1), ("delivered", SENT + 10.2)).broken() == {"twice"}


def test_an_acceptance_without_a_receipt_is_lost() -> None:
    run = accepted(("delivered", SENT + 10.1))
    run.written = [w for w in run.written if b"n-e1.1.accepted" not in (w.value or b"")]
    assert "lost" in run.broken()


def test_an_acceptance_that_the_vendor_knows_nothing_of_is_unexplained() -> None:
    run = accepted(("no_report", SENT + 72 * HOURS + 1), report=None)
    run.attempts.clear()
    assert "unexplained" in run.broken()


def test_a_rejection_of_what_was_taken_is_unexplained() -> None:
    run = HandMade()
    run.disturb("vendor", MORNING, SENT)
    run.order("e1", "stock.shortage", MORNING)
    run.notify("e1", "stock_shortage", MORNING)
    run.call("e1", SENT, "neither", taken=True)
    run.receipt("e1", "stock_shortage", "unknown", SENT + 0.1)
    run.receipt("e1", "stock_shortage", "rejected", SENT + 45)
    run.decide("e1", "stock_shortage", "failed", "in_doubt", SENT + 200)
    assert run.broken() == {"unexplained"}


@pytest.mark.parametrize("status", ["rejected", "unknown"])
def test_an_attempt_that_went_stale_is_unexplained_unless_something_was_wrong(status: str) -> None:
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING)
    run.notify("e1", "stock_shortage", MORNING)
    run.receipt("e1", "stock_shortage", status, SENT)
    run.call("e1", SENT + 2, attempt=2)
    run.decide("e1", "stock_shortage", "sent", "accepted", SENT + 2.1, notification_id="n-e1")
    run.receipt("e1", "stock_shortage", "accepted", SENT + 2.1, 2)
    run.report("e1", SENT + 10, attempt=2)
    run.receipt("e1", "stock_shortage", "delivered", SENT + 10.1, 2)
    assert run.broken() == {"unexplained"}
    run.disturb("worker", SENT - 1, SENT)
    assert run.said() == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"cost": "0"},
        {"cost": "0.09"},
        {"segments": 2, "cost": "0.090"},
        {"recipient": "138****0001"},
        {"recipient": "139***0001"},
        {"command_ids": []},
        {"command_ids": ["cmd-e2"]},
        {"customer_id": "C2"},
        {"order_ids": ["A-2"]},
        {"kinds": ["payment_failed"]},
        {"attempt": 0},
    ],
)
def test_a_wrong_field_in_a_receipt_is_unexplained(wrong: dict[str, Any]) -> None:
    assert "unexplained" in accepted(("delivered", SENT + 10.1), **wrong).broken()


def test_a_long_text_costs_its_segments() -> None:
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING)
    run.notify("e1", "stock_shortage", MORNING)
    run.call("e1", SENT)
    run.decide("e1", "stock_shortage", "sent", "accepted", SENT + 0.1, notification_id="n-e1")
    long: dict[str, Any] = {"text_length": 135, "segments": 3, "cost": "0.135"}
    run.receipt("e1", "stock_shortage", "accepted", SENT + 0.1, **long)
    run.report("e1", SENT + 10)
    run.receipt("e1", "stock_shortage", "delivered", SENT + 10.1, **long)
    assert run.said() == ""


# Numbers and texts.


@pytest.mark.parametrize("exposed", [NUMBER, f"+86{NUMBER}", "【寄卖行】订单"])
def test_a_number_or_a_text_in_full_is_forbidden(exposed: str) -> None:
    run = accepted(("delivered", SENT + 10.1), reason=exposed)
    assert run.broken() == {"forbidden"}


def test_a_number_in_a_command_is_forbidden_unless_its_event_said_it() -> None:
    run = HandMade()
    run.order("e1", "address.undeliverable", MORNING)
    run.told("e1", "address_undeliverable", MORNING, facts={"note": NUMBER})
    assert run.broken() == {"forbidden"}
    run = HandMade()
    run.order("e1", "address.undeliverable", MORNING, address=NUMBER)
    run.told("e1", "address_undeliverable", MORNING, facts={"address": NUMBER})
    assert run.said() == ""


def test_no_defect_says_a_number() -> None:
    run = shortage()
    run.attempts.clear()
    assert run.defects()
    assert NUMBER not in run.said()


@pytest.mark.parametrize(("number", "broken"), [(NUMBER, set()), ("13900000002", {"lost", "unexplained"})])
def test_a_call_that_never_began_may_be_taken_for_another_customers_message(number: str, broken: set[str]) -> None:
    run = HandMade()
    run.providers = ["tencent"]
    run.order("e1", "stock.shortage", MORNING)
    run.notify("e1", "stock_shortage", MORNING)
    run.disturb("worker", MORNING, MORNING + 60)
    run.receipt("e1", "stock_shortage", "unknown", MORNING + 30, provider="tencent", reason="no_result")
    run.attempts.append(
        Attempt("C2.n-x.1", number, "", moment(MORNING + 4), moment(MORNING + 5), True, "yes", provider="tencent")
    )
    run.receipt("e1", "stock_shortage", "accepted", MORNING + 40, provider="tencent")
    run.decide("e1", "stock_shortage", "sent", "accepted", MORNING + 40, notification_id="n-e1")
    run.receipt("e1", "stock_shortage", "delivered", MORNING + 40, provider="tencent")
    of_it = {defect.promise for defect in run.defects() if "C2" not in defect.subject}
    assert of_it == broken

"""The oracle knows how a notice may end, and by when."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.hand_made import MORNING, NUMBER, HandMade, shortage

SENT = MORNING + 5.0
DAY = 86_400.0


def ended(outcome: str, reason: str, at: float, *, run: HandMade | None = None) -> HandMade:
    """A shortage that nobody is told, and which ends so."""
    run = run or HandMade()
    run.order("e1", "stock.shortage", MORNING)
    run.notify("e1", "stock_shortage", MORNING)
    run.decide("e1", "stock_shortage", outcome, reason, at)
    return run


def with_profile(*phones: str | None, **fields: Any) -> HandMade:
    """Nothing yet, but a profile."""
    run = HandMade(profile=False)
    run.profile(0, *phones, **fields)
    return run


# Lost, missed, late.


def test_a_notice_without_an_outcome_is_lost() -> None:
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING)
    run.notify("e1", "stock_shortage", MORNING)
    assert "lost" in run.broken()


def test_a_message_that_was_accepted_needs_its_outcome_at_once() -> None:
    run = shortage()
    run.written = [w for w in run.written if w.topic != "notification-decisions"]
    assert run.broken() == {"lost"}
    run.decide("e1", "stock_shortage", "sent", "accepted", SENT + 60, notification_id="n-e1")
    assert run.broken() == {"late"}


def test_two_outcomes_are_twice() -> None:
    run = shortage()
    run.decide("e1", "stock_shortage", "sent", "accepted", SENT + 1, notification_id="n-e1")
    assert run.broken() == {"twice"}


def test_a_message_that_could_go_and_does_not_is_missed() -> None:
    assert ended("expired", "overtaken", MORNING + DAY).broken() == {"missed"}


@pytest.mark.parametrize("what", ["worker", "kafka", "vendor"])
def test_a_message_that_goes_late_is_late_unless_something_was_wrong(what: str) -> None:
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING)
    run.notify("e1", "stock_shortage", MORNING)
    run.message("e1", "stock_shortage", SENT + 60)
    assert run.broken() == {"late"}
    run.disturb(what, MORNING + 1, MORNING + 30)
    assert run.said() == ""


@pytest.mark.parametrize("died", [True, False])
def test_after_a_no_that_died_with_its_worker_another_message_may_be_taken_for_the_one_in_doubt(died: bool) -> None:
    run, kind = HandMade(), "stock_shortage"
    by: dict[str, Any] = {"provider": "tencent"}
    run.providers.append("tencent")
    run.disturb("worker", SENT, SENT + 130)
    for event, answer in (("e0", "yes"), ("e1", "no")):
        sku = f"S-{event}"
        run.order(event, "stock.shortage", MORNING, sku=sku)
        run.notify(event, kind, MORNING, facts={"sku": sku})
        run.call(event, SENT, answer, **by)
    run.report("e0", SENT + 1)
    if died:
        run.receipt("e1", kind, "unknown", SENT + 60, **by)
    for event in ("e0", "e1"):
        run.decide(event, kind, "sent", "accepted", SENT + 120, notification_id=f"n-{event}")
        run.receipt(event, kind, "accepted", SENT + 120, **by)
        run.receipt(event, kind, "delivered", SENT + 120, **by)
    assert run.broken() == (set() if died else {"lost", "unexplained"})


def test_what_rides_before_its_time_goes_to_the_number_of_then() -> None:
    run = HandMade()
    run.order("e0", "payment.failed", MORNING - 50, order_id="A-0")
    run.notify("e0", "payment_failed", MORNING - 50, order_id="A-0", subject="A-0:payment_failed")
    run.order("e1", "payment.failed", MORNING)
    run.notify("e1", "payment_failed", MORNING)
    sent = MORNING + 40
    both: dict[str, Any] = {"command_ids": ["cmd-e0", "cmd-e1"], "order_ids": ["A-0", "A-1"]}
    run.call("e0", sent, text="【寄卖行】订单A-0、A-1")
    told = {"notification_id": "n-e0"}
    run.decide("e0", "payment_failed", "sent", "accepted", sent + 0.1, order_id="A-0", **told)
    run.decide("e1", "payment_failed", "merged", "accepted", sent + 0.1, **told)
    run.receipt("e0", "payment_failed", "accepted", sent + 0.1, **both)
    run.report("e0", sent + 10)
    run.receipt("e0", "payment_failed", "delivered", sent + 10.1, **both)
    run.profile(MORNING + 60, "13900000002")
    assert run.said() == ""


def test_what_could_not_go_for_a_day_expires() -> None:
    run = ended("expired", "overtaken", MORNING + DAY + 1)
    run.disturb("vendor", MORNING, MORNING + DAY)
    assert run.said() == ""


def test_what_came_too_late_expires() -> None:
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING + DAY, MORNING - 60)
    run.notify("e1", "stock_shortage", MORNING + DAY, MORNING - 60)
    run.decide("e1", "stock_shortage", "expired", "overtaken", MORNING + DAY + 5)
    assert run.said() == ""


def test_nothing_expires_before_its_time() -> None:
    run = ended("expired", "overtaken", MORNING + DAY - 1)
    run.disturb("vendor", MORNING, MORNING + DAY)
    assert run.broken() == {"unexplained"}


# Sent.


def test_sent_without_a_message_that_was_taken_is_lost() -> None:
    run = HandMade()
    run.disturb("vendor", SENT, SENT + 1)
    ended("sent", "accepted", SENT + 1, run=run)
    run.call("e1", SENT, "neither", taken=False)
    run.receipt("e1", "stock_shortage", "unknown", SENT + 1)
    assert run.broken() == {"lost"}


def test_what_was_accepted_is_sent_and_nothing_else() -> None:
    run = shortage()
    run.written = [w for w in run.written if w.topic != "notification-decisions"]
    run.order("s1", "stock.replenished", SENT)
    run.settle("s1", "stock_shortage", SENT)
    run.decide("e1", "stock_shortage", "settled", "resolved", SENT + 0.2)
    assert run.broken() == {"unexplained"}
    run.disturb("worker", SENT, SENT + 1)  # whoever heard the yes may have died with it
    assert run.said() == ""


def test_what_can_still_be_told_when_the_run_ends_is_not_missed() -> None:
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING)
    run.notify("e1", "stock_shortage", MORNING)
    run.ended_after = round((SENT + 1) * 1e6)
    assert run.said() == ""


# In doubt.


def test_a_call_in_doubt_is_a_cause() -> None:
    run = HandMade()
    run.disturb("vendor", SENT, SENT + 1)
    ended("failed", "in_doubt", SENT + 240, run=run)
    assert run.broken() == {"unexplained"}
    run.call("e1", SENT, "neither")
    run.receipt("e1", "stock_shortage", "unknown", SENT + 1)
    assert run.said() == ""


def test_a_call_that_was_to_begin_when_its_worker_died_is_in_doubt() -> None:
    run = HandMade()
    run.disturb("worker", SENT - 1, SENT + 10)
    ended("failed", "in_doubt", SENT + 240, run=run)
    run.receipt("e1", "stock_shortage", "unknown", SENT + 20)
    assert run.said() == ""


def test_a_plain_answer_leaves_no_doubt() -> None:
    run = ended("failed", "in_doubt", SENT + 240)
    run.call("e1", SENT, "no", code="isp.SYSTEM_ERROR")
    run.receipt("e1", "stock_shortage", "rejected", SENT + 0.2)
    assert run.broken() == {"unexplained"}
    run.disturb("worker", SENT, SENT + 1)
    assert run.said() == ""


# Nobody to tell.


@pytest.mark.parametrize(
    ("run", "outcome", "reason"),
    [
        (lambda: with_profile(), "failed", "no_contact"),
        (lambda: with_profile(None), "failed", "no_contact"),
        (lambda: with_profile("12"), "failed", "bad_number"),
        (lambda: with_profile(NUMBER, kinds=["payment_failed"]), "suppressed", "muted"),
    ],
)
def test_a_profile_that_lets_nobody_be_told_is_a_cause(run: Callable[[], HandMade], outcome: str, reason: str) -> None:
    assert ended(outcome, reason, SENT, run=run()).said() == ""
    wrong = ended("suppressed", "erased", SENT, run=run())
    assert wrong.broken() == {"unexplained"}
    late = ended(outcome, reason, SENT + 300, run=run())
    assert late.broken() == {"late"}


@pytest.mark.parametrize("reason", ["no_contact", "bad_number", "provider_refused", "in_doubt", "overflow"])
def test_a_failure_without_a_cause_is_unexplained(reason: str) -> None:
    assert "unexplained" in ended("failed", reason, SENT).broken()


@pytest.mark.parametrize("reason", ["opted_out", "muted", "erased"])
def test_a_suppression_without_a_cause_is_unexplained(reason: str) -> None:
    assert "unexplained" in ended("suppressed", reason, SENT).broken()


def test_a_customer_never_seen_is_waited_for() -> None:
    assert ended("failed", "no_contact", SENT + 60, run=HandMade(profile=False)).said() == ""
    assert ended("failed", "no_contact", SENT, run=HandMade(profile=False)).broken() == {"unexplained"}
    assert ended("failed", "no_contact", SENT + 300, run=HandMade(profile=False)).broken() == {"late"}
    forever = HandMade(profile=False)
    forever.order("e1", "stock.shortage", MORNING)
    forever.notify("e1", "stock_shortage", MORNING)
    assert forever.broken() == {"lost"}


def test_a_contact_that_is_gone_when_it_is_called_again_is_a_cause() -> None:
    run = ended("failed", "no_contact", SENT + 50)
    run.disturb("vendor", SENT, SENT + 60)
    run.call("e1", SENT, "no", code="isp.SYSTEM_ERROR")
    run.receipt("e1", "stock_shortage", "rejected", SENT + 0.2)
    assert run.broken() == {"unexplained"}
    run.profile(SENT + 20, "13900000009")
    assert run.said() == ""


def one_of_two_devices(*, k1: list[str] | None, at: float) -> HandMade:
    """Both contacts have one device. To one of them it may have been told, and the outcome is that of the other."""
    run = HandMade(profile=False)
    run.others = ["jpush"]
    _with_one_device(run, 0, k1=None)
    _with_one_device(run, at, k1=k1)
    run.disturb("vendor", SENT, SENT + 60)
    run.call("e1", SENT + 50, "neither", number="device-1", provider="jpush", channel="push")
    fields: dict[str, Any] = {"channel": "push", "provider": "jpush", "recipient": "devi****", "contact_id": "K2"}
    run.receipt("e1", "stock_shortage", "unknown", SENT + 50.2, **fields)
    return ended("suppressed", "muted", SENT + 50.2, run=run)


def _with_one_device(run: HandMade, at: float, *, k1: list[str] | None) -> None:
    first = {"contact_id": "K1", "role": "buyer", "phone": NUMBER, "push_ids": ["device-1"], "kinds": k1}
    second = {"contact_id": "K2", "role": "other", "phone": "13900000002", "push_ids": ["device-1"]}
    value = {"customer_id": "C1", "tier": "regular", "contacts": [first, second]}
    run.publish("customers", b"C1", value | {"preferences": {"channels": ["push"]}}, at)


def test_a_contact_that_wants_to_hear_no_more_is_a_cause_though_another_has_its_device() -> None:
    assert one_of_two_devices(k1=["payment_failed"], at=SENT + 20).said() == ""
    assert one_of_two_devices(k1=None, at=SENT + 20).broken() == {"unexplained"}
    assert one_of_two_devices(k1=["payment_failed"], at=SENT + 60).broken() == {"unexplained"}, "it did then"


def test_an_erased_customer_is_a_cause() -> None:
    run = HandMade()
    run.erase(MORNING + 2)
    assert ended("suppressed", "erased", MORNING + 3, run=run).said() == ""


def test_a_stop_is_a_cause() -> None:
    run = HandMade()
    run.reply("TD", MORNING - 60)
    assert ended("suppressed", "opted_out", SENT, run=run).said() == ""


@pytest.mark.parametrize(
    ("code", "outcome", "reason"),
    [
        ("isv.SMS_CONTENT_ILLEGAL", "failed", "content_refused"),
        ("isv.MOBILE_NUMBER_ILLEGAL", "failed", "bad_number"),
        ("isv.BLACK_KEY_CONTROL_LIMIT", "suppressed", "opted_out"),
    ],
)
def test_the_vendors_no_is_a_cause(code: str, outcome: str, reason: str) -> None:
    run = ended(outcome, reason, SENT + 0.2)
    run.call("e1", SENT, "no", code=code)
    run.receipt("e1", "stock_shortage", "rejected", SENT + 0.2)
    assert run.said() == ""


def test_a_settle_is_a_cause() -> None:
    run = ended("settled", "resolved", MORNING + 2)
    assert "unexplained" in run.broken()
    run.order("s1", "stock.replenished", MORNING + 2)
    run.settle("s1", "stock_shortage", MORNING + 2)
    assert run.said() == ""


def test_what_came_right_while_held_is_decided_at_once() -> None:
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING)
    run.notify("e1", "stock_shortage", MORNING)
    run.order("s1", "stock.replenished", MORNING + 2)
    run.settle("s1", "stock_shortage", MORNING + 2)
    run.ended_after = round((SENT + 60) * 1e6)
    assert run.broken() == {"lost"}
    run.ended_after = round((SENT + 1) * 1e6)
    assert run.said() == ""


def test_a_closed_order_is_a_cause_for_a_stall() -> None:
    run = HandMade()
    run.order("c1", "order.completed", MORNING - 600)
    run.settle("c1", "*", MORNING - 600)
    run.parcel("d1", "dispatched", MORNING)
    run.notify("d1", "shipment_stalled", MORNING + DAY, MORNING)
    run.decide("d1", "shipment_stalled", "settled", "order_closed", MORNING + DAY + 0.1)
    assert run.said() == ""
    told = HandMade()
    told.order("c1", "order.completed", MORNING - 600)
    told.settle("c1", "*", MORNING - 600)
    told.parcel("d1", "dispatched", MORNING)
    told.told("d1", "shipment_stalled", MORNING + DAY, MORNING)
    assert told.broken() == {"false"}


def test_a_decision_names_what_its_command_does() -> None:
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING)
    run.notify("e1", "stock_shortage", MORNING)
    run.call("e1", SENT)
    run.decide("e1", "stock_shortage", "sent", "accepted", SENT + 0.1, notification_id="n-e1", order_id="A-2")
    run.receipt("e1", "stock_shortage", "accepted", SENT + 0.1)
    run.report("e1", SENT + 10)
    run.receipt("e1", "stock_shortage", "delivered", SENT + 10.1)
    assert run.broken() == {"unexplained"}


# What is left.


def test_what_never_ends_is_leaked() -> None:
    run = shortage()
    run.left = {"sender-0": ["*line"], "orders-0": []}
    assert run.said() == ""
    run.left["orders-0"].append("A-1")
    assert run.broken() == {"leaked"}
    run.ended_after = 20 * 86_400_000_000
    assert run.said() == ""

"""The oracle knows who is to be given a task or a coupon, and when."""

from typing import Any

import pytest

from tests.unit.hand_made import MORNING, NUMBER, HandMade, told_at

SENT = MORNING + 5.0
DAY = 86_400.0
KIND = "stock_shortage"


class Given(HandMade):
    """A shortage of a customer of a tier, told as it should be."""

    def __init__(self, tier: str = "vip", *, dear: str | None = None) -> None:
        super().__init__(profile=False)
        self.profile(0, NUMBER, tier=tier)
        self.kind = KIND if dear is None else "order_cancelled"
        event = "stock.shortage" if dear is None else "order.cancelled"
        fields: dict[str, Any] = {} if dear is None else {"amount": dear}
        self.order("e1", event, MORNING, **fields)
        facts = {"sku": "S1"} if dear is None else {"amount": dear}
        self.told("e1", self.kind, MORNING, facts=facts)
        if dear is not None:
            self.settle("e1", "*", MORNING)
        self.amount = dear

    def task(self, at: float = SENT - 0.01, **fields: Any) -> "Given":
        """A human is to do something."""
        value = {
            "task_id": "task-e1",
            "kind": self.kind,
            "reason": "vip",
            "priority": "high",
            "customer_id": "C1",
            "order_id": "A-1",
            "command_id": "cmd-e1",
            "due_by": told_at(at + 7_200),
            "created_at": told_at(at),
            "note": "请联系",
        }
        if self.amount is not None:
            value["amount"] = self.amount
        self.write("service-tasks", "C1", value | fields, at)
        return self

    def coupon(self, at: float = SENT - 0.01, **fields: Any) -> "Given":
        """A coupon is granted."""
        value = {
            "grant_id": f"coupon-{at}",
            "customer_id": "C1",
            "order_id": "A-1",
            "command_id": "cmd-e1",
            "kind": self.kind,
            "amount": "10",
            "valid_until": told_at(at + 30 * DAY),
            "reason": "apology",
            "created_at": told_at(at),
        }
        value |= fields
        self.write("coupon-grants", "C1", value, at)
        self.laid(f"inbox-{at}", [value["order_id"]], value["kind"], at)
        return self


def test_a_vip_has_a_task() -> None:
    assert Given().task().said() == ""
    assert Given().broken() == {"missed"}
    assert Given("regular").task().broken() == {"false"}


def test_a_dear_cancellation_has_a_task_whatever_the_tier() -> None:
    assert Given("regular", dear="5000.00").task(reason="high_value").said() == ""
    assert Given("regular", dear="5000.00").broken() == {"missed"}
    assert Given("regular", dear="4999.99").said() == ""
    assert Given("vip", dear="5000.00").task(reason="vip").broken() == {"unexplained"}


def test_a_new_customer_has_a_coupon() -> None:
    assert Given("new").coupon().said() == ""
    assert Given("new").broken() == {"missed"}
    assert Given("vip").task().coupon().broken() == {"false"}


def test_one_command_has_one_task() -> None:
    assert "twice" in Given().task().task(task_id="task-other").broken()
    assert "twice" in Given().task().task().broken()


@pytest.mark.parametrize(("days", "right"), [(89, False), (91, True)])
def test_one_customer_has_one_coupon_in_a_period(days: int, right: bool) -> None:
    run = Given("new").coupon()
    run.order("e2", "payment.failed", MORNING + days * DAY)
    run.told("e2", "payment_failed", MORNING + days * DAY)
    run.ended_after = round((days + 45) * DAY * 1e6)
    at = MORNING + days * DAY + 89.9
    second: dict[str, Any] = {"command_id": "cmd-e2", "kind": "payment_failed"}
    assert ("twice" not in run.coupon(at, **second).broken()) == right
    assert ("missed" not in run.broken()) or right


def test_what_goes_with_a_notice_comes_no_later_than_its_first_message() -> None:
    assert Given().task(SENT + 1).broken() == {"missed"}
    assert Given("new").coupon(SENT + 1).broken() == {"missed"}


def test_what_goes_with_a_notice_comes_not_while_it_is_held() -> None:
    run = Given("new")
    run.order("e2", "payment.failed", MORNING + 600)
    run.told("e2", "payment_failed", MORNING + 600)
    second: dict[str, Any] = {"command_id": "cmd-e2", "kind": "payment_failed"}
    assert "forbidden" in run.coupon(MORNING + 601, **second).broken()


def test_of_what_was_settled_while_it_was_held_nothing_comes() -> None:
    run = Given()
    run.task()
    run.order("e2", "payment.failed", MORNING + 600)
    run.notify("e2", "payment_failed", MORNING + 600)
    run.order("e3", "order.paid", MORNING + 630)
    run.settle("e3", "payment_failed", MORNING + 630)
    run.decide("e2", "payment_failed", "settled", "resolved", MORNING + 630.1)
    assert run.said() == ""
    run.task(MORNING + 690, task_id="task-e2", command_id="cmd-e2", kind="payment_failed")
    assert run.broken() == {"false"}


def test_nothing_is_given_to_whom_was_erased() -> None:
    run = Given("new")
    run.erase(MORNING - 3_600)
    assert "forbidden" in run.coupon().broken()


@pytest.mark.parametrize("wrong", [{"order_id": "A-2"}, {"amount": "100"}, {"kind": "payment_failed"}])
def test_a_coupon_says_what_it_is_for(wrong: dict[str, Any]) -> None:
    assert Given("new").coupon(**wrong).broken() == {"unexplained"}


def test_nothing_is_given_for_nothing() -> None:
    assert Given("vip").task().coupon(command_id="cmd-of-nothing").broken() == {"false"}

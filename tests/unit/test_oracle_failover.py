"""The oracle knows when the other provider was to have a message."""

import pytest

from tests.unit.hand_made import MORNING, HandMade

SENT = MORNING + 5.0
HOUR = 3_600.0
DAY = 86_400.0
BUSY = "isp.SYSTEM_ERROR"
TEMPLATE = "isv.SMS_TEMPLATE_ILLEGAL"


def refused(code: str, at: float = SENT) -> HandMade:
    """A shortage that the first of two providers has refused, and which is not well for a day."""
    run = HandMade()
    run.providers = ["aliyun", "tencent"]
    run.order("e1", "stock.shortage", MORNING)
    run.notify("e1", "stock_shortage", MORNING)
    run.disturb("vendor", MORNING, MORNING + DAY, "aliyun")
    run.call("e1", at, "no", code=code)
    run.receipt("e1", "stock_shortage", "rejected", at + 0.1)
    return run


def tells(run: HandMade, at: float, answer: str = "yes", code: str = "") -> None:
    """The second provider is asked."""
    run.call("e1", at, answer, attempt=2, provider="tencent", code=code, text="")
    if answer == "yes":
        run.decide("e1", "stock_shortage", "sent", "accepted", at + 0.1, notification_id="n-e1")
    for status, late in (("accepted", 0.1), ("no_report", 3 * DAY + 1)) if answer == "yes" else (("rejected", 0.1),):
        run.receipt("e1", "stock_shortage", status, at + late, 2, provider="tencent")


def ends(run: HandMade, outcome: str, reason: str, at: float) -> None:
    """Nobody was told."""
    run.decide("e1", "stock_shortage", outcome, reason, at)


@pytest.mark.parametrize("code", [BUSY, TEMPLATE])
def test_the_other_provider_has_it_at_once(code: str) -> None:
    run = refused(code)
    tells(run, SENT + 1)
    assert run.said() == ""


@pytest.mark.parametrize("code", [BUSY, TEMPLATE])
def test_the_other_provider_has_it_too_late(code: str) -> None:
    run = refused(code)
    tells(run, SENT + 60)
    assert run.broken() == {"late"}
    run.disturb("vendor", SENT, SENT + 30, "tencent")
    assert run.said() == ""


def test_a_message_does_not_wait_for_a_provider_that_is_down() -> None:
    run = refused(BUSY)
    run.call("e1", SENT + HOUR, attempt=2)
    run.decide("e1", "stock_shortage", "sent", "accepted", SENT + HOUR + 0.1, notification_id="n-e1")
    run.receipt("e1", "stock_shortage", "accepted", SENT + HOUR + 0.1, 2)
    run.receipt("e1", "stock_shortage", "no_report", SENT + 3 * DAY + HOUR + 1, 2)
    assert run.broken() == {"late"}
    run.providers = ["aliyun"]
    assert run.said() == ""


def test_a_call_that_was_never_begun_is_in_doubt_and_goes_by_no_other_provider() -> None:
    run = refused(TEMPLATE)
    run.disturb("vendor", MORNING, SENT + 30, "tencent")
    run.disturb("worker", SENT + 40, SENT + 40)
    run.receipt("e1", "stock_shortage", "unknown", SENT + 40, 2, provider="tencent")
    ends(run, "failed", "template_refused", SENT + 700)
    assert run.said() == ""


def test_what_one_has_refused_does_not_fail_while_the_other_is_there() -> None:
    run = refused(TEMPLATE)
    ends(run, "failed", "template_refused", SENT + 0.2)
    assert run.broken() == {"late", "missed"}
    run.disturb("vendor", MORNING, MORNING + DAY, "tencent")  # then it is to wait
    assert run.broken() == {"missed"}
    run.providers = ["aliyun"]
    assert run.said() == ""


def test_what_both_have_refused_for_good_fails() -> None:
    run = refused(TEMPLATE)
    tells(run, SENT + 1, "no", "FailedOperation.TemplateIncorrectOrUnapproved")
    ends(run, "failed", "template_refused", SENT + 1.2)
    assert run.said() == ""


def test_what_both_have_refused_for_a_while_does_not_fail() -> None:
    run = refused(TEMPLATE)
    run.disturb("vendor", MORNING, MORNING + DAY, "tencent")
    tells(run, SENT + 1, "no", "LimitExceeded.DeliveryFrequencyLimit")
    ends(run, "failed", "provider_refused", SENT + 1.2)
    assert run.broken() == {"missed"}


@pytest.mark.parametrize(("well_for", "right"), [(10 * 60.0, True), (30 * 60.0, False)])
def test_nothing_expires_while_a_provider_is_well(well_for: float, right: bool) -> None:
    run = refused(BUSY)
    run.disturb("vendor", MORNING, MORNING + 6 * HOUR, "tencent")
    run.disturb("vendor", MORNING + 6 * HOUR + 40 + well_for, MORNING + DAY, "tencent")
    ends(run, "expired", "overtaken", MORNING + DAY + 1)
    assert (run.broken() == set()) == right
    assert run.broken() <= {"missed"}


def test_what_is_in_doubt_goes_by_no_other() -> None:
    run = HandMade()
    run.providers = ["aliyun", "tencent"]
    run.order("e1", "stock.shortage", MORNING)
    run.notify("e1", "stock_shortage", MORNING)
    run.disturb("vendor", MORNING, MORNING + 600, "aliyun")
    run.call("e1", SENT, "neither")
    run.receipt("e1", "stock_shortage", "unknown", SENT + 10)
    ends(run, "failed", "in_doubt", SENT + 240)
    assert run.said() == ""

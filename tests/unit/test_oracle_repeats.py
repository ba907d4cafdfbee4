"""The oracle knows when a message may be repeated although the first may have been taken."""

from dataclasses import replace
from typing import Any

import pytest

from tests.oracle import Terms
from tests.oracle.terms import KINDS
from tests.unit.hand_made import MORNING, HandMade

SENT = MORNING + 5.0
DAY = 86_400.0
TERMS = replace(Terms(), kinds={name: replace(kind, repeat_in_doubt=True) for name, kind in KINDS.items()})
AGAIN = SENT + 240


def doubted(provider: str = "tencent") -> HandMade:
    """A shortage whose first call was taken, and is in doubt for ever."""
    run = HandMade()
    run.providers = [provider]
    run.order("e1", "stock.shortage", MORNING)
    run.notify("e1", "stock_shortage", MORNING)
    run.disturb("vendor", SENT, SENT + 1_200)
    run.call("e1", SENT, "neither", taken=True, provider=provider, text="")
    run.receipt("e1", "stock_shortage", "unknown", SENT + 10, provider=provider)
    return run


def repeat(run: HandMade, at: float, answer: str, attempt: int = 2, **fields: Any) -> None:
    """It is called again."""
    provider = run.providers[0]
    run.call("e1", at, answer, taken=True, attempt=attempt, provider=provider, text="")
    of: dict[str, Any] = {"attempt": attempt, "provider": provider} | fields
    if answer == "yes":
        run.decide("e1", "stock_shortage", "sent", "accepted", at + 0.1, notification_id="n-e1")
        run.receipt("e1", "stock_shortage", "accepted", at + 0.1, **of)
        run.receipt("e1", "stock_shortage", "no_report", at + 3 * DAY + 1, **of)
    else:
        run.receipt("e1", "stock_shortage", "unknown", at + 10, **of)


def test_the_rules_may_want_it_repeated_once() -> None:
    run = doubted()
    repeat(run, AGAIN, "yes", reason="repeat_in_doubt")
    assert run.broken(TERMS) == set()
    assert run.broken() == {"twice"}


@pytest.mark.parametrize("provider", ["aliyun", "tencent"])
def test_it_is_asked_for_before_it_is_repeated(provider: str) -> None:
    run = doubted(provider)
    repeat(run, SENT + 20, "yes", reason="repeat_in_doubt")
    assert run.broken(TERMS) == {"twice"}


def test_a_repeat_is_of_the_same_notification() -> None:
    for of, number, twice in ("n-e1", 2, False), ("n-other", 1, True):
        run = doubted()
        fields: dict[str, Any] = {"provider": "tencent", "notification_id": of}
        run.call("e1", AGAIN, "neither", taken=True, attempt=number, text="", **fields)
        run.receipt("e1", "stock_shortage", "unknown", AGAIN + 10, number, receipt_id=f"{of}.again", **fields)
        run.decide("e1", "stock_shortage", "failed", "in_doubt", AGAIN + 60)
        assert ("twice" in run.broken(TERMS)) is twice


def test_a_repeat_is_not_repeated() -> None:
    run = doubted()
    repeat(run, AGAIN, "neither")
    run.decide("e1", "stock_shortage", "failed", "in_doubt", AGAIN + 60)
    assert run.broken(TERMS) == set()
    repeat(run, AGAIN + 70, "neither", attempt=3)
    assert "twice" in run.broken(TERMS)


def test_a_repeat_is_recorded() -> None:
    run = doubted()
    repeat(run, AGAIN, "yes")
    assert run.broken(TERMS) == {"unexplained"}


def test_what_was_surely_taken_is_not_repeated() -> None:
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING)
    run.told("e1", "stock_shortage", MORNING)
    run.call("e1", AGAIN, attempt=2)
    run.receipt("e1", "stock_shortage", "accepted", AGAIN + 0.1, 2, reason="repeat_in_doubt")
    run.receipt("e1", "stock_shortage", "no_report", AGAIN + 3 * DAY + 1, 2)
    assert run.broken(TERMS) == {"twice"}

"""The oracle knows what customers asked for: which channels, what not, and when nothing may ring."""

from typing import Any

import pytest

from tests.unit.hand_made import MORNING, NUMBER, HandMade, told_at

KIND = "stock_shortage"
NIGHT = 23 * 3_600.0
DAWN = 31 * 3_600.0
QUIET = {"from": "22:00", "to": "07:00", "time_zone": "Asia/Shanghai"}


class Asked(HandMade):
    """A shortage of a customer who asked for something."""

    def __init__(self, at: float = MORNING, **preferences: Any) -> None:
        super().__init__(profile=False)
        self.profile(0, NUMBER, preferences=preferences)
        self.order("e1", "stock.shortage", at)
        self.notify("e1", KIND, at)

    def in_inbox(self, at: float, event_id: str = "e9", **fields: Any) -> "Asked":
        """It lies in the inbox."""
        notification_id = f"n-{event_id}"
        self.laid(f"{notification_id}.inbox", ["A-1"], KIND, at, notification_id=notification_id, **fields)
        to: dict[str, Any] = {"channel": "inbox", "provider": "inbox", "cost": "0", "recipient": "C1"}
        for status in ("accepted", "delivered"):
            self.receipt(event_id, KIND, status, at, command_ids=["cmd-e1"], **to)
        return self

    def decided_by_inbox(self, at: float) -> "Asked":
        """The inbox decides."""
        self.in_inbox(at)
        self.decide("e1", KIND, "sent", "accepted", at, notification_id="n-e9")
        return self

    def sms(self, at: float) -> "Asked":
        """A text message goes, where the outcome is written already."""
        self.call("e1", at)
        self.receipt("e1", KIND, "accepted", at + 0.1)
        self.report("e1", at + 10)
        self.receipt("e1", KIND, "delivered", at + 10.1)
        return self


# Quiet hours.


def test_what_is_urgent_lies_in_the_inbox_at_night_and_rings_in_the_morning() -> None:
    assert Asked(NIGHT, quiet_hours=QUIET).decided_by_inbox(NIGHT + 5).sms(DAWN).said() == ""


def test_nothing_rings_in_quiet_hours() -> None:
    run = Asked(NIGHT, quiet_hours=QUIET).decided_by_inbox(NIGHT + 5).sms(NIGHT + 60)
    assert run.broken() == {"forbidden"}


def test_quiet_hours_are_the_customers_own() -> None:
    elsewhere = QUIET | {"time_zone": "America/Los_Angeles"}  # where it is night when it is day in Shanghai
    run = Asked(NIGHT, quiet_hours=elsewhere)
    run.message("e1", KIND, NIGHT + 5)
    assert run.said() == ""
    assert "forbidden" in _by_day(quiet_hours=QUIET | {"time_zone": "America/Sao_Paulo"}).broken()
    assert _by_day(quiet_hours=QUIET).said() == ""


def _by_day(**preferences: Any) -> Asked:
    run = Asked(**preferences)
    run.message("e1", KIND, MORNING + 5)
    return run


def test_what_is_looked_at_in_the_moment_before_quiet_hours_rings_and_does_not_lie_in_the_inbox() -> None:
    found, written, began = 22 * 3_600.0 - 6, 22 * 3_600.0 - 4, 22 * 3_600.0 + 1.3
    run = HandMade(profile=False)
    run.profile(0, NUMBER, preferences={"quiet_hours": QUIET})
    run.order("e1", "stock.shortage", found)
    run.notify("e1", KIND, written, found, detected_at=told_at(found), notify_by=told_at(found + 300))
    run.message("e1", KIND, began)
    assert run.said() == ""


def test_what_is_urgent_is_not_kept_until_the_morning() -> None:
    late = Asked(NIGHT, quiet_hours=QUIET).decided_by_inbox(NIGHT + 600).sms(DAWN)
    assert late.broken() == {"late"}
    never = Asked(NIGHT, quiet_hours=QUIET)
    never.message("e1", KIND, DAWN)
    assert never.broken() == {"missed"}


def test_what_was_silent_at_night_is_told_in_the_morning() -> None:
    run = Asked(NIGHT, quiet_hours=QUIET).decided_by_inbox(NIGHT + 5)
    assert run.broken() == {"missed"}
    run.sms(DAWN + 600)
    assert run.broken() == {"late"}


def test_who_does_not_want_the_inbox_is_told_in_the_morning_only() -> None:
    wishes: dict[str, Any] = {"quiet_hours": QUIET, "channels": ["sms"]}
    run = Asked(NIGHT, **wishes)
    run.message("e1", KIND, DAWN)
    assert run.said() == ""
    assert Asked(NIGHT, **wishes).decided_by_inbox(NIGHT + 5).sms(DAWN).broken() == {"forbidden"}


@pytest.mark.parametrize("hours", [{"from": "08:00", "to": "08:00"}, {"from": "11:00", "to": "12:00"}])
def test_hours_that_are_none_or_others_keep_nothing_back(hours: dict[str, str]) -> None:
    assert _by_day(quiet_hours=QUIET | hours).said() == ""


# Channels and kinds.


def test_a_channel_that_is_not_wanted_is_not_used() -> None:
    assert "forbidden" in _by_day(channels=["push", "inbox"]).broken()
    assert _by_day(channels=["push", "sms"]).said() == ""


def test_who_wants_none_of_the_channels_is_told_nothing() -> None:
    run = Asked(channels=["wechat"])
    run.decide("e1", KIND, "suppressed", "muted", MORNING + 5)
    assert run.said() == ""


def test_a_kind_that_is_muted_is_not_told() -> None:
    assert "forbidden" in _by_day(muted_kinds=[KIND]).broken()
    run = Asked(muted_kinds=[KIND])
    run.decide("e1", KIND, "suppressed", "muted", MORNING + 5)
    assert run.said() == ""


def test_whoever_asked_for_nothing_is_told() -> None:
    run = Asked(muted_kinds=["payment_failed"])
    run.decide("e1", KIND, "suppressed", "muted", MORNING + 5)
    assert run.broken() == {"unexplained", "missed"}


# The inbox.


def test_one_notice_lies_in_the_inbox_once() -> None:
    run = Asked(NIGHT, quiet_hours=QUIET).decided_by_inbox(NIGHT + 5).in_inbox(NIGHT + 60, "e8").sms(DAWN)
    assert run.broken() == {"twice"}


def test_what_lies_in_the_inbox_names_its_order() -> None:
    run = Asked(NIGHT, quiet_hours=QUIET).sms(DAWN)
    run.decide("e1", KIND, "sent", "accepted", NIGHT + 5, notification_id="n-e9")
    assert run.in_inbox(NIGHT + 5, body="您的订单有新情况。").broken() == {"unexplained"}


def test_what_is_over_is_not_laid_into_the_inbox() -> None:
    run = Asked(NIGHT, quiet_hours=QUIET)
    run.order("e2", "stock.replenished", NIGHT + 1)
    run.settle("e2", KIND, NIGHT + 1)
    assert "false" in run.decided_by_inbox(NIGHT + 60).broken()


def test_nothing_is_laid_into_the_inbox_of_whom_was_erased() -> None:
    run = Asked(NIGHT, quiet_hours=QUIET)
    run.erase(NIGHT - 3_600)
    assert "forbidden" in run.decided_by_inbox(NIGHT + 5).broken()


def test_what_was_told_by_the_inbox_lies_there() -> None:
    run = Asked(NIGHT, quiet_hours=QUIET).sms(DAWN)
    run.decide("e1", KIND, "sent", "accepted", NIGHT + 5, notification_id="n-e9")
    to: dict[str, Any] = {"channel": "inbox", "provider": "inbox", "cost": "0", "recipient": "C1"}
    for status in ("accepted", "delivered"):
        run.receipt("e9", KIND, status, NIGHT + 5, command_ids=["cmd-e1"], **to)
    assert run.broken() == {"unexplained", "missed"}


# What is asked about contact data.


def confirmed(when: str) -> HandMade:
    """A shortage of a customer whose number was confirmed at some time."""
    run = HandMade(profile=False)
    run.profile(0, NUMBER, verified_at=when)
    run.order("e1", "stock.shortage", MORNING)
    run.told("e1", KIND, MORNING)
    return run


OLD, NEW = "2025-01-01T00:00:00Z", "2025-11-01T00:00:00Z"


def test_what_was_confirmed_long_ago_is_to_be_looked_through() -> None:
    run = confirmed(OLD)
    assert run.broken() == {"missed"}
    run.laid("check", ["A-1"], "contact_check", MORNING + 4)
    assert run.said() == ""
    run.laid("again", ["A-1"], "contact_check", MORNING + 600)
    assert run.broken() == {"twice"}


def test_what_was_confirmed_lately_is_not_asked_about() -> None:
    run = confirmed(NEW)
    assert run.said() == ""
    run.laid("check", ["A-1"], "contact_check", MORNING + 4)
    assert run.broken() == {"false"}


def test_only_what_proved_wrong_is_to_be_renewed() -> None:
    run = confirmed(NEW)
    run.laid("renew", ["A-1"], "contact_invalid", MORNING + 60)
    assert run.broken() == {"false"}


def test_a_message_says_when_it_was_made() -> None:
    run = confirmed(OLD)
    run.laid("check", ["A-1"], "contact_check", MORNING + 4, created_at=told_at(MORNING + 10))
    assert run.broken() == {"unexplained"}

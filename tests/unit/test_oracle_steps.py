"""The oracle knows when each step of a plan is taken, and when it is not."""

from typing import Any

import pytest

from tests.unit.hand_made import MORNING, NUMBER, HandMade

SENT = MORNING + 5.0
STEP = 600.0
DAY = 86_400.0
DEVICE, FOLLOWER, MAILBOX = "dev-0001", "o-follower-1", "ann@example.com"
WHERE = {
    "sms": (NUMBER, "139****0001"),
    "push": (DEVICE, "dev-****"),
    "wechat": (FOLLOWER, "o-fo****"),
    "email": (MAILBOX, "a***@example.com"),
}
BY = {"sms": "aliyun", "push": "jpush", "wechat": "wechat", "email": "smtp"}


class Planned(HandMade):
    """A shortage of a customer who is reached on three channels."""

    def __init__(self, tier: str = "regular", **fields: Any) -> None:
        super().__init__(profile=False)
        self.others = ["jpush", "wechat", "smtp"]
        self.profile(0, NUMBER, tier=tier, push_ids=[DEVICE], wechat_openid=FOLLOWER, **fields)
        self.order("e1", "stock.shortage", MORNING)
        self.notify("e1", "stock_shortage", MORNING)

    def goes(
        self,
        channel: str,
        at: float,
        answer: str = "yes",
        *,
        arrives: float | None = None,
        fails: float | None = None,
        lasts: float = 0.1,
        attempt: int = 1,
    ) -> None:
        """A message on a channel, which arrives or fails after so long, or of which no report ever comes."""
        address, _ = WHERE[channel]
        event = f"e1-{channel}"
        self.call(
            event, at, answer, number=address, provider=BY[channel], channel=channel, lasts=lasts, attempt=attempt
        )
        if answer == "yes" and not any(w.topic == "notification-decisions" for w in self.written):
            self.decide("e1", "stock_shortage", "sent", "accepted", at + lasts, notification_id=f"n-{event}")
        if answer == "yes":
            self._receipt(channel, "accepted", at + lasts, attempt)
            status = "no_report" if fails is None else "undelivered"
            ends = max(arrives or fails or 3 * DAY, lasts) + 0.1
            self._receipt(channel, status if arrives is None else "delivered", at + ends, attempt)
            if arrives is not None:
                self.report(event, at + arrives)
            elif fails is not None:
                self.report(event, at + fails, "UNDELIV")
        else:
            self._receipt(channel, "rejected" if answer == "no" else "unknown", at + lasts, attempt)

    def lost(self, channel: str, at: float) -> None:
        """A message that was to go when its worker died: no vendor knows of it."""
        self._receipt(channel, "unknown", at)

    def _receipt(self, channel: str, status: str, at: float, attempt: int = 1) -> None:
        of: dict[str, Any] = {
            "command_ids": ["cmd-e1"],
            "channel": channel,
            "provider": BY[channel],
            "recipient": WHERE[channel][1],
        }
        of |= {} if channel == "sms" else {"cost": "0"}
        self.receipt(f"e1-{channel}", "stock_shortage", status, at, attempt, **of)


def test_what_arrives_by_its_first_step_is_all() -> None:
    run = Planned()
    run.goes("sms", SENT, arrives=10)
    assert run.said() == ""


def test_each_step_has_its_time() -> None:
    run = Planned()
    run.goes("sms", SENT)
    run.goes("push", SENT + STEP)
    run.goes("wechat", SENT + 2 * STEP, arrives=10)
    assert run.said() == ""


@pytest.mark.parametrize("early", [1.0, 300.0, STEP - 10])
def test_no_step_is_taken_while_the_one_before_may_arrive(early: float) -> None:
    run = Planned()
    run.goes("sms", SENT)
    run.goes("push", SENT + early, arrives=10)
    assert run.broken() == {"forbidden"}


def test_what_was_refused_for_good_is_followed_at_once() -> None:
    run = Planned()
    run.goes("sms", SENT, "no")
    run.goes("push", SENT + 1, arrives=10)
    assert run.said() == ""


def test_what_is_reported_to_have_failed_before_its_call_ends_is_followed_when_that_ends() -> None:
    run = Planned()
    run.goes("sms", SENT, fails=1, lasts=8)
    run.goes("push", SENT + 8.1, arrives=10)
    assert run.said() == ""
    run = Planned()
    run.goes("sms", SENT, fails=1, lasts=8)
    run.goes("push", SENT + 14, arrives=10)
    assert run.broken() == {"late"}


def test_what_is_in_doubt_is_followed_when_it_is_given_up() -> None:
    run = Planned()
    run.goes("sms", SENT, "neither")
    run.goes("push", SENT + 240, arrives=10)
    assert run.said() == ""


def test_what_was_reported_to_have_failed_late_was_in_doubt_before() -> None:
    run = Planned()
    run.goes("sms", SENT, "neither")
    run.report("e1-sms", SENT + 400, "UNDELIVERED")
    run.goes("push", SENT + 240, arrives=10)
    assert "forbidden" not in run.broken()


def test_no_step_is_taken_after_a_message_arrived() -> None:
    run = Planned()
    run.goes("sms", SENT, arrives=10)
    run.goes("push", SENT + STEP)
    assert run.broken() == {"forbidden"}


def test_a_step_that_is_due_is_missed() -> None:
    run = Planned()
    run.goes("sms", SENT)
    assert run.broken() == {"missed"}


def test_a_step_whose_worker_died_before_its_call_is_in_doubt_and_not_missed() -> None:
    run, again = Planned(), SENT + 1_300
    for died in (SENT, SENT + STEP):
        run.disturb("worker", died - 1, died + 1)
    run.lost("sms", SENT)
    run.lost("push", SENT + STEP)
    run.goes("sms", again, attempt=2)
    run.goes("wechat", again + STEP, arrives=10)
    assert run.said() == ""


def test_a_step_that_is_due_is_late() -> None:
    run = Planned()
    run.goes("sms", SENT)
    run.goes("push", SENT + 2 * STEP, arrives=10)
    assert run.broken() == {"late"}
    run.disturb("vendor", SENT, SENT + 2 * STEP, "jpush")
    assert run.said() == ""


def test_all_channels_of_a_step_go_at_once() -> None:
    run = Planned("vip")
    run.goes("sms", SENT, arrives=20)
    assert "missed" in run.broken()


def test_whom_a_vendor_does_not_know_any_more_it_is_not_asked_for() -> None:
    run = Planned()
    run.goes("sms", SENT)
    run.call("e1-push", SENT + STEP, "no", number=DEVICE, provider="jpush", channel="push", code="1011")
    run._receipt("push", "rejected", SENT + STEP + 0.1)
    run.goes("wechat", SENT + STEP + 1, arrives=10)
    assert run.said() == ""


def test_a_channel_that_is_not_wanted_is_no_step() -> None:
    run = Planned(preferences={"channels": ["sms", "wechat"]})
    run.goes("sms", SENT)
    run.goes("wechat", SENT + STEP, arrives=10)
    assert run.said() == ""
    run = Planned(preferences={"channels": ["sms", "wechat"]})
    run.goes("sms", SENT)
    run.goes("push", SENT + STEP)
    assert "forbidden" in run.broken()


def test_a_push_that_goes_twice_tells_twice() -> None:
    run = Planned()
    run.goes("sms", SENT)
    run.goes("push", SENT + STEP)
    run.call("e1-push", SENT + STEP + 30, number=DEVICE, provider="jpush", channel="push", attempt=2)
    assert "twice" in run.broken()


def test_a_step_that_waits_for_the_morning_is_not_needed_where_the_one_before_arrives_in_the_night() -> None:
    run = Planned(preferences={"quiet_hours": {"from": "10:05", "to": "11:00", "time_zone": "Asia/Shanghai"}})
    run.goes("sms", SENT, arrives=2_400)
    assert run.said() == ""
    run = Planned(preferences={"quiet_hours": {"from": "10:05", "to": "11:00", "time_zone": "Asia/Shanghai"}})
    run.goes("sms", SENT, arrives=3_900)
    assert run.broken() == {"missed"}


@pytest.mark.parametrize(("taken", "right"), [(SENT + STEP, True), (MORNING + 3_600 + STEP, False)])
def test_a_step_that_does_not_ring_is_taken_in_quiet_hours_where_the_one_before_has_gone(
    taken: float, right: bool
) -> None:
    quiet = {"from": "10:05", "to": "11:00", "time_zone": "Asia/Shanghai"}
    run = Planned(preferences={"channels": ["sms", "wechat", "inbox"], "quiet_hours": quiet})
    run.goes("sms", SENT)
    run.goes("wechat", taken, arrives=10)
    assert run.broken() == (set() if right else {"late"})


def test_what_went_beside_the_plan_at_night_is_tried_again_by_day_until_another_message_has_arrived() -> None:
    quiet = {"from": "10:00", "to": "10:05", "time_zone": "Asia/Shanghai"}
    run = Planned(preferences={"channels": ["sms", "email", "inbox"], "quiet_hours": quiet}, email=MAILBOX)
    run.goes("email", SENT, "no")
    run.goes("sms", MORNING + 301, arrives=120)
    run.goes("email", MORNING + 400, "no", attempt=2)
    assert "forbidden" not in run.broken()
    run.goes("email", MORNING + 500, "no", attempt=3)
    assert "forbidden" in run.broken()

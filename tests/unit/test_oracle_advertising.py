"""The oracle knows when a text message may advertise, and to whom, and that it does where it may."""

from dataclasses import replace
from typing import Any

import pytest

from tests.oracle import Terms
from tests.unit.hand_made import MORNING, NUMBER, HandMade, told_at

DAY = 86_400.0
FOUND = MORNING + DAY
SENT = FOUND + 60
NOTICE = "【寄卖行】抱歉，订单A-1包裹P-1已24小时无更新，正在跟进，有进展即告知。"
TEXT = "【寄卖行】抱歉，订单A-1的包裹受天气影响晚到，正在跟进，10元券已放入您的账户。拒收请回复R"


class Late(HandMade):
    """The parcel of a new customer is late, and its coupon is told with that."""

    def __init__(
        self,
        at: float = MORNING,
        *,
        granted: bool = True,
        provider: str = "aliyun",
        role: str = "buyer",
        coupon: str = "in_message",
        **profile: Any,
    ) -> None:
        super().__init__(profile=False)
        contact = {"contact_id": "K0", "role": role, "phone": NUMBER}
        new = {"customer_id": "C1", "tier": "new", "contacts": [contact], "marketing_consent": True}
        self.publish("customers", b"C1", new | profile, 0)
        self.parcel("d1", "dispatched", at)
        self.found, sent = at + DAY, at + DAY + 60
        self.notify("d1", "shipment_stalled", self.found, at)
        if granted:
            self.grant(sent - 0.01)
        self.call("d1", sent, text=TEXT, provider=provider)
        said = {"notification_id": "n-d1", "coupon": coupon}
        self.decide("d1", "shipment_stalled", "sent", "accepted", sent + 0.1, **said)
        self.receipt("d1", "shipment_stalled", "accepted", sent + 0.1, provider=provider)
        self.report("d1", sent + 10)
        self.receipt("d1", "shipment_stalled", "delivered", sent + 10.1, provider=provider)

    def grant(self, at: float) -> None:
        value = {
            "grant_id": "coupon-1",
            "customer_id": "C1",
            "order_id": "A-1",
            "command_id": "cmd-d1",
            "kind": "shipment_stalled",
            "amount": "10",
            "valid_until": told_at(at + 30 * DAY),
            "reason": "apology",
            "created_at": told_at(at),
        }
        self.write("coupon-grants", "C1", value, at)
        self.laid("inbox-1", ["A-1"], "shipment_stalled", at)

    def advertised(self) -> list[str]:
        """What is wrong with the advertisement."""
        return [defect.what.partition(",")[0] for defect in self.defects() if "advertised" in defect.what]

    def in_other_words(self, text: str = NOTICE, **fields: Any) -> "Late":
        """The same, with another message."""
        self.attempts = [replace(attempt, text=text, **fields) for attempt in self.attempts]
        return self

    def missed(self) -> bool:
        """Whether the coupon was to be told with it, where good news of parcels is."""
        return any("its coupon was not told with it" in defect.what for defect in self.defects(Terms()))


def test_a_coupon_told_to_who_agreed_is_right() -> None:
    assert Late().said() == ""


@pytest.mark.parametrize("consent", [False, None])
def test_who_did_not_agree_has_no_advertisement(consent: bool | None) -> None:
    assert Late(marketing_consent=consent).advertised() == ["advertised without consent"]


def test_the_consent_is_the_buyers() -> None:
    assert Late(role="other").advertised() == ["advertised to another than the buyer"]


@pytest.mark.parametrize(("hour", "right"), [(8.5, True), (19.9, True), (20.1, False)])
def test_an_advertisement_has_its_hours(hour: float, right: bool) -> None:
    assert (not Late(hour * 3_600).advertised()) == right


@pytest.mark.parametrize(("zone", "right"), [("Asia/Kolkata", False), ("Asia/Tokyo", True)])
def test_the_hours_are_the_customers_as_well(zone: str, right: bool) -> None:
    hours = {"from": "03:00", "to": "03:01", "time_zone": zone}
    assert (not Late(MORNING, preferences={"quiet_hours": hours}).advertised()) == right


@pytest.mark.parametrize(("before", "right"), [(3, False), (1, True)])
@pytest.mark.parametrize("word", ["R", "TD"])
def test_who_said_r_has_no_advertisement(before: float, right: bool, word: str) -> None:
    run = Late()
    run.reply(word, SENT - before)
    assert ("advertised to who said R" not in run.advertised()) == right


def test_a_coupon_goes_by_nobody_who_takes_none_and_not_without_having_been_given() -> None:
    assert "advertised by who takes none" in Late(provider="tencent").advertised()
    assert "advertised with no coupon" in Late(granted=False).advertised()


def test_nothing_urgent_goes_in_an_advertisement() -> None:
    run = Late()
    run.order("e2", "stock.shortage", MORNING)
    run.notify("e2", "stock_shortage", MORNING)
    run.call("e2", MORNING + 5, text=TEXT)
    run.decide("e2", "stock_shortage", "sent", "accepted", MORNING + 5.1, notification_id="n-e2")
    run.receipt("e2", "stock_shortage", "accepted", MORNING + 5.1)
    assert "advertised of something urgent" in run.advertised()


def test_a_decision_says_of_its_coupon_what_is_so() -> None:
    assert Late().in_other_words().broken() == {"unexplained"}
    assert Late(coupon="hours").broken() == {"unexplained"}


def test_a_coupon_that_may_be_told_is() -> None:
    assert Late().in_other_words().missed()
    assert not Late().missed()


@pytest.mark.parametrize(
    "otherwise",
    [
        {"marketing_consent": None},
        {"role": "other"},
        {"granted": False},
        {"provider": "tencent"},
        {"at": 20.1 * 3_600},
        {"at": 20 * 3_600 - 120},
        {"preferences": {"quiet_hours": {"from": "03:00", "to": "03:01", "time_zone": "Europe/London"}}},
    ],
)
def test_where_it_may_not_be_told_the_notice_goes_alone(otherwise: dict[str, Any]) -> None:
    assert not Late(**otherwise).in_other_words().missed()


@pytest.mark.parametrize("word", ["R", "TD"])
def test_who_says_r_just_then_may_hear_the_notice_alone(word: str) -> None:
    run = Late().in_other_words()
    run.reply(word, SENT - 1)
    assert not run.missed()


def test_who_may_have_taken_it_back_may_hear_the_notice_alone() -> None:
    run = Late().in_other_words()
    contact = {"contact_id": "K0", "role": "buyer", "phone": NUMBER}
    run.publish("customers", b"C1", {"customer_id": "C1", "tier": "new", "contacts": [contact]}, SENT - 1)
    assert not run.missed()


def test_a_coupon_rides_in_the_first_attempt_that_was_made() -> None:
    run = Late().in_other_words(out_id="C1.n-d1.2")
    assert run.missed()
    run.disturb("worker", SENT - 70, SENT - 30)
    assert not run.missed()


def test_of_a_message_that_was_refused_whatever_it_says_nothing_is_known() -> None:
    assert not Late().in_other_words("").missed()


@pytest.mark.parametrize(
    ("text", "promises"), [("订单A-1。为表歉意，10元券已放入您的账户。", {"forbidden"}), ("订单A-1。", set())]
)
def test_a_mail_tells_of_no_coupon(text: str, promises: set[str]) -> None:
    run = Late(contacts=[{"contact_id": "K0", "role": "buyer", "email": "ann@x.com"}], coupon="channel")
    run.others, run.reported, run.written = ["smtp"], [], [w for w in run.written if w.topic != "delivery-receipts"]
    run.in_other_words(text, number="ann@x.com", provider="smtp", channel="email")
    of: dict[str, Any] = {"provider": "smtp", "channel": "email", "recipient": "a***@x.com", "cost": "0"}
    for status, after in (("accepted", 0.1), ("no_report", 3 * DAY + 1)):
        run.receipt("d1", "shipment_stalled", status, SENT + after, **of)
    assert run.broken() == promises

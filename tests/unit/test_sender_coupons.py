"""A coupon in the message that tells of the trouble: when it rides, why not, and that no notice suffers by it."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.calling import Caller
from schemas.calls import ErrorClass, SendResult
from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros, instant
from streams import topics
from streams.operators.sending.calls import SendCall
from streams.policy.rules import Rules
from tests.driver import NOON, START
from tests.sending import ABSENT, ANN, BOB, Post, accepted
from tests.unit.rules import RULES, rules_with

STALL: dict[str, Any] = {"last_update_at": "2025-11-23T16:00:00Z", "hours": 24, "carrier": "sf", "cause": "weather"}
ALWAYS = "[kinds.shipment_stalled]\nwindow = 'always'\nexpire_after = '30m'\n"
LATE = rules_with(ALWAYS)
NUMBER = f"+86{ANN}"
MARKETING = {t.wordings["aliyun"].id for t in RULES.templates.values() if t.category == "marketing"}


def buyer(**fields: Any) -> dict[str, Any]:
    return {"contact_id": "k0", "role": "buyer", "phone": ANN} | fields


def new_customer(post: Post, *contacts: dict[str, Any], **fields: Any) -> None:
    post.customer(*(contacts or (buyer(),)), tier="new", **({"marketing_consent": True} | fields))


def post_with(rules: Rules = LATE, now: Micros = NOON, providers: tuple[str, ...] = ("aliyun",)) -> Post:
    return Post(rules=rules, now=now, providers=providers)


def told(post: Post) -> list[str | None]:
    """What the decisions say of coupons."""
    return [sent.value.get("coupon") for sent in post.written(topics.DECISIONS.name)]


def advertises(call: SendCall[Any]) -> bool:
    assert call.request.marketing == (call.request.template in MARKETING)
    return bool(call.request.marketing)


def held(post: Post) -> Post:
    """Past the hold of late parcels."""
    post.wait(MINUTE)
    return post


def late(post: Post, order: str = "A1", **fields: Any) -> SendCall[Any]:
    """A parcel is late, and its message goes."""
    post.notify("shipment_stalled", order, **({"facts": STALL} | fields))
    return held(post).send()


def in_inbox(post: Post) -> list[str]:
    return [message["actions"][0]["action"] for message in post.inbox]


def test_who_agreed_is_told_of_trouble_and_coupon_in_one_message_and_finds_it_in_the_inbox() -> None:
    post = post_with()
    new_customer(post)
    call = late(post)
    assert call.request.template == RULES.templates["mk_stall_coupon"].wordings["aliyun"].id
    assert call.request.variables == {"order": "A1", "cause": "天气", "coupon": "10"}
    post.accept()
    assert told(post) == ["in_message"]
    assert [(r["template_id"], r["segments"]) for r in post.receipts] == [("mk_stall_coupon", 1)]
    assert len(post.coupons) == len(in_inbox(post)) == 1


@pytest.mark.parametrize(
    ("more", "template"),
    [
        ({"expected_days": "3-5"}, "mk_stall_days"),
        ({}, "mk_stall_coupon"),
        ({"cause": "other"}, "mk_stall_open"),
    ],
)
def test_the_text_with_the_coupon_says_what_the_notice_would(more: dict[str, Any], template: str) -> None:
    post = post_with()
    new_customer(post)
    assert late(post, facts=STALL | more).request.template == RULES.templates[template].wordings["aliyun"].id


ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "Pacific/Auckland", "Asia/Kathmandu")


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2 * 24 * 60),
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
    st.sampled_from((True, True, True, False, None)),
    st.sampled_from(("buyer", "buyer", "buyer", "other")),
    st.sampled_from(("nothing", "nothing", "nothing", "marketing", "unknown")),
    st.sampled_from(("0.00", "0.04", "0.05", "none")),
    st.sampled_from((("aliyun", "tencent"), ("aliyun", "tencent"), ("tencent",))),
)
def test_a_coupon_rides_exactly_when_all_allow_it_and_the_notice_goes_at_its_time_in_any_case(
    minute: int,
    shop: str,
    customer: str,
    consent: bool | None,
    role: str,
    stopped: str,
    budget: str,
    providers: tuple[str, ...],
) -> None:
    now = START + minute * MINUTE
    spent = budget != "none" and Decimal(budget) * 80 / 100 <= 0  # nothing was spent yet
    rules = rules_with(
        f"time_zone = '{shop}'\nprofile_wait = '1s'\n{ALWAYS}"
        + ("" if budget == "none" else f"[budget.providers]\naliyun = '{budget}'")
    )
    post = post_with(rules, now, providers)
    quiet = {"from": "03:00", "to": "03:00", "time_zone": customer}
    new_customer(post, buyer(role=role), marketing_consent=consent, preferences={"quiet_hours": quiet})
    if stopped == "marketing":
        post.ledger.against_marketing.add(NUMBER)
    post.notify("shipment_stalled", facts=STALL)
    post.wait(MINUTE)
    call = post.send()
    clocks = [instant(post.now).astimezone(ZoneInfo(zone)) for zone in (shop, customer)]
    open_hours = all(480 <= clock.hour * 60 + clock.minute < 1_199 for clock in clocks)
    may = consent is True and role == "buyer" and stopped != "marketing" and open_hours
    may = may and not spent and call.provider == "aliyun"
    assert advertises(call) == may
    post.accept()
    (said,) = told(post)
    assert (said == "in_message") == may
    assert len(post.coupons) == len(in_inbox(post)) == 1
    assert post.outcomes == [("sent", "accepted")]


@pytest.mark.parametrize(("zone", "may"), [("Asia/Tokyo", True), ("Asia/Kolkata", False), ("Pacific/Auckland", False)])
def test_the_hours_are_those_of_the_customers_clock_as_well(zone: str, may: bool) -> None:
    post = post_with(now=START + 8 * HOUR if zone == "Asia/Kolkata" else START + 16 * HOUR)
    new_customer(post, preferences={"quiet_hours": {"from": "03:00", "to": "03:00", "time_zone": zone}})
    assert advertises(late(post)) == may
    post.accept()
    assert told(post) == ["in_message" if may else "hours"]


def test_marketing_stops_at_its_part_of_the_budget_and_notices_go_on() -> None:
    post = post_with(rules_with(f"{ALWAYS}[budget]\nmarketing_percent = 50\n[budget.providers]\naliyun = '0.09'"))
    new_customer(post)
    new_customer(post, buyer(phone=BOB), customer="c2")
    assert advertises(late(post))
    post.accept()
    assert not advertises(late(post, "A2", customer="c2"))
    post.accept()
    assert told(post) == ["in_message", "over_budget"]


def test_what_is_urgent_goes_in_no_advertisement() -> None:
    post = post_with()
    new_customer(post)
    post.notify("stock_shortage")
    assert not advertises(held(post).send())
    post.accept()
    assert told(post) == ["urgent"]


@pytest.mark.parametrize(
    "error", [ErrorClass.TEMPLATE, ErrorClass.CONTENT, ErrorClass.NOT_NOW, ErrorClass.DAY_LIMIT, ErrorClass.UNKNOWN]
)
def test_whoever_refuses_the_advertisement_has_the_notice_at_once(error: ErrorClass) -> None:
    post = post_with(providers=("aliyun", "tencent"))
    new_customer(post)
    assert advertises(late(post))
    post.refuse(error)
    call = post.send()
    assert (call.provider, advertises(call)) == ("aliyun", False)
    post.accept()
    assert told(post) == ["tried"]
    assert post.outcomes == [("sent", "accepted")]
    assert len(post.coupons) == 1


@pytest.mark.parametrize("error", list(ErrorClass))
def test_no_refusal_of_an_advertisement_costs_the_notice_more_than_the_notices_own(error: ErrorClass) -> None:
    """Refused the first time and taken from then on, the notice ends as well with a coupon as without one."""

    def outcomes(consent: bool) -> list[tuple[str, str]]:
        post = post_with(rules_with(f"{ALWAYS}channels = ['sms']"))
        new_customer(post, marketing_consent=consent)
        late(post)
        post.refuse(error)
        post.wait(2 * MINUTE)
        for call in post.sends:
            assert not advertises(call)
            post.accept(call)
        post.wait(DAY)
        return post.outcomes

    (with_coupon,), (without,) = outcomes(True), outcomes(False)
    assert with_coupon == without or (with_coupon[0], without[0]) == ("sent", "failed")


def test_an_attempt_in_doubt_is_no_reason_to_advertise_again() -> None:
    post = post_with()
    new_customer(post)
    late(post)
    post.no_answer()
    post.wait(46 * SECOND)
    for question in post.questions:
        post.finish(question, ABSENT)
    post.wait(2 * MINUTE)
    assert [advertises(call) for call in post.sends] == [False]


def test_what_waits_together_costs_less_than_a_coupon_that_rides() -> None:
    post = post_with()
    new_customer(post)
    post.notify("shipment_stalled", "A1", facts=STALL)
    post.notify("shipment_stalled", "A2", facts=STALL)
    call = held(post).send()
    assert not advertises(call)
    post.accept()
    assert sorted(filter(None, told(post))) == ["with_others"]
    assert len(post.coupons) == 1


def test_a_coupon_rides_in_no_text_of_more_segments_than_the_notice() -> None:
    longer = "尊敬的会员，" * 6
    post = post_with(
        rules_with(
            f"{ALWAYS}[templates.mk_stall_coupon]\n"
            f"text = '{longer}订单${{order}}的包裹受${{cause}}影响晚到，${{coupon}}元券已放入您的账户。拒收请回复R'"
        )
    )
    new_customer(post)
    assert not advertises(late(post, facts=STALL | {"hours": 0}))
    post.accept()
    assert told(post) == ["no_text"]


@pytest.mark.parametrize("how", ["enabled = false", "aliyun = { id = 'SMS_1', filed = [] }"])
def test_a_text_that_is_not_approved_is_not_taken(how: str) -> None:
    texts = "".join(f"[templates.{name}]\n{how}\n" for name in ("mk_stall_days", "mk_stall_coupon", "mk_stall_open"))
    post = post_with(rules_with(ALWAYS + texts))
    new_customer(post)
    assert not advertises(late(post))
    post.accept()
    assert told(post) == ["no_text"]


def test_an_account_may_send_no_marketing() -> None:
    post = post_with(rules_with(f"{ALWAYS}[sms.aliyun]\nmarketing = false"))
    new_customer(post)
    assert not advertises(late(post))
    post.accept()
    assert told(post) == ["provider"]


def test_who_took_back_its_consent_while_the_notice_waited_has_no_advertisement() -> None:
    post = post_with()
    new_customer(post)
    post.notify("shipment_stalled", facts=STALL)
    post.wait(30 * SECOND)
    new_customer(post, marketing_consent=False)
    assert not advertises(held(post).send())


async def test_an_r_between_the_last_look_and_the_call_holds() -> None:
    post = post_with()
    new_customer(post)
    call = late(post)
    asked = list[str | None]()

    class Gateway:
        name = "aliyun"

        async def send(self, request: Any, hindrance: Any) -> SendResult:
            asked.append(hindrance())
            return SendResult(outcome="not_sent", error_class=ErrorClass.RETRY_LATER, code=asked[-1])

    class Clock:
        def now(self) -> Micros:
            return post.now

    post.ledger.against_marketing.add(NUMBER)
    gateway: Any = Gateway()
    result = await Caller({"aliyun": gateway}, post.ledger, Clock()).perform(call)
    assert asked == ["marketing_stopped"]
    post.finish(call, result)
    assert not advertises(post.send())
    post.accept()
    assert told(post) == ["stopped"]


def test_a_contact_who_did_not_agree_hears_the_notice_alone() -> None:
    post = post_with()
    new_customer(post, buyer(), buyer(contact_id="k1", role="other", phone=BOB))
    post.notify("shipment_stalled", facts=STALL)
    held(post)
    assert {call.request.number[-4:]: advertises(call) for call in post.sends} == {ANN[-4:]: True, BOB[-4:]: False}
    assert len(post.coupons) == 1


def test_a_mail_tells_of_no_coupon_since_it_would_be_an_advertisement() -> None:
    post = post_with(rules_with(f"{ALWAYS}channels = ['email']"), NOON, ("smtp",))
    new_customer(post, buyer(email="an@example.com"))
    post.notify("shipment_stalled", facts=STALL)
    (mail,) = held(post).others
    assert "券" not in f"{mail.request.subject} {mail.request.plain} {mail.request.html}"  # type: ignore[union-attr]
    post.finish(mail, accepted())
    assert told(post) == ["channel"]
    assert len(post.coupons) == len(in_inbox(post)) == 1


def test_a_text_that_no_longer_arrives_is_not_taken_for_its_coupon() -> None:
    post = post_with(rules_with(f"daily_cap = 100\ncoupon_period = '1s'\n{ALWAYS}"))
    new_customer(post)
    for number in range(20):
        call = late(post, f"A{number}")
        assert advertises(call)
        post.accept(call, f"m-{number}")
        post.report(call, "undelivered", reason="CONTENT_KEYWORD")
        post.wait(SECOND)
    post.wait(12 * MINUTE)
    assert not advertises(late(post, "B"))
    post.accept()
    assert told(post)[-1] == "not_arriving"


def test_the_margin_before_eight_in_the_evening_is_a_minute() -> None:
    for minutes, may in ((7 * 60 + 59, False), (8 * 60, True), (19 * 60 + 58, True), (19 * 60 + 59, False)):
        post = post_with(now=START + minutes * MINUTE - 60 * SECOND)
        new_customer(post)
        post.notify("shipment_stalled", facts=STALL)
        post.wait(60 * SECOND)
        assert datetime.fromtimestamp(post.now / 1e6, ZoneInfo("Asia/Shanghai")).minute == minutes % 60
        assert advertises(post.send()) == may

"""The steps of a plan: which channels a contact is told on, in what order, and what quiet hours change."""

from typing import Any

from schemas.calls import ErrorClass, SendResult
from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros
from tests.driver import rfc3339
from tests.sending import ANN, BOB, Post, accepted
from tests.unit.rules import RULES, rules_with

SMS_THEN_INBOX = rules_with("[kinds.payment_failed]\nchannels = ['sms', 'inbox']\nsilent = []")
BOTH = rules_with("[kinds.payment_failed]\nchannels = [['sms', 'inbox']]\nsilent = []")
STEP_WAIT = 10 * MINUTE
NIGHT = {"quiet_hours": {"from": "22:00", "to": "07:00", "time_zone": "Asia/Shanghai"}}


def ann(**fields: Any) -> dict[str, Any]:
    return {"contact_id": "k0", "role": "buyer", "phone": ANN} | fields


def channels(post: Post) -> list[str]:
    """The channels on which a message was taken, in order."""
    return [receipt["channel"] for receipt in post.receipts if receipt["status"] == "accepted"]


def test_a_text_message_that_arrives_is_all() -> None:
    post = Post(rules=SMS_THEN_INBOX)
    post.profile(ANN)
    post.notify()
    call = post.held().accept()
    post.report(call)
    post.wait(DAY)
    assert channels(post) == ["sms"]
    assert post.outcomes == [("sent", "accepted")]


def test_what_does_not_arrive_goes_on_the_next_channel_at_once() -> None:
    post = Post(rules=SMS_THEN_INBOX)
    post.profile(ANN)
    post.notify()
    post.report(post.held().accept(), "undelivered")
    post.wait(SECOND)
    assert channels(post) == ["sms", "inbox"]
    assert post.outcomes == [("sent", "accepted")]


def test_what_is_not_heard_of_goes_on_the_next_channel_after_a_while() -> None:
    post = Post(rules=SMS_THEN_INBOX)
    post.profile(ANN)
    post.notify()
    post.held().accept()
    post.wait(STEP_WAIT - SECOND)
    assert channels(post) == ["sms"]
    post.wait(2 * SECOND)
    assert channels(post) == ["sms", "inbox"]


def test_a_step_that_fails_is_followed_at_once_though_the_ones_before_it_may_still_arrive() -> None:
    rules = rules_with("[kinds.payment_failed]\nchannels = ['sms', 'push', 'inbox']\nsilent = []")
    post = Post(rules=rules, providers=("aliyun", "jpush"))
    post.customer(ann(push_ids=["d1"]))
    post.notify()
    post.held().accept()
    post.wait(STEP_WAIT)
    [push] = post.others
    post.finish(push, accepted("p-1"))
    post.report(push, "undelivered", provider_message_id="p-1")
    post.wait(SECOND)
    assert channels(post) == ["sms", "push", "inbox"]


def test_a_number_that_said_stop_is_told_on_the_next_channel() -> None:
    post = Post(rules=SMS_THEN_INBOX)
    post.ledger.numbers.add(f"+86{ANN}")
    post.profile(ANN)
    post.notify()
    post.held().wait(SECOND)
    assert not post.sends
    assert channels(post) == ["inbox"]
    assert post.outcomes == [("sent", "accepted")]


def test_what_is_in_doubt_takes_the_next_channel_and_never_the_same_again() -> None:
    post = Post(rules=SMS_THEN_INBOX)
    post.profile(ANN)
    post.notify()
    post.held().no_answer()
    post.wait(5 * MINUTE)
    assert channels(post) == ["inbox"]
    assert not post.sends


def test_a_settle_stops_the_steps_that_have_not_been_taken() -> None:
    post = Post(rules=SMS_THEN_INBOX)
    post.profile(ANN)
    post.notify()
    call = post.held().accept()
    post.settle()
    post.report(call, "undelivered")
    post.wait(HOUR)
    assert channels(post) == ["sms"]


def test_what_has_expired_takes_no_further_step() -> None:
    post = Post(rules=rules_with("[kinds.payment_failed]\nchannels = ['sms', 'inbox']\nexpire_after = '5m'"))
    post.profile(ANN)
    post.notify()
    post.held().accept()
    post.wait(HOUR)
    assert channels(post) == ["sms"]


def test_all_channels_of_a_step_go_at_once() -> None:
    post = Post(rules=BOTH)
    post.profile(ANN)
    post.notify()
    post.held().accept()
    assert sorted(channels(post)) == ["inbox", "sms"]
    assert post.outcomes == [("sent", "accepted")]


def test_the_inbox_is_the_customers_and_not_each_contacts() -> None:
    post = Post(rules=rules_with("[kinds.payment_failed]\nchannels = ['inbox']"))
    post.profile(ANN, BOB)
    post.notify()
    post.held()
    assert [message["contact_id"] for message in post.inbox] == ["k0"]
    assert post.outcomes == [("sent", "accepted")]


def test_a_message_in_the_inbox_says_what_happened_and_what_to_do() -> None:
    post = Post(rules=rules_with("[kinds.payment_failed]\nchannels = ['inbox']"))
    post.profile(ANN)
    post.notify()
    post.held()
    (message,) = post.inbox
    assert message["title"] == "付款未成功"
    assert "A1" in message["body"]
    assert "余额不足" in message["body"]
    assert "【" not in message["body"]
    assert message["actions"] == [{"label": "重新付款", "action": "pay"}]
    assert [(r["status"], r["provider"], r["cost"]) for r in post.receipts] == [
        ("accepted", "inbox", "0"),
        ("delivered", "inbox", "0"),
    ]


def test_a_muted_kind_is_not_told() -> None:
    post = Post(rules=SMS_THEN_INBOX)
    post.customer(ann(), preferences={"muted_kinds": ["payment_failed"]})
    post.notify()
    post.held()
    assert post.outcomes == [("suppressed", "muted")]


def test_a_channel_that_the_customer_does_not_want_is_passed_over() -> None:
    post = Post(rules=SMS_THEN_INBOX)
    post.customer(ann(), preferences={"channels": ["inbox", "email"]})
    post.notify()
    post.held()
    assert channels(post) == ["inbox"]


def test_a_wrong_number_is_not_tried_again_and_the_customer_is_asked_for_another() -> None:
    post = Post(rules=SMS_THEN_INBOX)
    post.profile(ANN)
    post.notify(order="A1")
    post.held().refuse(ErrorClass.BAD_NUMBER)
    post.wait(SECOND)
    assert [(message["kinds"], message["title"]) for message in post.inbox] == [
        (["contact_invalid"], "请更新联系方式"),
        (["payment_failed"], "付款未成功"),
    ]
    assert ANN not in str(post.inbox)
    post.notify(order="A2")
    post.held().wait(SECOND)
    assert not post.sends
    assert len(post.inbox) == 3
    post.profile(BOB)
    post.notify(order="A3")
    assert post.held().send().request.number == f"+86{BOB}"


def test_only_a_wrong_number_ends_as_such() -> None:
    post = Post()
    post.profile(ANN)
    post.notify(order="A1")
    post.held().refuse(ErrorClass.BAD_NUMBER)
    post.notify(order="A2")
    post.held()
    assert post.outcomes == [("failed", "bad_number")] * 2


def test_who_confirmed_long_ago_is_asked_once_to_look() -> None:
    post = Post()
    post.customer(ann(verified_at=rfc3339(post.now - 181 * DAY)))
    post.notify(order="A1")
    post.notify(order="A2")
    post.held()
    assert [message["title"] for message in post.inbox] == ["请核对联系方式"]


def test_a_vip_has_a_human_who_looks_after_it_once_for_each_trouble() -> None:
    post = Post()
    post.profile(ANN, BOB, tier="vip")
    post.notify(order="A1")
    post.notify(order="A2")
    post.held()
    assert [(task["order_id"], task["reason"]) for task in post.tasks] == [("A1", "vip"), ("A2", "vip")]


def test_a_vip_is_told_that_a_human_will_call() -> None:
    post = Post()
    post.profile(ANN, tier="vip")
    post.notify()
    assert post.held().send().request.template == RULES.templates["pay_vip"].wordings["aliyun"].id


def test_what_is_settled_while_it_is_held_makes_no_task() -> None:
    post = Post()
    post.profile(ANN, tier="vip")
    post.notify()
    post.settle()
    post.wait(HOUR)
    assert not post.tasks


def test_a_cancellation_of_high_value_is_called_about_whatever_the_tier() -> None:
    post = Post()
    post.profile(ANN)
    dear = {"cancelled_by": "merchant", "reason": "缺货", "amount": "5000.00", "paid": True, "refund_days": 3}
    post.notify("order_cancelled", facts=dear)
    post.notify("order_cancelled", order="A2", facts=dear | {"amount": "4999.99"})
    post.held()
    assert [(task["order_id"], task["reason"], task["amount"]) for task in post.tasks] == [
        ("A1", "high_value", "5000.00")
    ]


def test_a_new_customer_is_given_one_coupon_in_a_period_even_where_no_message_goes() -> None:
    post = Post()
    post.customer(ann(phone="call me"), tier="new")
    post.notify(order="A1")
    post.notify(order="A2")
    post.held()
    assert post.outcomes == [("failed", "bad_number")] * 2
    assert [(coupon["order_id"], coupon["amount"]) for coupon in post.coupons] == [("A1", "10")]
    assert [message["actions"][0]["action"] for message in post.inbox] == ["view_coupon"]
    post.wait(90 * DAY)
    post.notify(order="A3")
    post.held()
    assert [coupon["order_id"] for coupon in post.coupons] == ["A1", "A3"]


def test_a_consignor_is_given_neither_human_nor_coupon() -> None:
    post = Post()
    post.profile(ANN, tier="vip")
    post.notify("stock_shortage", audience="consignor")
    post.held()
    assert not post.tasks
    assert not post.coupons


def test_a_cap_that_is_met_on_one_channel_ends_nothing_that_is_on_its_way_on_another() -> None:
    rules = rules_with("daily_cap = 3\n[kinds.payment_failed]\nchannels = [['sms', 'push'], 'inbox']")
    post = Post(rules=rules, providers=("aliyun", "jpush"))
    post.customer(ann(push_ids=["d1"]))
    post.notify(order="A1")  # two messages
    post.held().accept()
    for call in post.others:
        post.finish(call, accepted("p-1"))
    post.notify(order="A2")  # the text message is the third
    post.held()
    assert not post.others
    post.refuse_for_now()
    post.wait(3 * SECOND)
    post.accept()
    assert post.outcomes == [("sent", "accepted")] * 2
    post.wait(HOUR)
    assert not post.inbox


def test_who_shares_its_number_with_another_contact_is_reached_where_that_one_is() -> None:
    post = Post(rules=rules_with("[kinds.payment_failed]\nchannels = ['push', 'sms']"), providers=("aliyun", "jpush"))
    post.customer(ann(), ann(contact_id="k1", phone=f"+86 {ANN}", push_ids=["d1"]))
    post.notify()
    post.held()
    [call] = post.others
    assert not post.sends
    post.finish(call, SendResult(outcome="rejected", error_class=ErrorClass.CONTENT, code="1"))
    post.wait(SECOND)
    post.accept()
    assert channels(post) == ["sms"]


def test_what_waits_of_the_last_step_goes_no_more_once_another_of_it_arrived() -> None:
    post = Post(rules=rules_with("[kinds.payment_failed]\nchannels = [['sms', 'push']]"), providers=("aliyun", "jpush"))
    post.customer(ann(push_ids=["d1"]))
    post.notify()
    post.held()
    [push] = post.others
    post.refuse_for_now()
    post.finish(push, accepted("p-1"))
    post.report(push)
    post.wait(DAY)
    assert not post.sends


def test_pushes_go_no_faster_than_the_account_takes_them() -> None:
    rules = rules_with("[push]\nrate = 2\n[kinds.payment_failed]\nchannels = ['push']")
    post = Post(rules=rules, providers=("jpush",))
    post.customer(ann(push_ids=["d1"]))
    for number in range(30):
        post.notify("payment_failed", f"A{number}")
    post.held()
    begun = list[Micros]()
    while post.others:
        for call in post.others:
            begun.append(post.now)
            post.finish(call, accepted(f"p-{len(begun)}"))
        post.wait(SECOND)
    assert len(begun) == 20  # the daily cap
    assert begun[-1] - begun[0] >= 8 * SECOND

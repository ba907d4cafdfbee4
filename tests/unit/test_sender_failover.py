"""Which provider a message goes by when one of two can't be had."""

from typing import Any

import pytest

from schemas.calls import ErrorClass, SendRequest, SendResult
from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros
from streams.operators.sending.calls import SendCall
from streams.operators.sending.gate import FIRST_SLOTS
from streams.policy.breaker import FIRST_PAUSE, LONGEST_PAUSE, OPENS_AT
from tests.driver import NOON
from tests.sending import ANN, BOB, Post
from tests.unit.rules import rules_with

BOTH = ("aliyun", "tencent")
TIMEOUT = SendResult(outcome="unknown", code="timeout")
NO_CONNECTION = SendResult(outcome="not_sent", error_class=ErrorClass.UNREACHABLE, code="connect_failed")
NEXT_ONE = (
    ErrorClass.RATE_LIMITED,
    ErrorClass.DAY_LIMIT,
    ErrorClass.BALANCE,
    ErrorClass.CONFIGURATION,
    ErrorClass.RETRY_LATER,
    ErrorClass.TEMPLATE,
    ErrorClass.NUMBER_UNAVAILABLE,
    ErrorClass.UNKNOWN,
)


def shop(**more: Any) -> Post:
    return Post(providers=BOTH, **more)


def waiting(post: Post, customers: int, **command: Any) -> None:
    """So many customers with a notice each, whose hold is over."""
    for number in range(customers):
        post.profile(f"1390000{number:04}", customer=f"c{number}")
        post.notify(order=f"A{number}", customer=f"c{number}", **command)
    post.held()


@pytest.fixture
def post() -> Post:
    post = shop()
    post.profile(ANN)
    post.notify()
    return post.held()


def test_the_first_of_the_rules_is_taken_in_words_of_its_own(post: Post) -> None:
    call = post.send()
    assert call.provider == "aliyun"
    assert call.request.template.startswith("SMS_")
    other = shop(rules=rules_with('[sms]\nproviders = ["tencent", "aliyun"]'))
    other.profile(ANN)
    other.notify()
    call = other.held().send()
    assert call.provider == "tencent"
    assert call.request.template.isdecimal()


@pytest.mark.parametrize("refusal", NEXT_ONE)
def test_the_next_one_is_asked_at_once(post: Post, refusal: ErrorClass) -> None:
    post.refuse(refusal)
    call = post.send()
    assert (call.provider, call.attempt) == ("tencent", 2)
    post.accept(call)
    assert post.outcomes == [("sent", "accepted")]
    assert [(r["provider"], r["status"], r["attempt"]) for r in post.receipts] == [
        ("aliyun", "rejected", 1),
        ("tencent", "accepted", 2),
    ]


def test_so_is_it_when_nothing_was_sent(post: Post) -> None:
    post.refuse(ErrorClass.UNREACHABLE, outcome="not_sent", code="connect_failed")
    assert post.send().provider == "tencent"


@pytest.mark.parametrize("refusal", [ErrorClass.OPTED_OUT, ErrorClass.BAD_NUMBER])
def test_what_is_so_of_the_number_is_asked_nobody_else(post: Post, refusal: ErrorClass) -> None:
    post.refuse(refusal)
    post.wait(DAY)
    assert post.sends == []
    assert len(post.outcomes) == 1


def test_in_doubt_nobody_else_is_asked(post: Post) -> None:
    post.no_answer()
    post.wait(DAY)
    assert post.sends == []
    assert post.outcomes == [("failed", "in_doubt")]


def test_what_both_refuse_for_good_ends_by_the_last_word(post: Post) -> None:
    post.refuse(ErrorClass.TEMPLATE)
    post.refuse(ErrorClass.UNKNOWN)
    assert post.outcomes == [("failed", "provider_refused")]


def test_what_both_refuse_for_now_is_tried_again_at_the_one_that_is_ready_first(post: Post) -> None:
    post.refuse(ErrorClass.BALANCE)
    post.refuse(ErrorClass.RATE_LIMITED)
    assert post.sends == []
    post.wait(5 * SECOND)
    assert post.send().provider == "tencent"


def test_a_provider_that_refused_for_good_is_not_asked_again(post: Post) -> None:
    post.refuse(ErrorClass.TEMPLATE)
    for pause in (2, 4, 8):
        assert post.send().provider == "tencent"
        post.refuse(ErrorClass.RATE_LIMITED)
        post.wait(pause * SECOND)
    assert post.send().provider == "tencent"


def test_a_provider_that_is_switched_off_is_passed_over() -> None:
    post = shop(rules=rules_with('[switched_off]\nproviders = ["aliyun"]'))
    post.profile(ANN)
    post.notify()
    assert post.held().send().provider == "tencent"


def test_with_all_switched_off_it_waits_for_one() -> None:
    post = Post(rules=rules_with('[switched_off]\nproviders = ["aliyun"]'))
    post.profile(ANN)
    post.notify()
    post.held()
    post.wait(HOUR)
    assert (post.sends, post.outcomes) == ([], [])
    post.driver.rules = rules_with("")
    post.wait(MINUTE)
    assert post.send().provider == "aliyun"


def test_after_a_few_failures_the_others_go_by_the_next_without_asking_the_first() -> None:
    post = shop()
    waiting(post, OPENS_AT)
    for call in post.sends:
        assert call.provider == "aliyun"
        post.finish(call, TIMEOUT)
    waiting(post, 8, kind="order_cancelled")
    by_aliyun = sum(call.provider == "aliyun" for call in post.sends)
    assert (len(post.sends), by_aliyun) == (8, 1)  # which is the probe


def test_one_message_at_a_time_looks_whether_it_is_well_again() -> None:
    post = shop()
    waiting(post, OPENS_AT)
    for call in post.sends:
        post.finish(call, TIMEOUT)
    post.wait(LONGEST_PAUSE)
    waiting(post, 8, kind="stock_shortage")
    by_aliyun = [call for call in post.sends if call.provider == "aliyun"]
    assert len(by_aliyun) == 1
    post.accept(by_aliyun[0])
    waiting(post, 8, kind="order_cancelled")
    late = [call for call in post.sends if call.request.template != by_aliyun[0].request.template]
    assert sum(call.provider == "aliyun" for call in late) == 8


def test_without_money_none_but_probes_goes_by_it() -> None:
    post = shop()
    waiting(post, 1)
    post.refuse(ErrorClass.BALANCE)
    waiting(post, 5, kind="stock_shortage")
    # the hold of 5 s lies behind them, so one probe may have gone
    assert sum(call.provider == "aliyun" for call in post.sends) <= 1


def test_with_one_provider_that_is_down_all_wait_and_then_go() -> None:
    post = Post()
    waiting(post, 30)
    for _ in range(4):
        while post.sends:
            post.finish(post.sends[0], NO_CONNECTION)
        post.wait(FIRST_PAUSE)
        assert len(post.sends) <= 1
    while post.sends or len(post.outcomes) < 30:
        for call in post.sends:
            post.accept(call)
        post.wait(5 * SECOND)
    assert post.outcomes == [("sent", "accepted")] * 30
    assert [(level, event) for level, event, _ in post.driver.said] == [
        ("warning", "breaker_opened"),
        ("info", "breaker_closed"),
    ]
    (_, _, why), _ = post.driver.said
    assert (why["last"], why["code"]) == (NO_CONNECTION.error_class, NO_CONNECTION.code)


def test_one_that_hangs_holds_up_none_but_its_own() -> None:
    post = shop()
    waiting(post, FIRST_SLOTS)
    hanging = post.sends
    assert {call.provider for call in hanging} == {"aliyun"}
    post.wait(2 * SECOND)
    for number in range(10, 30):
        post.profile(f"1390000{number:04}", customer=f"c{number}")
        post.notify(order=f"A{number}", customer=f"c{number}", kind="stock_shortage")
    others = post.accept_all(6 * SECOND, but=hanging)
    assert len(others) == 20
    assert {call.provider for call in others} == {"tencent"}


def test_a_burst_does_not_all_end_in_doubt_at_one_that_hangs() -> None:
    post = shop()
    waiting(post, 200)
    hanging = post.sends
    assert [call.provider for call in hanging] == ["aliyun"] * FIRST_SLOTS
    others = post.accept_all(4 * SECOND, but=hanging)
    assert [call.provider for call in others] == ["tencent"] * (200 - FIRST_SLOTS)


def test_one_that_is_only_busy_is_waited_for() -> None:
    post = shop(slots=8)
    waiting(post, 20)
    assert len(post.sends) == 8
    asked = list[SendCall[SendRequest]]()
    while post.sends:
        for call in post.sends:
            asked.append(call)
            post.accept(call)
        post.wait(SECOND // 10)
    assert [call.provider for call in asked] == ["aliyun"] * 20


def test_a_rate_is_kept_to() -> None:
    post = Post(rules=rules_with("[sms.aliyun]\nrate = 2"))
    waiting(post, 30, urgency="urgent")
    begun = list[Micros]()
    for _ in range(400):
        for call in post.sends:
            begun.append(post.now)
            post.accept(call)
        post.wait(SECOND // 10)
    assert len(begun) == 30
    assert begun[-1] - begun[0] >= 13 * SECOND


def test_a_contact_gets_no_more_of_a_kind_than_the_cap() -> None:
    post = Post(rules=rules_with("daily_cap = 2\nmerge = false"))
    post.profile(ANN, BOB)
    for number in range(3):
        post.notify(order=f"A{number}", kind="order_cancelled")
    post.notify(order="B", kind="stock_shortage")
    post.held()
    for call in post.sends:
        post.accept(call)
    assert sorted(post.outcomes) == [*[("sent", "accepted")] * 3, ("suppressed", "capped")]
    post.wait(DAY)
    post.notify(order="C", kind="order_cancelled")
    assert len(post.held().sends) == 2


def test_what_is_under_way_counts_and_what_was_refused_does_not() -> None:
    post = Post(rules=rules_with("daily_cap = 1"))
    post.profile(ANN)
    post.notify(order="A1", kind="order_cancelled")
    post.held()
    post.refuse(ErrorClass.TEMPLATE)
    post.notify(order="A2", kind="order_cancelled")
    post.held()
    assert len(post.sends) == 1
    post.notify(order="A3", kind="order_cancelled")
    post.held()
    assert post.outcomes == [("failed", "template_refused"), ("suppressed", "capped")]


def test_beyond_a_vendors_limit_for_a_number_and_a_text_the_other_takes_it() -> None:
    post = shop(rules=rules_with("merge = false\n[sms.aliyun]\nnumber_limit = 2"), now=NOON)
    post.profile(ANN)
    for number in range(3):
        post.notify(order=f"A{number}")
    post.held()
    assert sorted(call.provider for call in post.sends) == ["aliyun", "aliyun", "tencent"]


def test_in_the_end_nothing_of_a_message_is_left() -> None:
    post = shop()
    post.profile(ANN)
    post.notify()
    post.held()
    post.refuse(ErrorClass.BALANCE)
    post.report(post.accept())
    post.wait(8 * DAY)
    assert post.outbox() is None


SHORTAGE = {"sku": "s1", "name": "黑色羊绒大衣"}


def test_words_that_all_refuse_go_without_those_of_upstream() -> None:
    post = shop()
    post.profile(ANN)
    post.notify(kind="stock_shortage", facts=SHORTAGE)
    post.wait(5 * SECOND)
    first = post.refuse(ErrorClass.CONTENT)
    assert "黑色羊绒大衣" in first.request.variables.values()
    assert post.refuse(ErrorClass.CONTENT).provider == "tencent"
    plain = post.send()
    assert plain.provider == "aliyun"
    assert "黑色羊绒大衣" not in plain.request.variables.values()
    post.accept()
    assert post.outcomes == [("sent", "accepted")]


def test_words_that_are_our_own_are_not_repeated_in_vain(post: Post) -> None:
    post.refuse(ErrorClass.CONTENT)
    post.refuse(ErrorClass.CONTENT)
    assert post.sends == []
    assert post.outcomes == [("failed", "content_refused")]


def test_nothing_goes_where_the_text_is_not_filed() -> None:
    only_unicom = "[templates.pay_1]\n{} = {{ id = '1', filed = ['unicom'] }}"
    post = shop(rules=rules_with(only_unicom.format("aliyun")))
    post.profile(ANN)  # of China Mobile
    post.notify()
    assert post.held().send().request.template != "1"


def test_what_no_longer_arrives_by_one_goes_by_the_other_but_for_a_probe() -> None:
    post = shop()
    waiting(post, 30)
    for call in post.accept_all():
        post.report(call, "undelivered", reason="unknown")
    post.wait(15 * MINUTE)
    for number in range(8):
        post.notify(order=f"B{number}", customer=f"c{number}")
    post.held()
    assert [call.provider for call in post.sends].count("aliyun") == 1
    assert [call.provider for call in post.sends].count("tencent") == 7


def test_one_that_waits_long_for_its_provider_puts_off_nobody_else() -> None:
    post = Post()
    waiting(post, 1)
    post.refuse(ErrorClass.DAY_LIMIT)
    post.profile(BOB, customer="other")
    post.notify(customer="other", kind="order_cancelled", order="B")
    post.wait(6 * SECOND)
    assert post.send().customer_id == "other"


def test_beyond_its_rate_the_rest_goes_by_the_other() -> None:
    post = shop(rules=rules_with("[sms.aliyun]\nrate = 1"))
    waiting(post, 20)
    assert [call.provider for call in post.accept_all()].count("tencent") >= 17


def test_a_vip_is_served_before_the_rest_when_slots_are_few() -> None:
    post = shop(slots=8)
    for number in range(20):
        post.profile(f"1390000{number:04}", customer=f"c{number}", tier="vip" if number == 19 else "regular")
        post.notify(order=f"A{number}", customer=f"c{number}", urgency="routine")
    post.held()
    assert len(post.sends) == 7
    assert "c19" in {call.customer_id for call in post.sends}


BUDGET = rules_with("[budget]\nproviders = { aliyun = '0.09' }\nmerchants = { m1 = '0.09' }")


def test_a_provider_whose_budget_is_used_up_is_passed_over_until_the_day_is_over() -> None:
    post = Post(rules=BUDGET, providers=("aliyun", "tencent"))
    post.profile(ANN)
    for order in ("A1", "A2", "A3"):
        post.notify(order=order)
        post.held()
        post.accept(message_id=order)
    assert [receipt["provider"] for receipt in post.receipts] == ["aliyun", "aliyun", "tencent"]
    post.wait(DAY)
    post.notify(order="A4")
    post.held()
    assert post.send().provider == "aliyun"


def test_a_merchant_whose_budget_is_used_up_has_nothing_more_sent() -> None:
    post = Post(rules=BUDGET, providers=("tencent",))
    post.profile(ANN)
    for order in ("A1", "A2", "A3"):
        post.notify(order=order, merchant_id="m1")
        post.held()
        for call in post.sends:
            post.accept(call, message_id=order)
    assert post.outcomes == [("sent", "accepted"), ("sent", "accepted"), ("suppressed", "over_budget")]
    post.notify(order="A4", merchant_id="m2")
    post.held()
    assert post.sends

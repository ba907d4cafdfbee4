"""What a provider's answer does to a notice."""

import pytest

from schemas.calls import ErrorClass, SendResult
from schemas.times import DAY, HOUR, MINUTE, SECOND
from streams import topics
from streams.policy.opt_outs import number_key
from tests.driver import rfc3339
from tests.sending import ANN, BOB, FOR_NOW, Post, accepted
from tests.unit.rules import RULES, rules_with


@pytest.fixture
def post() -> Post:
    post = Post()
    post.profile(ANN)
    post.notify(merchant_id="m1")
    return post.held()


def test_an_acceptance_decides_and_is_paid(post: Post) -> None:
    call = post.accept(message_id="biz^0")
    (decision,) = [sent.value for sent in post.written(topics.DECISIONS.name)]
    assert decision == {
        "command_id": "A1-payment_failed",
        "event_id": "e-A1-payment_failed",
        "kind": "payment_failed",
        "order_id": "A1",
        "customer_id": "c1",
        "audience": "buyer",
        "outcome": "sent",
        "reason": "accepted",
        "notification_id": call.notification_id,
        "rules": RULES.hash,
        "decided_at": decision["decided_at"],
    }
    (receipt,) = post.receipts
    assert receipt == {
        "receipt_id": f"{call.notification_id}.1.accepted",
        "notification_id": call.notification_id,
        "command_ids": ["A1-payment_failed"],
        "customer_id": "c1",
        "contact_id": "k0",
        "order_ids": ["A1"],
        "kinds": ["payment_failed"],
        "merchant_id": "m1",
        "channel": "sms",
        "provider": "aliyun",
        "provider_message_id": "biz^0",
        "recipient": "139****0001",
        "template_id": "pay_1",
        "text_length": receipt["text_length"],
        "segments": 1,
        "cost": "0.045",
        "status": "accepted",
        "status_at": decision["decided_at"],
        "attempt": 1,
        "rules": RULES.hash,
    }
    assert 20 < receipt["text_length"] <= 70


def test_outputs_carry_their_keys(post: Post) -> None:
    call = post.accept()
    keys = {sent.topic: sent.key for sent in post.driver.sent}
    assert keys == {
        topics.DECISIONS.name: "c1",
        topics.RECEIPTS.name: call.notification_id,
        topics.PROVIDER_MESSAGES.name: "aliyun:m-1",
    }


def test_an_acceptance_says_whose_the_vendors_message_is(post: Post) -> None:
    call = post.accept(message_id="biz^0")
    (message,) = [sent.value for sent in post.written(topics.PROVIDER_MESSAGES.name)]
    assert message == {
        "provider": "aliyun",
        "message_id": "biz^0",
        "customer_id": "c1",
        "notification_id": call.notification_id,
        "attempt": 1,
    }


def test_a_result_that_comes_twice_counts_once(post: Post) -> None:
    call = post.send()
    post.driver.calls.append(call)
    post.accept(call)
    post.accept(call)
    assert len(post.receipts) == 1
    assert len(post.outcomes) == 1


def test_the_first_of_two_acceptances_decides() -> None:
    post = Post()
    post.profile(ANN, BOB)
    post.notify()
    first, second = post.held().sends
    post.finish(second, accepted())
    post.finish(first, accepted())
    assert post.outcomes == [("sent", "accepted")]
    (decision,) = [sent.value for sent in post.written(topics.DECISIONS.name)]
    assert decision["notification_id"] == second.notification_id


@pytest.mark.parametrize(
    ("error", "ends"),
    [
        (ErrorClass.OPTED_OUT, ("suppressed", "opted_out")),
        (ErrorClass.BAD_NUMBER, ("failed", "bad_number")),
        (ErrorClass.TEMPLATE, ("failed", "template_refused")),
        (ErrorClass.CONTENT, ("failed", "content_refused")),
        (ErrorClass.UNKNOWN, ("failed", "provider_refused")),
    ],
)
def test_a_no_that_lasts_ends_the_plan(post: Post, error: ErrorClass, ends: tuple[str, str]) -> None:
    post.refuse(error)
    assert post.outcomes == [ends]
    assert post.states == [(1, "rejected", error.value)]
    assert post.receipts[0]["cost"] == "0"
    post.wait(HOUR)
    assert not post.sends


@pytest.mark.parametrize(
    ("error", "pause"),
    [
        (ErrorClass.RETRY_LATER, SECOND),
        (ErrorClass.RATE_LIMITED, SECOND),
        (ErrorClass.BALANCE, MINUTE),
        (ErrorClass.CONFIGURATION, MINUTE),
        (ErrorClass.DAY_LIMIT, 10 * MINUTE),
    ],
)
def test_a_no_that_passes_is_followed_by_another_attempt(post: Post, error: ErrorClass, pause: int) -> None:
    first = post.refuse(error)
    assert not post.outcomes
    post.wait(pause - 1)
    assert not post.sends
    while not post.sends:
        post.wait(SECOND)
    second = post.send()
    assert (first.attempt, second.attempt) == (1, 2)
    assert second.request.out_id == f"c1.{first.notification_id}.2"
    post.accept()
    assert post.states == [(1, "rejected", error.value), (2, "accepted", None)]
    assert post.outcomes == [("sent", "accepted")]


def test_a_provider_out_of_reach_is_a_receipt_too(post: Post) -> None:
    post.refuse(ErrorClass.UNREACHABLE, "not_sent", "connect_failed")
    post.wait(2 * SECOND)
    post.accept()
    assert post.states == [(1, "rejected", "unreachable"), (2, "accepted", None)]


def test_attempts_go_on_until_the_notice_expires() -> None:
    post = Post(rules=rules_with("[kinds.payment_failed]\nexpire_after = '2h'"))
    post.profile(ANN)
    post.notify()
    post.held()
    attempts = 0
    while not post.outcomes:
        if post.sends:
            post.refuse_for_now()
            attempts += 1
        deadline = post.driver.next_deadline
        assert deadline is not None
        post.driver.advance_to(deadline)
    assert post.outcomes == [("expired", "overtaken")]
    assert 15 < attempts < 40


@pytest.mark.parametrize("result", [None, "too_late", "ledger_stale"])
def test_a_call_that_never_began_is_begun_anew_at_once_and_nobody_hears_of_it(post: Post, result: str | None) -> None:
    call = post.send()
    not_sent = result and SendResult(outcome="not_sent", error_class=ErrorClass.UNREACHABLE, code=result)
    post.finish(call, not_sent or None)
    assert post.send().attempt == 2
    assert not post.receipts
    assert {what: n for what, n in post.driver.counts.items() if what[0] == "calls"} == {
        ("calls", "aliyun", "not_begun"): 1
    }


def test_a_number_that_the_vendor_has_on_its_list_is_written_to_the_ledger(post: Post) -> None:
    post.refuse(ErrorClass.OPTED_OUT)
    (written,) = post.written(topics.OPT_OUTS.name)
    assert written.key == number_key("secret", f"+86{ANN}")
    assert written.value == {
        "scope": "all",
        "stopped": True,
        "at": written.value["at"],
        "source": "call",
        "provider": "aliyun",
    }


def test_what_our_own_ledger_stopped_is_not_written_there_again(post: Post) -> None:
    post.refuse(ErrorClass.OPTED_OUT, "not_sent", "opted_out")
    assert post.outcomes == [("suppressed", "opted_out")]
    assert not post.written(topics.OPT_OUTS.name)
    assert not post.receipts


def test_without_any_acceptance_the_weightiest_end_decides() -> None:
    post = Post()
    post.profile(ANN, BOB)
    post.notify()
    first, second = post.held().sends
    post.finish(first, SendResult(outcome="rejected", error_class=ErrorClass.BAD_NUMBER, code="x"))
    assert not post.outcomes
    post.finish(second, SendResult(outcome="rejected", error_class=ErrorClass.OPTED_OUT, code="x"))
    assert post.outcomes == [("suppressed", "opted_out")]


def test_one_contact_that_heard_makes_it_sent_whatever_became_of_the_others() -> None:
    post = Post()
    post.profile(ANN, BOB)
    post.notify()
    first, second = post.held().sends
    post.finish(first, SendResult(outcome="rejected", error_class=ErrorClass.OPTED_OUT, code="x"))
    post.finish(second, FOR_NOW)
    post.wait(2 * SECOND)
    post.accept()
    assert post.outcomes == [("sent", "accepted")]


def test_a_late_notice_is_retried_at_a_slower_pace() -> None:
    post = Post()
    post.profile(ANN)
    post.notify(notify_by=rfc3339(post.now - DAY))
    started = post.now
    for _ in range(15):
        post.refuse_for_now()
        while not post.sends:  # the breaker may have to be waited for too
            deadline = post.driver.next_deadline
            assert deadline is not None
            post.driver.advance_to(deadline)
    assert post.now - started > HOUR


def test_calls_are_counted_by_what_came_of_them(post: Post) -> None:
    post.refuse_for_now()
    post.wait(2 * SECOND)
    post.accept()
    assert post.driver.counts["calls", "aliyun", "retry_later"] == 1
    assert post.driver.counts["calls", "aliyun", "accepted"] == 1
    assert post.driver.counts["decisions", "sent", "accepted"] == 1


def test_a_doubt_and_a_no_that_is_not_understood_are_counted_apart(post: Post) -> None:
    post.no_answer()
    post.notify("stock_shortage", order="A2")
    post.held()
    post.refuse(ErrorClass.UNKNOWN)
    assert post.driver.counts["calls", "aliyun", "in_doubt"] == 1
    assert post.driver.counts["calls", "aliyun", "unknown"] == 1


def test_the_time_to_the_provider_is_measured_from_the_event(post: Post) -> None:
    post.accept()
    assert post.driver.counts["time_to_provider", "payment_failed", "90.000"] == 1


def test_a_late_no_takes_nothing_back_of_what_is_known_to_have_been_taken(post: Post) -> None:
    call = post.send()
    post.wait(20 * SECOND)
    post.answer("waiting")
    post.finish(call, FOR_NOW)
    assert post.states == [(1, "unknown", "no_result"), (1, "accepted", None)]
    post.wait(HOUR)
    assert not post.sends


def test_no_answer_is_no_news_for_what_is_in_doubt_already(post: Post) -> None:
    call = post.send()
    post.wait(25 * SECOND)
    post.finish(call, SendResult(outcome="unknown", code="timeout"))
    assert post.states == [(1, "unknown", "no_result")]


def test_an_attempt_in_doubt_that_turns_out_not_to_have_begun_is_amended(post: Post) -> None:
    call = post.send()
    post.wait(25 * SECOND)
    post.finish(call, None)
    assert post.states == [(1, "unknown", "no_result"), (1, "rejected", "not_begun")]
    assert post.send().attempt == 2


def test_the_number_leaves_the_state_when_nothing_is_to_be_asked_any_more(post: Post) -> None:
    assert ANN in repr(post.outbox())
    call = post.accept()
    assert ANN in repr(post.outbox())
    post.report(call)
    assert ANN not in repr(post.outbox())


def test_a_stop_that_comes_with_a_refusal_is_written_for_an_erased_customer_too(post: Post) -> None:
    post.erase()
    post.refuse(ErrorClass.OPTED_OUT)
    assert len(post.written(topics.OPT_OUTS.name)) == 1

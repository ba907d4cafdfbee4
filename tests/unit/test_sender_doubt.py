"""An attempt of which nobody knows whether it was taken."""

import pytest

from schemas.calls import ErrorClass, QueryRequest
from schemas.times import HOUR, MINUTE, SECOND, Micros
from streams.policy.rules import Rules
from tests.driver import rfc3339
from tests.sending import ABSENT, ANN, BOB, Post, accepted, began
from tests.unit.rules import RULES, rules_with


@pytest.fixture
def post() -> Post:
    post = Post()
    post.profile(ANN)
    post.notify()
    return post.held()


def asked_at(post: Post, until: Micros) -> list[int]:
    """When questions were begun up to ``until``, in seconds after the attempt's start. None is answered."""
    start = began(post.send()) if post.sends else post.now
    moments = []
    while (deadline := post.driver.next_deadline) is not None and deadline <= start + until:
        post.driver.advance_to(deadline)
        for question in post.questions:
            moments.append((question.asked_at - start) // SECOND)
            post.driver.calls.remove(question)
    return moments


def test_a_call_without_an_answer_is_unknown_and_not_repeated(post: Post) -> None:
    post.no_answer()
    assert post.states == [(1, "unknown", "timeout")]
    post.wait(44 * SECOND)
    assert not post.sends


def test_it_is_asked_for_at_5_15_and_45_seconds_and_then_every_30(post: Post) -> None:
    post.no_answer()
    assert asked_at(post, 110 * SECOND) == [5, 15, 45, 75, 105]


def test_a_question_whose_time_has_passed_is_asked_at_once(post: Post) -> None:
    call = post.send()
    post.wait(10 * SECOND)
    post.no_answer()
    (question,) = post.questions
    assert question.asked_at == post.now
    assert question.request.number == call.request.number
    assert question.request.out_id == call.request.out_id
    assert question.request.sent_at == began(call)


def test_an_attempt_of_a_dead_owner_is_left_alone_until_no_call_can_be_under_way(post: Post) -> None:
    post.driver.restart()
    post.wait(20 * SECOND - 1)
    assert not post.receipts
    assert not post.questions
    post.wait(1)
    assert post.states == [(1, "unknown", "no_result")]
    assert len(post.questions) == 1


@pytest.mark.parametrize(
    ("found", "states"),
    [
        ("waiting", [(1, "accepted", None)]),
        ("delivered", [(1, "accepted", None), (1, "delivered", None)]),
        ("failed", [(1, "accepted", None), (1, "undelivered", "bad_number")]),
    ],
)
def test_what_the_provider_knows_was_taken(post: Post, found: str, states: list[tuple[int, str, str | None]]) -> None:
    post.no_answer()
    post.wait(5 * SECOND)
    post.answer(found, error_class=ErrorClass.BAD_NUMBER, sent_at=post.now - 5 * SECOND, reported_at=post.now)
    assert post.outcomes == [("sent", "accepted")]
    assert post.states == [(1, "unknown", "timeout"), *states]
    assert post.receipts[1]["cost"] == "0.045"
    post.wait(HOUR)
    assert not post.sends


def test_what_the_provider_does_not_know_before_45_seconds_may_yet_appear(post: Post) -> None:
    post.no_answer()
    for _ in range(2):
        post.wait(10 * SECOND)
        for question in post.questions:
            post.finish(question, ABSENT)
    assert post.states == [(1, "unknown", "timeout")]
    assert not post.sends


def test_what_the_provider_does_not_know_at_45_seconds_was_not_taken_and_goes_again(post: Post) -> None:
    post.no_answer()
    post.wait(45 * SECOND)
    post.finish(post.questions[-1], ABSENT)
    assert post.states[1:] == [(1, "rejected", "not_taken")]
    post.wait(SECOND)
    post.accept()
    assert post.states[2:] == [(2, "accepted", None)]
    assert post.outcomes == [("sent", "accepted")]


def test_an_early_question_answered_late_does_not_count(post: Post) -> None:
    post.no_answer()
    post.wait(5 * SECOND)
    (early,) = post.questions
    post.wait(45 * SECOND)
    post.finish(early, ABSENT)
    assert post.states == [(1, "unknown", "timeout")]


def test_an_urgent_doubt_is_given_up_a_minute_before_it_would_be_too_late(post: Post) -> None:
    post.no_answer()
    post.wait(2 * MINUTE + 30 * SECOND - 1)
    assert not post.outcomes
    post.wait(1)
    assert post.outcomes == [("failed", "in_doubt")]
    assert post.states == [(1, "unknown", "timeout")]


def test_an_urgent_doubt_that_begins_late_has_a_minute() -> None:
    post = Post()
    post.profile(ANN)
    post.notify(notify_by=rfc3339(post.now))
    post.no_answer()
    post.wait(MINUTE - 1)
    assert not post.outcomes
    post.wait(1)
    assert post.outcomes == [("failed", "in_doubt")]


def test_any_other_doubt_is_given_up_after_ten_minutes() -> None:
    post = Post()
    post.profile(ANN)
    post.notify("shipment_stalled")
    post.wait(MINUTE)
    post.no_answer()
    post.wait(10 * MINUTE - 1)
    assert not post.outcomes
    post.wait(1)
    assert post.outcomes == [("failed", "in_doubt")]


def test_a_doubt_found_after_a_long_absence_is_asked_for_once_at_least(post: Post) -> None:
    post.driver.restart()
    post.driver.wall += HOUR
    post.wait(0)
    post.answer("absent")
    post.wait(SECOND)
    assert post.send().attempt == 2


def test_what_was_given_up_is_never_sent_again_even_where_it_is_then_not_known(post: Post) -> None:
    post.no_answer()
    post.wait(HOUR)
    for question in post.questions:
        post.finish(question, ABSENT)
    assert post.states == [(1, "unknown", "timeout")]
    post.wait(HOUR)
    assert not post.sends


def test_what_was_given_up_and_is_then_found_moves_the_receipt_and_not_the_decision(post: Post) -> None:
    call = post.no_answer()
    post.wait(HOUR)
    post.report(call)
    assert post.states == [(1, "unknown", "timeout"), (1, "accepted", None), (1, "delivered", None)]
    assert post.outcomes == [("failed", "in_doubt")]


def test_a_report_ends_the_doubt(post: Post) -> None:
    call = post.no_answer()
    post.report(call)
    assert post.outcomes == [("sent", "accepted")]
    post.wait(HOUR)
    assert not post.questions
    assert not post.sends


def test_a_result_that_comes_after_all_ends_the_doubt(post: Post) -> None:
    call = post.send()
    post.wait(25 * SECOND)
    assert post.states == [(1, "unknown", "no_result")]
    post.finish(call, accepted())
    assert post.outcomes == [("sent", "accepted")]


def test_one_contact_in_doubt_does_not_keep_the_other_from_hearing() -> None:
    post = Post()
    post.profile(ANN, BOB)
    post.notify()
    _, second = post.held().sends
    post.finish(second, accepted())
    assert post.outcomes == [("sent", "accepted")]
    post.wait(HOUR)
    assert post.outcomes == [("sent", "accepted")]
    assert post.states[-1] == (1, "unknown", "no_result")


def test_answers_are_not_waited_for_in_vain(post: Post) -> None:
    post.no_answer()
    post.wait(5 * SECOND)
    post.answer("unanswered", code="timeout")
    post.wait(10 * SECOND)
    post.finish(post.questions[0], None)
    post.wait(30 * SECOND)
    assert len(post.questions) == 1


# Where the provider's silence says nothing.


def tencent(rules: Rules = RULES) -> Post:
    post = Post(providers=("tencent",), rules=rules)
    post.profile(ANN)
    return post


def test_what_tencent_does_not_know_may_have_been_taken() -> None:
    post = tencent()
    post.notify()
    post.held().no_answer()
    post.wait(45 * SECOND)
    post.finish(post.questions[-1], ABSENT)
    assert post.states == [(1, "unknown", "timeout")]
    post.wait(HOUR)
    assert not post.sends
    assert post.outcomes == [("failed", "in_doubt")]


def asked_of_the_second(post: Post) -> QueryRequest:
    """What is asked of a message in doubt that another went before."""
    post.notify(order="A2")
    post.held().no_answer()
    post.wait(5 * SECOND)
    return next(q.request for q in post.questions if q.request.message_id is None and q.asked_at == post.now)


def test_tencent_is_told_which_messages_of_ours_it_is_not() -> None:
    post = tencent()
    post.notify(order="A1")
    post.held().accept(message_id="m-first")
    asked = asked_of_the_second(post)
    assert (asked.others, asked.alone) == (frozenset({"m-first"}), True)


def test_a_message_that_was_reported_is_remembered_as_long_as_it_may_be_mistaken() -> None:
    post = tencent()
    post.notify(order="A1")
    post.report(post.held().accept(message_id="m-first"))
    asked = asked_of_the_second(post)
    assert (asked.others, asked.alone) == (frozenset({"m-first"}), True)


def test_beside_another_doubt_no_message_is_known_by_being_the_only_one() -> None:
    post = tencent()
    post.notify(order="A1")
    post.held().no_answer()
    post.wait(HOUR)
    post.driver.calls.clear()
    assert not asked_of_the_second(post).alone


def test_a_doubt_at_another_number_does_not_matter() -> None:
    post = tencent()
    post.notify(order="A1")
    post.held().no_answer()
    post.wait(HOUR)
    post.driver.calls.clear()
    post.profile("13900000002")
    assert asked_of_the_second(post).alone


# Where the rules would rather tell twice.

REPEATING = rules_with("[kinds.payment_failed]\nrepeat_in_doubt = true")


def in_doubt_until_given_up(post: Post) -> None:
    post.notify()
    post.held().no_answer()
    post.wait(2 * MINUTE + 30 * SECOND)


def test_what_cannot_be_learnt_is_sent_once_more_where_the_rules_say_so() -> None:
    post = tencent(REPEATING)
    in_doubt_until_given_up(post)
    assert not post.outcomes
    post.accept()
    assert post.states == [(1, "unknown", "timeout"), (2, "accepted", "repeat_in_doubt")]
    assert post.outcomes == [("sent", "accepted")]
    assert post.driver.counts["repeats_in_doubt", "tencent"] == 1


def test_it_is_repeated_only_once() -> None:
    post = tencent(REPEATING)
    in_doubt_until_given_up(post)
    post.no_answer()
    post.wait(2 * HOUR)
    assert not post.sends
    assert post.outcomes == [("failed", "in_doubt")]


def test_what_was_settled_meanwhile_is_not_repeated() -> None:
    post = tencent(REPEATING)
    post.notify()
    post.held().no_answer()
    post.settle()
    post.wait(HOUR)
    assert not post.sends
    assert post.outcomes == [("failed", "in_doubt")]


def test_an_erased_customer_is_told_nothing_twice() -> None:
    post = tencent(REPEATING)
    post.notify()
    post.held().no_answer()
    post.erase()
    post.wait(HOUR)
    assert not post.sends
    assert not post.questions


def test_what_keeps_the_repetition_from_going_leaves_it_in_doubt() -> None:
    post = tencent(REPEATING)
    post.notify()
    post.held().no_answer()
    post.ledger.numbers.add(f"+86{ANN}")
    post.wait(HOUR)
    assert post.outcomes == [("failed", "in_doubt")]


def test_news_of_the_first_ends_the_repeating() -> None:
    post = tencent(REPEATING)
    post.notify()
    call = post.held().no_answer()
    post.ledger.is_fresh = False
    post.wait(3 * MINUTE)
    post.report(call)
    post.ledger.is_fresh = True
    post.wait(HOUR)
    assert not post.sends
    assert post.outcomes == [("sent", "accepted")]


def test_what_stays_in_doubt_of_an_erased_customer_ends_so() -> None:
    post = Post(providers=("tencent",))
    post.profile(ANN)
    post.notify()
    post.held()
    post.no_answer()
    post.erase()
    post.wait(HOUR)
    assert post.outcomes == [("suppressed", "erased")]

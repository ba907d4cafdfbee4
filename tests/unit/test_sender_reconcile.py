"""What was taken and has no report is asked for, ever more rarely, until its time is over."""

import pytest

from schemas.calls import ErrorClass
from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros
from streams import topics
from streams.operators.sending.calls import QueryCall
from tests.driver import rfc3339
from tests.sending import ANN, Post, began


@pytest.fixture
def post() -> Post:
    post = Post()
    post.profile(ANN)
    post.notify()
    return post.held()


def questions_until(post: Post, until: Micros) -> list[QueryCall]:
    """Those that were begun up to ``until``, none of which is answered."""
    asked = []
    while (deadline := post.driver.next_deadline) is not None and deadline <= until:
        post.driver.advance_to(deadline)
        for question in post.questions:
            asked.append(question)
            post.driver.calls.remove(question)
    return asked


def test_a_report_that_is_missing_is_asked_for_after_half_an_hour_and_then_ever_more_rarely(post: Post) -> None:
    start = began(post.accept())
    asked = questions_until(post, start + 3 * DAY - 1)
    assert [(q.asked_at - start) // MINUTE for q in asked] == [30, 60, 120, 240, 480, 960, 1920, 3840]
    assert {q.request.message_id for q in asked} == {"m-1"}
    assert questions_until(post, start + 10 * DAY) == []
    assert post.states == [(1, "accepted", None), (1, "no_report", None)]


@pytest.mark.parametrize(("found", "status"), [("delivered", "delivered"), ("failed", "undelivered")])
def test_what_the_provider_then_says_is_the_report(post: Post, found: str, status: str) -> None:
    post.accept()
    post.wait(30 * MINUTE)
    post.answer(found, error_class=ErrorClass.BAD_NUMBER if found == "failed" else None, reported_at=post.now - SECOND)
    assert [state for _, state, _ in post.states] == ["accepted", status]
    post.wait(DAY)
    assert not post.questions


@pytest.mark.parametrize("found", ["absent", "waiting", "unanswered"])
def test_what_is_no_news_changes_nothing(post: Post, found: str) -> None:
    post.accept()
    post.wait(30 * MINUTE)
    post.answer(found)
    assert post.states == [(1, "accepted", None)]
    post.wait(30 * MINUTE)
    assert len(post.questions) == 1
    assert not post.sends


def test_a_report_ends_the_asking(post: Post) -> None:
    post.report(post.accept())
    post.wait(DAY)
    assert not post.questions


def test_a_stop_that_comes_by_a_question_enters_the_ledger_at_the_vendors_time(post: Post) -> None:
    post.accept()
    post.wait(30 * MINUTE)
    said_at = post.now - MINUTE
    post.answer("failed", error_class=ErrorClass.OPTED_OUT, code="MOBILE_IN_BLACK", reported_at=said_at)
    (stop,) = post.written(topics.OPT_OUTS.name)
    assert stop.value["stopped"]
    assert stop.value["at"].replace("Z", "+00:00") == rfc3339(said_at)


def test_a_stop_that_is_known_or_was_lifted_since_is_not_written_again(post: Post) -> None:
    post.ledger.holds_all = True
    post.accept()
    post.wait(30 * MINUTE)
    post.answer("failed", error_class=ErrorClass.OPTED_OUT, code="MOBILE_IN_BLACK")
    assert not post.written(topics.OPT_OUTS.name)


def test_after_an_outage_questions_go_at_the_pace_that_the_account_allows() -> None:
    post = Post()
    for number in range(100):
        post.profile(f"139{number:08}", customer=f"c{number}")
        post.notify(customer=f"c{number}", order=f"A{number}")
    post.held()
    while post.sends:
        for call in post.sends:
            post.accept(call, f"m-{call.customer_id}")
        post.wait(SECOND)
    post.driver.restart()
    post.driver.wall += HOUR
    post.wait(0)
    assert len(post.questions) == 1
    post.wait(10 * SECOND)
    assert 45 <= len(post.questions) <= 52
    post.wait(10 * SECOND)
    assert len({q.customer_id for q in post.questions}) == len(post.questions) == 100


def test_a_doubt_does_not_wait_for_what_lacks_a_report() -> None:
    post = Post()
    for number in range(50):
        post.profile(f"139{number:08}", customer=f"c{number}")
        post.notify(customer=f"c{number}", order=f"A{number}")
    post.held()
    assert len(post.accept_all()) == 50
    post.wait(30 * MINUTE - 91 * SECOND)
    post.profile(ANN, customer="doubt")
    post.notify(customer="doubt", order="D1")
    post.held()
    post.no_answer()
    post.wait(5 * SECOND)
    assert "doubt" in {question.customer_id for question in post.questions}

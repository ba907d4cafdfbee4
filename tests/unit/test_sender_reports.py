"""Delivery reports: on time, early, late, twice, never."""

import pytest

from schemas.times import DAY, HOUR, SECOND
from tests.driver import rfc3339
from tests.sending import ABSENT, ANN, Post, accepted


@pytest.fixture
def post() -> Post:
    post = Post()
    post.profile(ANN)
    post.notify()
    return post.held()


def test_a_report_says_what_became_of_it_at_the_vendors_time(post: Post) -> None:
    call = post.accept()
    reported_at = rfc3339(post.now - 7 * SECOND)
    post.report(call, reported_at=reported_at)
    assert post.states == [(1, "accepted", None), (1, "delivered", None)]
    assert post.receipts[1]["status_at"].replace("Z", "+00:00") == reported_at
    assert post.receipts[1]["cost"] == "0.045"


def test_an_undelivered_message_names_its_class_and_is_paid_all_the_same(post: Post) -> None:
    call = post.accept()
    post.report(call, "undelivered", code="MOBILE_NOT_ON_SERVICE", reason="number_unavailable")
    assert post.states[1] == (1, "undelivered", "number_unavailable")
    assert post.receipts[1]["cost"] == "0.045"
    assert post.outcomes == [("sent", "accepted")]


def test_a_report_that_comes_twice_counts_once(post: Post) -> None:
    call = post.accept()
    post.report(call)
    post.report(call, "undelivered")
    assert len(post.receipts) == 2
    assert post.driver.counts["reports_skipped", "aliyun"] == 1


def test_a_report_that_overtakes_its_acceptance_brings_it_along(post: Post) -> None:
    call = post.send()
    post.report(call, sent_at=rfc3339(post.now))
    assert post.states == [(1, "accepted", None), (1, "delivered", None)]
    assert [receipt["provider_message_id"] for receipt in post.receipts] == ["m-1", "m-1"]
    assert post.outcomes == [("sent", "accepted")]
    post.finish(call, accepted())
    assert len(post.receipts) == 2
    assert len(post.outcomes) == 1


def test_a_report_of_what_counted_as_not_taken_stops_the_attempts_that_would_follow(post: Post) -> None:
    call = post.no_answer()
    post.wait(45 * SECOND)
    post.finish(post.questions[-1], ABSENT)
    post.wait(SECOND)
    post.refuse_for_now()
    post.report(call)
    assert post.outcomes == [("sent", "accepted")]
    post.wait(HOUR)
    assert not post.sends


def test_a_report_of_what_counted_as_not_taken_leaves_the_decision(post: Post) -> None:
    call = post.no_answer()
    post.wait(45 * SECOND)
    post.finish(post.questions[-1], ABSENT)
    post.wait(SECOND)
    post.settle()
    second = post.send()
    post.refuse_for_now()
    assert post.outcomes == [("settled", "resolved")]
    post.report(call)
    assert post.states == [
        (1, "unknown", "timeout"),
        (1, "rejected", "not_taken"),
        (2, "rejected", "retry_later"),
        (1, "accepted", None),
        (1, "delivered", None),
    ]
    assert second.attempt == 2
    assert post.outcomes == [("settled", "resolved")]


def test_a_report_for_what_is_not_known_is_counted(post: Post) -> None:
    call = post.accept()
    for stranger in (
        {"attempt": 2},
        {"notification_id": "n-other"},
        {"provider": "tencent"},
    ):
        post.report(call, **stranger)
    assert len(post.receipts) == 1
    assert sum(n for what, n in post.driver.counts.items() if what[0] == "reports_skipped") == 3


def test_without_a_report_in_72_hours_there_is_none(post: Post) -> None:
    post.accept()
    post.wait(3 * DAY - 1)
    assert len(post.receipts) == 1
    post.wait(1)
    assert post.states[1:] == [(1, "no_report", None)]
    assert post.receipts[1]["cost"] == "0.045"


def test_what_stayed_unknown_is_not_called_unreported(post: Post) -> None:
    post.no_answer()
    post.wait(4 * DAY)
    assert post.states == [(1, "unknown", "timeout")]

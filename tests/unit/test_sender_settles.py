"""What stops a notice, before and after it came, and what can't be stopped."""

import pytest

from schemas.times import DAY, HOUR, MINUTE, SECOND
from tests.driver import rfc3339
from tests.sending import ABSENT, ANN, BOB, FOR_NOW, Post


@pytest.fixture
def post() -> Post:
    post = Post()
    post.profile(ANN)
    return post


def test_a_settle_stops_what_is_held(post: Post) -> None:
    post.notify()
    post.settle()
    assert post.outcomes == [("settled", "resolved")]
    assert not post.held().sends


def test_a_settle_that_comes_first_is_remembered_for_thirty_days(post: Post) -> None:
    post.settle()
    occurred_at = rfc3339(post.now)
    post.wait(30 * DAY - 1)
    post.notify(occurred_at=occurred_at)
    assert post.outcomes == [("settled", "resolved")]


def test_what_occurs_after_a_settle_is_told(post: Post) -> None:
    post.settle()
    post.notify(occurred_at=rfc3339(post.now + 1))
    post.settle(settles_before=rfc3339(post.now))
    assert post.held().sends


def test_an_older_settle_takes_nothing_back_of_a_newer(post: Post) -> None:
    post.settle()
    post.settle(settles_before=rfc3339(post.now - HOUR))
    post.notify(occurred_at=rfc3339(post.now))
    assert post.outcomes == [("settled", "resolved")]


def test_the_update_that_ends_one_stall_does_not_end_the_next_which_counts_from_it(post: Post) -> None:
    update = rfc3339(post.now)
    post.settle("shipment_stalled", settles_before=update, event_id="scan-2")
    post.wait(DAY)
    post.notify("shipment_stalled", occurred_at=update, event_id="scan-2")
    post.wait(MINUTE)
    assert len(post.sends) == 1


def test_of_two_updates_of_one_instant_the_second_stalls_all_the_same(post: Post) -> None:
    instant = rfc3339(post.now)
    post.settle("shipment_stalled", settles_before=instant, event_id="scan-2")
    post.wait(DAY)
    post.notify("shipment_stalled", occurred_at=instant, event_id="scan-3")
    post.wait(MINUTE)
    assert len(post.sends) == 1


def test_a_settle_ends_its_own_subject_only(post: Post) -> None:
    post.notify(order="A1")
    post.notify(order="A2")
    post.settle(order="A1")
    post.held()
    assert post.decisions == [("A1-payment_failed", "settled", "resolved")]
    assert len(post.sends) == 1


def test_the_end_of_an_order_settles_all_that_it_has_pending_whatever_occurred_when(post: Post) -> None:
    post.notify("payment_failed", occurred_at=rfc3339(post.now + MINUTE))
    post.notify("stock_shortage")
    post.notify("stock_shortage", order="A2")
    post.settle("*")
    assert {(command, reason) for command, _, reason in post.decisions} == {
        ("A1-payment_failed", "order_closed"),
        ("A1-stock_shortage", "order_closed"),
    }


def test_a_cancellation_is_told_although_it_closes_its_order(post: Post) -> None:
    post.notify("stock_shortage")
    post.notify("order_cancelled", event_id="e-cancel")
    post.settle("*", event_id="e-cancel")
    post.wait(5 * SECOND)
    assert post.decisions == [("A1-stock_shortage", "settled", "order_closed")]
    assert len(post.sends) == 1


def test_a_cancellation_is_told_although_its_closing_comes_first(post: Post) -> None:
    post.settle("*", event_id="e-cancel")
    post.notify("order_cancelled", event_id="e-cancel")
    post.wait(5 * SECOND)
    assert len(post.sends) == 1


def test_what_is_found_on_a_closed_order_is_settled_for_thirty_days(post: Post) -> None:
    post.settle("*")
    post.wait(30 * DAY - 1)
    post.notify("shipment_stalled")
    assert post.outcomes == [("settled", "order_closed")]
    post.wait(1)
    post.notify("stock_shortage")
    assert len(post.outcomes) == 1


def test_a_closed_order_goes_before_a_settled_subject(post: Post) -> None:
    post.settle()
    post.settle("*")
    post.notify(occurred_at=rfc3339(post.now))
    assert post.outcomes == [("settled", "order_closed")]


def test_a_call_under_way_is_not_called_back(post: Post) -> None:
    post.notify()
    call = post.held().send()
    post.settle()
    assert not post.outcomes
    post.accept(call)
    assert post.outcomes == [("sent", "accepted")]


def test_what_waits_between_two_attempts_is_stopped(post: Post) -> None:
    post.notify()
    post.held()
    post.refuse_for_now()
    post.settle()
    assert post.outcomes == [("settled", "resolved")]
    post.wait(HOUR)
    assert not post.sends


@pytest.mark.parametrize("after", ["refused", "not begun", "absent"])
def test_what_was_under_way_and_was_not_taken_ends_settled(post: Post, after: str) -> None:
    post.notify()
    call = post.held().send()
    post.settle()
    if after == "refused":
        post.refuse_for_now()
    elif after == "not begun":
        post.finish(call, None)
    else:
        post.no_answer()
        post.wait(45 * SECOND)
        for question in post.questions:
            post.finish(question, ABSENT)
    assert post.outcomes == [("settled", "resolved")]
    post.wait(HOUR)
    assert not post.sends


def test_what_stays_in_doubt_is_not_called_settled(post: Post) -> None:
    post.notify()
    post.held()
    post.no_answer()
    post.settle()
    post.wait(HOUR)
    assert post.outcomes == [("failed", "in_doubt")]


def test_a_settle_after_the_first_acceptance_stops_the_contacts_that_have_not_heard() -> None:
    post = Post()
    post.profile(ANN, BOB)
    post.notify()
    first, second = post.held().sends
    post.accept(first)
    post.finish(second, FOR_NOW)
    post.settle()
    post.wait(HOUR)
    assert not post.sends
    assert post.outcomes == [("sent", "accepted")]

"""How long a notice is held, and what ends it there."""

import pytest

from schemas.times import DAY, HOUR, MINUTE, SECOND
from tests.driver import NOON, START, rfc3339
from tests.sending import ANN, BOB, Post
from tests.unit.rules import rules_with


def test_a_notice_goes_when_its_hold_is_over_and_not_before() -> None:
    post = Post()
    post.profile(ANN)
    post.notify("payment_failed")
    post.wait(90 * SECOND - 1)
    assert not post.sends
    post.wait(1)
    assert post.send().request.number == "+8613900000001"


def test_what_was_long_on_its_way_to_the_sender_is_held_no_longer_for_that() -> None:
    post = Post()
    post.profile(ANN)
    post.notify("payment_failed", detected_at=rfc3339(post.now - 60 * SECOND))
    post.wait(30 * SECOND - 1)
    assert not post.sends
    post.wait(1)
    assert post.sends


def test_a_notice_leaves_the_hold_early_enough_to_be_in_time() -> None:
    post = Post(rules=rules_with("[kinds.payment_failed]\nmerge_hold = '10m'"))
    post.profile(ANN)
    post.notify("payment_failed")
    post.wait(4 * MINUTE + 40 * SECOND)
    assert post.sends


def test_a_notice_that_comes_when_it_is_late_already_goes_at_once() -> None:
    post = Post()
    post.profile(ANN)
    post.notify("payment_failed", notify_by=rfc3339(post.now - HOUR))
    assert post.sends


def test_what_comes_with_a_notice_is_applied_before_it_goes() -> None:
    post = Post(rules=rules_with("[kinds.payment_failed]\nmerge_hold = '0s'"))
    post.profile(ANN)
    post.settle("payment_failed")
    post.notify("payment_failed", occurred_at=rfc3339(post.now))
    assert not post.sends


def test_a_stall_found_in_the_night_waits_for_the_window_to_open() -> None:
    post = Post(now=START + 3 * HOUR)
    post.profile(ANN)
    post.notify("shipment_stalled", notify_by=rfc3339(START + 9 * HOUR))
    post.wait(5 * HOUR - 1)
    assert not post.sends
    post.wait(1)
    assert post.sends


def test_a_notice_whose_hold_ended_while_we_were_away_waits_for_the_next_window() -> None:
    post = Post(now=START + 20 * HOUR + 59 * MINUTE + 30 * SECOND)
    post.profile(ANN)
    post.notify("shipment_stalled")
    post.driver.restart()
    post.driver.wall += HOUR
    post.wait(0)
    assert not post.sends
    post.wait(10 * HOUR + 30 * SECOND)
    assert post.sends


def test_what_could_not_go_in_its_time_expires() -> None:
    post = Post(now=START + 22 * HOUR, rules=rules_with("[kinds.shipment_stalled]\nexpire_after = '3h'"))
    post.profile(ANN)
    post.notify("shipment_stalled")
    post.wait(3 * HOUR)
    assert post.outcomes == [("expired", "overtaken")]
    assert not post.sends


@pytest.mark.parametrize(("kind", "outcome"), [("payment_failed", "expired"), ("shipment_stalled", None)])
def test_age_counts_from_the_event_but_of_a_stall_from_its_detection(kind: str, outcome: str | None) -> None:
    post = Post()
    post.profile(ANN)
    post.notify(kind, occurred_at=rfc3339(post.now - 10 * DAY), detected_at=rfc3339(post.now))
    post.held()
    assert [o for o, _ in post.outcomes] == ([outcome] if outcome else [])
    assert len(post.sends) == (outcome is None)


def test_rules_that_change_apply_to_what_is_held() -> None:
    post = Post()
    post.profile(ANN)
    post.notify("payment_failed")
    post.driver.rules = rules_with("[kinds.payment_failed]\nmerge_hold = '1s'")
    post.wait(SECOND)
    assert post.sends


def test_a_command_that_comes_again_changes_nothing() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    post.notify()
    post.held()
    post.accept()
    post.notify()
    post.wait(HOUR)
    assert post.outcomes == [("sent", "accepted")]
    assert not post.sends


# The profile.


def test_a_customer_never_seen_is_waited_for_and_told_when_its_profile_comes() -> None:
    post = Post()
    post.notify("address_undeliverable")
    post.wait(30 * SECOND)
    assert not post.sends
    post.profile(ANN)
    assert post.sends


def test_a_customer_of_whom_nothing_comes_has_no_contact() -> None:
    post = Post()
    post.notify("address_undeliverable")
    post.wait(MINUTE - 1)
    assert not post.outcomes
    post.wait(1)
    assert post.outcomes == [("failed", "no_contact")]


def test_a_profile_is_not_missed_while_customers_are_behind() -> None:
    post = Post()
    post.known.stopped_at = NOON
    post.notify("address_undeliverable")
    post.wait(HOUR)
    assert not post.outcomes
    post.known.stopped_at = NOON + MINUTE
    post.wait(10 * MINUTE)
    assert post.outcomes == [("failed", "no_contact")]


def test_a_profile_known_before_needs_no_waiting() -> None:
    post = Post()
    post.known.stopped_at = post.now - 25 * SECOND
    post.profile(ANN)
    post.notify("address_undeliverable")
    post.wait(5 * SECOND)
    assert post.sends


def test_while_news_of_customers_is_long_unread_nobody_is_told_at_a_number_that_may_be_old() -> None:
    post = Post()
    post.known.stopped_at = post.now - HOUR
    post.profile(ANN)
    post.notify("address_undeliverable")
    post.wait(MINUTE)
    assert not post.sends
    post.profile(BOB)
    post.known.stopped_at = None
    post.wait(SECOND)
    assert post.send().request.number == f"+86{BOB}"


def test_nobody_waits_for_news_of_customers_until_it_is_too_late() -> None:
    post = Post()
    post.known.stopped_at = 0
    post.profile(ANN)
    post.notify("address_undeliverable")
    post.wait(4 * MINUTE + 39 * SECOND)
    assert not post.sends
    post.wait(2 * SECOND)
    assert post.sends


# Erasure.


def test_erasing_a_customer_stops_what_is_held_at_once() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    post.erase()
    assert post.outcomes == [("suppressed", "erased")]
    post.held()
    assert not post.sends


def test_what_is_found_for_an_erased_customer_is_suppressed_for_thirty_days() -> None:
    post = Post()
    post.profile(ANN)
    post.erase()
    post.wait(30 * DAY - SECOND)
    post.notify(order="A1")
    assert post.outcomes == [("suppressed", "erased")]
    post.wait(MINUTE)
    post.notify(order="A2")
    post.wait(2 * MINUTE)
    assert post.outcomes[1:] == [("failed", "no_contact")]


def test_a_customer_that_comes_back_is_told_again() -> None:
    post = Post()
    post.erase()
    post.profile(ANN)
    post.notify()
    assert post.held().sends


def test_what_is_under_way_when_the_customer_is_erased_is_seen_through() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    call = post.held().send()
    post.erase()
    assert not post.outcomes
    post.accept(call)
    assert post.outcomes == [("sent", "accepted")]
    assert ANN not in repr(post.outbox())


def test_what_was_not_taken_when_the_customer_is_erased_goes_no_more() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    post.held().send()
    post.erase()
    post.refuse_for_now()
    assert post.outcomes == [("suppressed", "erased")]
    assert ANN not in repr(post.outbox())

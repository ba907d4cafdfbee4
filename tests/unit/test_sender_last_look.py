"""Whom a notice goes to, and what is looked at right before it goes."""

import pytest

from schemas.calls import ErrorClass
from schemas.times import HOUR, MINUTE, SECOND
from tests.driver import START
from tests.sending import ANN, BOB, FOR_NOW, Post, accepted
from tests.unit.rules import RULES, rules_with


def test_every_contact_that_wants_the_kind_hears_and_one_decision_is_written() -> None:
    post = Post()
    post.profile(ANN, BOB, "13900000003", kinds={2: ["stock_shortage"]})
    post.notify()
    for call in post.held().sends:
        post.accept(call)
    assert [receipt["contact_id"] for receipt in post.receipts] == ["k0", "k1"]
    assert post.outcomes == [("sent", "accepted")]


def test_contacts_with_one_number_hear_once() -> None:
    post = Post()
    post.profile(ANN, f"+86 {ANN}")
    post.notify()
    assert len(post.held().sends) == 1


def test_what_is_sent_is_said_in_full() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    call = post.held().send()
    request = call.request
    assert request.signature == RULES.signature
    assert request.template == RULES.templates["pay_1"].wordings["aliyun"].id
    assert request.variables == {"order": "A1", "reason": "余额不足"}
    assert request.out_id == f"c1.{call.notification_id}.1"
    assert request.call_by == post.now + 5 * SECOND


def test_a_notification_has_the_same_name_wherever_it_is_made() -> None:
    names = set()
    for _ in range(2):
        post = Post()
        post.profile(ANN)
        post.notify()
        names.add(post.held().send().notification_id)
    assert len(names) == 1


def test_a_profile_that_changes_in_the_hold_is_the_one_that_counts() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    post.profile(BOB)
    assert post.held().send().request.number == f"+86{BOB}"


def test_a_number_that_changes_between_two_attempts_is_the_one_that_counts() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    post.held()
    post.refuse_for_now()
    post.profile(BOB)
    post.wait(2 * SECOND)
    assert post.send().request.number == f"+86{BOB}"


def test_a_number_that_became_another_contacts_hears_once() -> None:
    post = Post()
    post.profile(ANN, BOB)
    post.notify()
    first, second = post.held().sends
    post.finish(first, accepted())
    post.finish(second, FOR_NOW)
    post.profile(ANN, ANN)
    post.wait(HOUR)
    assert not post.sends
    assert post.outcomes == [("sent", "accepted")]


def test_a_contact_that_left_the_profile_hears_no_more() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    post.held()
    post.refuse_for_now()
    post.profile()
    post.wait(2 * SECOND)
    assert post.outcomes == [("failed", "no_contact")]


@pytest.mark.parametrize("kinds", [{}, {0: ["stock_shortage"]}])
@pytest.mark.parametrize("heir", [ANN, BOB])
def test_who_hears_in_place_of_a_contact_that_hears_no_more_is_told(kinds: dict[int, list[str]], heir: str) -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    post.held()
    post.refuse_for_now()
    post.profile(ANN if kinds else None, heir, kinds=kinds)
    post.wait(2 * SECOND)
    assert post.send().request.number == f"+86{heir}"
    post.finish(post.send(), accepted())
    assert [(receipt["contact_id"], receipt["status"]) for receipt in post.receipts] == [
        ("k0", "rejected"),
        ("k1", "accepted"),
    ]


def test_a_contact_that_mutes_the_kind_between_two_attempts_hears_no_more() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    post.held()
    post.refuse_for_now()
    post.profile(ANN, kinds={0: ["stock_shortage"]})
    post.wait(2 * SECOND)
    assert post.outcomes == [("suppressed", "muted")]


def test_where_nobody_wants_or_can_be_reached_it_says_so() -> None:
    for phones, kinds, outcome in (
        ((ANN,), {0: ["stock_shortage"]}, ("suppressed", "muted")),
        (("010-62345678",), {}, ("failed", "bad_number")),
        ((None,), {}, ("failed", "no_contact")),
        ((), {}, ("failed", "no_contact")),
    ):
        post = Post()
        post.profile(*phones, kinds=kinds)
        post.notify()
        assert post.held().outcomes == [outcome]


# Opt-outs.


def test_a_number_on_the_ledger_hears_nothing() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    post.ledger.numbers.add(f"+86{ANN}")
    assert post.held().outcomes == [("suppressed", "opted_out")]
    assert not post.sends


def test_an_opt_out_silences_its_own_number_only() -> None:
    post = Post()
    post.profile(ANN, BOB)
    post.notify()
    post.ledger.numbers.add(f"+86{ANN}")
    post.accept(post.held().send())
    assert post.outcomes == [("sent", "accepted")]
    assert post.receipts[0]["contact_id"] == "k1"


def test_an_opt_out_between_two_attempts_is_obeyed() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    post.held()
    post.refuse_for_now()
    post.ledger.numbers.add(f"+86{ANN}")
    post.wait(2 * SECOND)
    assert post.outcomes == [("suppressed", "opted_out")]


def test_nothing_goes_while_the_ledger_is_not_known_and_then_it_goes_soon() -> None:
    post = Post()
    post.profile(ANN)
    post.notify()
    post.ledger.is_fresh = False
    post.held().wait(10 * MINUTE)
    assert not post.sends
    post.ledger.is_fresh = True
    post.wait(SECOND)
    assert post.sends


def test_what_waits_for_the_ledger_expires_like_all_else() -> None:
    post = Post(rules=rules_with("[kinds.payment_failed]\nexpire_after = '10m'"))
    post.profile(ANN)
    post.notify()
    post.ledger.is_fresh = False
    post.wait(10 * MINUTE)
    assert post.outcomes == [("expired", "overtaken")]


# Windows, providers, texts.


def test_a_retry_does_not_leave_the_window() -> None:
    post = Post(now=START + 20 * HOUR + 58 * MINUTE)
    post.profile(ANN)
    post.notify("shipment_stalled")
    post.wait(MINUTE)
    post.refuse(ErrorClass.BALANCE)
    post.wait(HOUR)
    assert not post.sends
    post.wait(10 * HOUR + MINUTE)
    assert post.sends


def test_without_a_provider_it_says_so() -> None:
    post = Post(providers=())
    post.profile(ANN)
    post.notify()
    assert post.held().outcomes == [("failed", "no_provider")]


def test_the_first_provider_of_the_rules_that_has_a_gateway_is_taken() -> None:
    post = Post(rules=rules_with('sms.providers = ["tencent", "aliyun"]'))
    post.profile(ANN)
    post.notify()
    assert post.held().send().provider == "aliyun"


def test_what_no_text_can_tell_ends_as_refused() -> None:
    post = Post()
    post.profile(ANN)
    post.notify("payment_failed", audience="consignor")
    post.held()
    assert post.outcomes == [("failed", "template_refused")]


# Slots.


def test_no_more_calls_are_under_way_than_there_are_slots_and_all_get_their_turn() -> None:
    post = Post(slots=4)
    for number in range(12):
        post.profile(f"139000001{number:02}", customer=f"c{number}")
        post.notify(customer=f"c{number}", order=f"A{number}")
    post.held()
    assert len(post.sends) == 4
    while post.sends:
        assert len(post.sends) <= 4
        post.finish(post.sends[0], accepted())
        post.wait(SECOND)
    assert post.outcomes == [("sent", "accepted")] * 12


def test_a_slot_is_kept_for_what_is_urgent() -> None:
    post = Post(slots=4)
    for number in range(4):
        post.profile(f"139000001{number:02}", customer=f"c{number}")
        post.notify("shipment_stalled", customer=f"c{number}", order=f"A{number}")
    post.profile(ANN, customer="cx")
    post.notify("stock_shortage", customer="cx")
    post.wait(MINUTE)
    assert sorted(call.customer_id for call in post.sends) == ["c0", "c1", "c2", "cx"]


def test_who_waits_for_a_slot_is_not_looked_at_all_the_time() -> None:
    post = Post(slots=4)
    for number in range(50):
        post.profile(f"13900001{number:03}", customer=f"c{number}")
        post.notify(customer=f"c{number}", order=f"A{number}")
    post.held()
    before = post.driver.wall
    turns = 0
    while post.driver.next_deadline is not None and post.driver.next_deadline <= before + SECOND:
        post.driver.advance_to(post.driver.next_deadline)
        turns += 1
    assert turns <= 500


def test_after_a_crash_the_slots_of_the_dead_owner_do_not_hold_up_the_living_for_long() -> None:
    post = Post(slots=4)
    for number in range(4):
        post.profile(f"139000001{number:02}", customer=f"c{number}")
        post.notify(customer=f"c{number}", order=f"A{number}")
    post.held()
    post.driver.restart()
    post.profile(ANN, customer="cx")
    post.notify(customer="cx", order="X")
    post.held()
    assert [call.customer_id for call in post.sends] == ["cx"]

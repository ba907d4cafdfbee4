"""Of an erased customer the sender keeps nothing that names it, and yet forgets nothing that decides."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.calls import ErrorClass
from schemas.times import DAY, HOUR, MINUTE, SECOND
from streams import topics
from streams.operators.sending import nameless
from streams.operators.sending.outbox import Outbox
from streams.policy.opt_outs import Hasher
from tests.driver import record
from tests.sending import ANN, BOB, FACTS, Post
from tests.unit.test_sender_simulation import CUSTOMERS, NUMBERS, Life

SEEN_THROUGH = 20 * MINUTE
"""Doubts of what is not urgent are given up after ten minutes."""


@pytest.fixture
def post() -> Post:
    post = Post()
    post.profile(ANN)
    post.notify()
    return post.held()


def state(post: Post, key: bytes) -> bytes:
    """An entry as the changelog has it; nothing where there is none."""
    entry = post.driver.entries.get(key)
    return b"" if entry is None else post.kind.codec.encode(entry)


def without_a_name(post: Post) -> dict[bytes, Outbox]:
    entries = post.driver.entries.items()
    return {key: entry for key, entry in entries if nameless.is_key(key) and isinstance(entry, Outbox)}


def test_what_was_taken_is_followed_no_further(post: Post) -> None:
    call = post.accept()
    post.erase()
    assert post.outbox() is None
    post.report(call)
    post.wait(3 * DAY)
    assert not post.questions
    assert [status for _, status, _ in post.states] == ["accepted"]


def test_the_vendors_id_no_longer_leads_to_the_customer(post: Post) -> None:
    post.accept(message_id="m-7")
    post.erase()
    assert [(sent.key, sent.value is None) for sent in post.written(topics.PROVIDER_MESSAGES.name)] == [
        ("aliyun:m-7", False),
        ("aliyun:m-7", True),
    ]


def test_nor_does_one_of_which_the_last_was_heard(post: Post) -> None:
    post.report(post.accept(message_id="m-7"))
    post.wait(4 * DAY + 6 * HOUR)
    post.erase()
    assert post.written(topics.PROVIDER_MESSAGES.name)[-1] == (topics.PROVIDER_MESSAGES.name, "aliyun:m-7", None)


def test_that_a_vendors_id_led_to_somebody_is_forgotten_when_it_leads_nowhere(post: Post) -> None:
    post.report(post.accept())
    post.wait(5 * DAY)
    box = post.outbox()
    assert box is not None
    assert not box.named


def test_what_is_taken_only_after_the_erasure_leaves_nothing_either(post: Post) -> None:
    call = post.send()
    post.erase()
    assert post.outbox() is not None
    post.accept(call)
    assert post.outcomes == [("sent", "accepted")]
    assert post.outbox() is None
    assert post.written(topics.PROVIDER_MESSAGES.name)[-1].value is None


def test_what_is_under_way_keeps_no_more_than_its_end_needs(post: Post) -> None:
    post.erase()
    kept = state(post, b"c1")
    assert kept
    for personal in (ANN, "insufficient_funds"):
        assert personal.encode() not in kept


def test_in_doubt_it_is_over_within_minutes(post: Post) -> None:
    post.no_answer()
    post.erase()
    post.wait(SEEN_THROUGH)
    assert post.outcomes == [("suppressed", "erased")]
    assert post.outbox() is None


def test_a_call_whose_answer_never_came_names_nobody_at_the_gate(post: Post) -> None:
    post.driver.restart()
    post.erase()
    post.wait(SEEN_THROUGH)
    assert b"c1" not in b"".join(state(post, key) for key in post.driver.entries)


def test_a_command_decided_before_the_erasure_is_known_after_it(post: Post) -> None:
    post.accept()
    post.erase()
    post.notify()
    assert post.outcomes == [("sent", "accepted")]


def test_an_order_closed_before_or_after_the_erasure_stays_closed(post: Post) -> None:
    post.settle("*", order="A2")
    post.erase()
    post.settle("*", order="A3")
    for order in ("A2", "A3"):
        post.notify("shipment_stalled", order=order)
    post.profile(BOB)
    for order in ("A2", "A3"):
        post.notify("shipment_stalled", order=order, command_id=f"again-{order}")
    assert post.outcomes == [("settled", "order_closed")] * 4


def test_who_comes_back_is_remembered_by_name_again(post: Post) -> None:
    post.accept()
    post.erase()
    assert without_a_name(post)
    post.profile(BOB)
    assert not without_a_name(post)
    post.notify(order="A2")
    assert post.held().send().request.number == f"+86{BOB}"


def test_a_wrong_number_is_forgotten_and_that_there_was_a_coupon_is_not() -> None:
    post = Post()
    post.profile(ANN, tier="new")
    post.notify()
    post.held().refuse(ErrorClass.BAD_NUMBER)
    post.erase()
    (left,) = without_a_name(post).values()
    assert [once.what for once in left.done] == ["coupon"]
    post.profile(ANN, tier="new")
    post.notify(order="A2")
    assert post.held().sends
    assert len(post.written(topics.COUPON_GRANTS.name)) == 1


def test_what_comes_long_after_is_of_a_customer_never_seen() -> None:
    post = Post()
    post.erase()
    post.wait(29 * DAY)
    post.settle("*", order="A9")
    post.wait(2 * DAY)
    post.notify()
    assert FACTS["payment_failed"]["reason"].encode() in state(post, b"c1")
    post.profile(ANN)
    assert post.held().sends


def test_a_record_that_only_closes_a_segment_erases_nobody() -> None:
    post = Post()
    post.profile(ANN)
    post.driver.feed(record(topics.PROFILES.name, topics.BEAT, None))
    assert not post.driver.entries
    assert list(post.driver.followed[topics.PROFILES.name]) == [b"c1"]


def test_in_the_end_nothing_is_left(post: Post) -> None:
    post.accept()
    post.settle("*", order="A2")
    post.erase()
    post.wait(30 * DAY + SECOND)
    assert not without_a_name(post)


def test_only_our_secret_finds_what_is_left() -> None:
    post = Post()
    post.erase()
    assert list(without_a_name(post)) == [nameless.key(Hasher("secret"), "c1")]
    assert nameless.key(Hasher("another"), "c1") not in post.driver.entries


# Whatever happens.


def strings(value: Any) -> list[str]:
    """Every text in a value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in strings(item)]
    return [text for item in value for text in strings(item)] if isinstance(value, list | tuple) else []


class ErasedLife(Life):
    """A life in which customers are erased now and then; each look asks what is left of them."""

    erasures = 0.03

    def look(self) -> None:
        super().look()
        if self.random.random() < self.erasures:
            self.erase()
        for key, entry in self.post.driver.entries.items():
            texts = strings(msgspec.to_builtins(entry))
            if isinstance(entry, Outbox) and entry.erased:
                self.nothing_personal(entry, texts)
            if key.startswith(b"*"):
                assert not [text for text in texts if text.startswith(("c1", "c2"))]
            if nameless.is_key(key):
                assert not [text for text in texts if text.startswith(("n-", "k0", "k1", "k2", "139"))]

    def nothing_personal(self, box: Outbox, texts: list[str]) -> None:
        assert not [text for text in texts if any(number in text for number in NUMBERS)]
        assert not [notice for notice in box.notices if notice.facts or notice.tracking_no]

    def end(self) -> None:
        self.erasures = 0
        for call in self.post.sends:
            self.took.setdefault(call.request.out_id, False)
        for customer in set(CUSTOMERS):
            self.post.erase(customer)
        self.pass_time(SEEN_THROUGH)
        assert not set(CUSTOMERS) & {key.decode() for key in self.post.driver.entries}
        super().end()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_whatever_happens_nothing_that_is_left_names_an_erased_customer(seed: int) -> None:
    ErasedLife(seed).go(steps=250)

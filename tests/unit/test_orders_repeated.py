"""What comes again: the same exception within its window, and the same event."""

from typing import Any

import pytest

from schemas.times import DAY, HOUR, MINUTE, Micros
from streams.operators.order import MOST_SEEN
from tests.driver import NOON, START, wire
from tests.events import event, published
from tests.unit.an_order import EXCEPTIONS, Shop
from tests.unit.rules import RULES, rules_with


@pytest.fixture
def shop() -> Shop:
    return Shop()


# Repeats.


@pytest.mark.parametrize(
    ("kind", "window"), [("payment.failed", HOUR), ("stock.shortage", DAY), ("address.undeliverable", DAY)]
)
def test_an_exception_within_the_window_of_the_first_is_a_duplicate(shop: Shop, kind: str, window: Micros) -> None:
    shop.says(kind, at=NOON)
    for apart in (0, window - 1, 1 - window):
        assert shop.says(kind, at=NOON + apart) == [("duplicate", "repeated")]
    told = ("notify", kind.replace(".", "_"))
    assert shop.says(kind, at=NOON - window) == [told]
    assert shop.says(kind, at=NOON + window) == [told]


def test_the_decision_on_a_duplicate(shop: Shop) -> None:
    shop.says("payment.failed", at=NOON)
    shop.driver.advance(MINUTE)
    shop.says("payment.failed", at=NOON, event_id="X")
    [decision] = shop.last
    assert decision.pop("command_id").startswith("cmd_")
    assert decision == {
        "event_id": "X",
        "kind": "payment_failed",
        "order_id": "A1",
        "customer_id": "C1",
        "audience": "buyer",
        "outcome": "duplicate",
        "reason": "repeated",
        "rules": RULES.hash,
        "decided_at": wire(NOON + MINUTE),
    }


def test_repeats_do_not_extend_the_window(shop: Shop) -> None:
    shop.says("payment.failed", at=NOON)
    assert shop.says("payment.failed", at=NOON + 40 * MINUTE) == [("duplicate", "repeated")]
    assert shop.says("payment.failed", at=NOON + 70 * MINUTE) == [("notify", "payment_failed")]


def test_of_several_that_were_told_the_latest_opens_the_window(shop: Shop) -> None:
    shop.says("payment.failed", at=NOON + 5 * HOUR)
    assert shop.says("payment.failed", at=NOON) == [("notify", "payment_failed")]
    assert shop.says("payment.failed", at=NOON + 5 * HOUR + MINUTE) == [("duplicate", "repeated")]


def test_a_subject_is_order_and_kind_and_of_a_shortage_the_sku(shop: Shop) -> None:
    subjects: list[tuple[str, dict[str, Any]]] = [
        ("payment.failed", {}),
        ("payment.failed", {"order_id": "A2"}),
        ("address.undeliverable", {}),
        ("stock.shortage", {}),
        ("stock.shortage", {"sku": "S2"}),
    ]
    for kind, fields in subjects:
        assert [action for action, _ in shop.says(kind, at=NOON, **fields)] == ["notify"]


def test_the_window_is_that_of_the_rules() -> None:
    shop = Shop(rules_with('[kinds.payment_failed]\nrepeat_window = "0s"'))
    for _ in range(2):
        assert shop.says("payment.failed", at=NOON) == [("notify", "payment_failed")]


# Redelivery.


@pytest.mark.parametrize("kind", ["order.placed", "order.paid", "order.completed", *EXCEPTIONS])
def test_an_event_that_comes_again_is_dropped_without_any_output(shop: Shop, kind: str) -> None:
    shop.says("payment.failed")
    shop.says(kind, event_id="X")
    for later in (0, 2 * DAY, 20 * DAY):
        shop.driver.advance(later)
        assert shop.says(kind, event_id="X") == []
    assert shop.driver.counts["skipped", "orders", "redelivered"] == 3


def test_an_event_that_comes_again_is_known_to_a_new_owner(shop: Shop) -> None:
    shop.says("payment.failed", event_id="X")
    shop.driver.restart()
    assert shop.says("payment.failed", event_id="X", at=NOON + DAY) == []


def test_ids_belong_to_their_order(shop: Shop) -> None:
    shop.says("payment.failed", event_id="X")
    assert shop.says("payment.failed", event_id="X", order_id="A2") == [("notify", "payment_failed")]


def test_of_an_order_with_many_events_the_last_are_known(shop: Shop) -> None:
    shop.driver.feed(*(published(event("order.paid", event_id=f"P{number}")) for number in range(MOST_SEEN + 1)))
    shop.written()
    [entry] = shop.driver.entries.values()
    assert len(entry.seen) == MOST_SEEN
    shop.says("order.paid", event_id="P1")
    assert shop.driver.counts["skipped", "orders", "redelivered"] == 1


def test_of_an_order_with_many_subjects_the_last_are_known(shop: Shop) -> None:
    levels = [event("stock.replenished", event_id=f"R{n}", sku=f"S{n}") for n in range(MOST_SEEN + 1)]
    shop.driver.feed(*map(published, levels))
    assert shop.says("stock.shortage", sku="S1", at=START) == [("settled", "resolved")]
    assert shop.says("stock.shortage", sku="S0", at=START) == [("notify", "stock_shortage")]


def test_a_subject_that_is_heard_of_again_is_not_among_the_first_to_leave(shop: Shop) -> None:
    skus = ["S0", *(f"S{n}" for n in range(1, MOST_SEEN)), "S0", "S-last"]
    levels = [event("stock.replenished", event_id=f"R{n}", sku=sku) for n, sku in enumerate(skus)]
    shop.driver.feed(*map(published, levels))
    assert shop.says("stock.shortage", sku="S0", at=START) == [("settled", "resolved")]

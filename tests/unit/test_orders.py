"""What goes wrong with an order: what is told, of whom and when; what is counted and refused."""

from collections import Counter

import pytest

from schemas.times import HOUR, MINUTE, SECOND
from streams.operators.exceptions import MOST_ALTERNATIVES
from tests.driver import NOON, wire
from tests.events import ITEM, event, published
from tests.unit.an_order import EXCEPTIONS, Shop
from tests.unit.rules import RULES, rules_with


@pytest.fixture
def shop() -> Shop:
    return Shop()


# What is told.


@pytest.mark.parametrize("kind", EXCEPTIONS)
def test_an_exception_is_told_at_once(shop: Shop, kind: str) -> None:
    shop.says(kind, at=NOON - MINUTE, event_id="X", merchant_id="M1")
    command = shop.last[0]
    name = kind.replace(".", "_")
    assert command.pop("command_id").startswith("cmd_")
    assert command.pop("facts")
    assert command == {
        "action": "notify",
        "kind": name,
        "subject": f"A1:{name}" + (":S1" if kind == "stock.shortage" else ""),
        "audience": "buyer",
        "urgency": "urgent",
        "customer_id": "C1",
        "order_id": "A1",
        "merchant_id": "M1",
        "event_id": "X",
        "occurred_at": wire(NOON - MINUTE),
        "detected_at": wire(NOON),
        "notify_by": wire(NOON + 5 * MINUTE),
        "rules": RULES.hash,
    }


def test_a_command_is_written_under_the_customer(shop: Shop) -> None:
    shop.driver.feed(published(event("payment.failed")))
    assert [(sent.topic, sent.key) for sent in shop.driver.sent] == [("notification-commands", "C1")]


@pytest.mark.parametrize("kind", ["order.placed", "order.paid", "stock.replenished", "address.corrected"])
def test_what_is_no_exception_is_not_told(shop: Shop, kind: str) -> None:
    assert shop.says(kind) == []


def test_within_counts_from_the_opening_of_the_window() -> None:
    shop = Shop(rules_with('[kinds.payment_failed]\nwindow = "14:00-15:00"\nwithin = "10m"'))
    assert shop.command("payment.failed")["notify_by"] == wire(NOON + 2 * HOUR + 10 * MINUTE)


def test_the_id_of_a_command_follows_from_the_event_alone() -> None:
    ids: set[str] = set()
    for late in (0, HOUR):
        shop = Shop()
        shop.says("order.placed")
        shop.driver.advance(late)
        ids.add(shop.command("payment.failed", at=NOON, event_id="X")["command_id"])
    assert len(ids) == 1


def test_no_two_commands_share_an_id(shop: Shop) -> None:
    for kind in EXCEPTIONS:
        for order in ("A1", "A2"):
            shop.driver.feed(published(event(kind, event_id=kind.replace(".", "-"), order_id=order)))
    shop.driver.feed(published(event("order.paid", event_id="Y")), published(event("order.completed", event_id="Z")))
    ids = [command["command_id"] for command in shop.driver.take("notification-commands")]
    assert len(set(ids)) == len(ids) == 12


# What is told of it.


def test_facts_are_the_event_s_own_fields(shop: Shop) -> None:
    fields = {"reason": "card_error", "reason_text": "限额", "pay_by": "2025-11-26T00:00:00+08:00"}
    assert shop.command("payment.failed", surprise=1, **fields)["facts"] == fields


def test_null_is_no_fact(shop: Shop) -> None:
    assert shop.command("address.undeliverable", reason=None, area="杭州市")["facts"] == {
        "address": "某路 1 号",
        "area": "杭州市",
    }


def test_an_unknown_reason_of_a_payment_is_other(shop: Shop) -> None:
    assert shop.command("payment.failed", reason="cat_ate_it")["facts"] == {"reason": "other"}


def test_what_is_known_of_the_order_is_told_too(shop: Shop) -> None:
    shop.says("order.placed", amount="1299.00")
    shop.says("order.paid")
    assert shop.command("address.undeliverable")["facts"] == {
        "address": "某路 1 号",
        "amount": "1299.00",
        "paid": True,
        "item_name": "羊毛大衣",
    }


def test_what_the_event_says_itself_goes_before_what_is_known_of_the_order(shop: Shop) -> None:
    shop.says("order.placed", items=[ITEM | {"unique": True}])
    shop.says("order.paid")
    facts = shop.command("stock.shortage", name="大衣", unique=False)["facts"]
    assert facts == {
        "sku": "S1",
        "name": "大衣",
        "unique": False,
        "amount": "1299.00",
        "paid": True,
        "item_name": "羊毛大衣",
    }
    shop.says("order.cancelled", amount="99.00", paid=False)
    assert (shop.last[0]["facts"]["amount"], shop.last[0]["facts"]["paid"]) == ("99.00", False)


def test_a_shortage_names_its_own_item_and_what_is_known_of_it(shop: Shop) -> None:
    shop.says("order.placed", items=[ITEM, ITEM | {"sku": "S2", "name": "腰带", "unique": True}])
    facts = shop.command("stock.shortage", sku="S2", name="belt")["facts"]
    assert (facts["item_name"], facts["unique"]) == ("腰带", True)
    assert "item_name" not in shop.command("stock.shortage", sku="S3")["facts"]


def test_an_order_of_several_items_has_no_item_name(shop: Shop) -> None:
    shop.says("order.placed", items=[ITEM, ITEM | {"sku": "S2"}])
    assert "item_name" not in shop.command("payment.failed")["facts"]


def test_the_newest_placing_of_an_order_counts(shop: Shop) -> None:
    shop.says("order.placed", at=NOON, amount="2.00")
    shop.says("order.placed", at=NOON - HOUR, amount="1.00")
    assert shop.command("payment.failed")["facts"]["amount"] == "2.00"


def test_a_merchant_known_from_before_is_named(shop: Shop) -> None:
    shop.says("order.placed", merchant_id="M1")
    assert shop.command("payment.failed")["merchant_id"] == "M1"


def test_a_command_stays_small_whatever_is_offered_instead(shop: Shop) -> None:
    offered = [{"sku": f"S{number}", "name": "替代款"} for number in range(1000)]
    assert shop.command("stock.shortage", alternatives=offered)["facts"]["alternatives"] == offered[:MOST_ALTERNATIVES]


# The clock.


def test_what_a_backlog_shows_is_found_when_it_was_published(shop: Shop) -> None:
    shop.driver.advance(6 * HOUR, caught_up=False)
    shop.says("payment.failed", at=NOON, timestamp=NOON + MINUTE, at_end=False)
    assert shop.last[0]["detected_at"] == wire(NOON + MINUTE)
    assert shop.last[0]["notify_by"] == wire(NOON + 6 * MINUTE)


def test_what_the_last_record_shows_is_found_now(shop: Shop) -> None:
    shop.driver.advance(6 * HOUR)
    assert shop.command("payment.failed", at=NOON, timestamp=NOON)["detected_at"] == wire(NOON + 6 * HOUR)


def test_nothing_is_found_ahead_of_the_wall_clock(shop: Shop) -> None:
    command = shop.command("payment.failed", timestamp=NOON + 2 * SECOND, at_end=False)
    assert command["detected_at"] == wire(NOON)


# What is counted and refused.


def test_what_is_counted(shop: Shop) -> None:
    for _ in range(2):
        shop.says("payment.failed")
    shop.driver.feed(published(event("order.paid") | {"type": "refund.requested"}))
    assert shop.driver.counts == Counter(
        {
            ("events", "orders", "payment.failed"): 2,
            ("exceptions", "payment_failed"): 2,
            ("decisions", "duplicate", "repeated"): 1,
            ("skipped", "orders", "unknown_type"): 1,
        }
    )


def test_a_wrong_record_is_a_dead_letter_and_changes_nothing(shop: Shop) -> None:
    shop.driver.feed(published(event("payment.failed", reason=5)), published(event("order.completed", event_id="")))
    assert [letter["reason"] for letter in shop.driver.take("dead-letters")] == ["wrong_type", "bad_value"]
    assert not shop.driver.entries
    assert shop.says("payment.failed") == [("notify", "payment_failed")]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00"])
@pytest.mark.parametrize("kind", ["payment.failed", "order.paid", "order.completed"])
def test_the_edges_of_time_are_moments_like_others(shop: Shop, kind: str, at: str) -> None:
    shop.driver.feed(published(event("payment.failed", event_id="X") | {"occurred_at": at}))
    shop.driver.feed(published(event(kind) | {"occurred_at": at}))
    assert not shop.driver.take("dead-letters")
    assert len(shop.driver.sent) == 2

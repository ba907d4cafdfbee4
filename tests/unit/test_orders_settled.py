"""What settles an exception, and when an order is over."""

import pytest

from schemas.times import DAY, HOUR, MINUTE
from tests.driver import NOON, wire
from tests.unit.an_order import EXCEPTIONS, Shop
from tests.unit.rules import RULES

SETTLED_BY = [
    ("payment.failed", "order.paid"),
    ("stock.shortage", "stock.replenished"),
    ("address.undeliverable", "address.corrected"),
]


@pytest.fixture
def shop() -> Shop:
    return Shop()


# Settles.


@pytest.mark.parametrize(("kind", "settling"), SETTLED_BY)
def test_a_settle_follows_where_something_was_told(shop: Shop, kind: str, settling: str) -> None:
    shop.says(kind, at=NOON)
    shop.driver.advance(HOUR)
    shop.says(settling, at=NOON + MINUTE, event_id="S")
    command = shop.last[0]
    name = kind.replace(".", "_")
    assert command.pop("command_id").startswith("cmd_")
    assert command == {
        "action": "settle",
        "kind": name,
        "subject": f"A1:{name}" + (":S1" if kind == "stock.shortage" else ""),
        "audience": "buyer",
        "urgency": "urgent",
        "customer_id": "C1",
        "order_id": "A1",
        "facts": {},
        "event_id": "S",
        "occurred_at": wire(NOON + MINUTE),
        "detected_at": wire(NOON + HOUR),
        "settles_before": wire(NOON + MINUTE),
        "rules": RULES.hash,
    }


@pytest.mark.parametrize(("kind", "settling"), SETTLED_BY)
def test_a_settle_that_comes_first_settles_what_occurred_at_or_before_it(shop: Shop, kind: str, settling: str) -> None:
    assert shop.says(settling, at=NOON) == []
    assert shop.says(kind, at=NOON) == [("settled", "resolved")]
    assert shop.says(kind, at=NOON - DAY) == [("settled", "resolved")]
    assert shop.says(kind, at=NOON + 1) == [("notify", kind.replace(".", "_"))]


@pytest.mark.parametrize(("kind", "settling"), SETTLED_BY)
def test_a_settle_ends_the_window(shop: Shop, kind: str, settling: str) -> None:
    shop.says(kind, at=NOON)
    shop.says(settling, at=NOON)
    assert shop.says(kind, at=NOON + 1)[0] == ("notify", kind.replace(".", "_"))
    assert shop.says(kind, at=NOON + 2) == [("duplicate", "repeated")]


def test_a_settle_that_is_older_than_what_was_told_leaves_its_window_open(shop: Shop) -> None:
    shop.says("payment.failed", at=NOON)
    shop.says("order.paid", at=NOON - 1)
    assert shop.says("payment.failed", at=NOON + 1) == [("duplicate", "repeated")]


def test_the_newest_settle_counts_whichever_comes_first(shop: Shop) -> None:
    shop.says("order.paid", at=NOON)
    shop.says("order.paid", at=NOON - HOUR)
    assert shop.says("payment.failed", at=NOON - MINUTE) == [("settled", "resolved")]


def test_a_settle_settles_its_own_subject_only(shop: Shop) -> None:
    shop.says("stock.replenished", sku="S2", at=NOON + HOUR)
    shop.says("order.paid", at=NOON + HOUR)
    assert shop.says("stock.shortage", at=NOON) == [("notify", "stock_shortage")]
    assert shop.says("stock.replenished", sku="S2") == []
    assert shop.says("stock.replenished", sku="S1")[0] == ("settle", "stock_shortage")


def test_goods_that_are_short_and_back_at_one_instant_are_back(shop: Shop) -> None:
    shop.says("stock.shortage", sku="S1", at=NOON)
    shop.says("stock.replenished", sku="S1", at=NOON + HOUR)
    assert ("settle", "stock_replenished") in shop.says("stock.shortage", sku="S1", at=NOON + 2 * HOUR)
    assert ("notify", "stock_replenished") in shop.says("stock.replenished", sku="S1", at=NOON + 2 * HOUR)


# The end of an order.


def test_a_completed_order_settles_all(shop: Shop) -> None:
    command = shop.command("order.completed", event_id="X")
    assert (command["kind"], command["subject"], command["urgency"]) == ("*", "A1:*", "urgent")
    assert (command["event_id"], command["settles_before"], command["facts"]) == ("X", wire(NOON), {})


@pytest.mark.parametrize("by", ["merchant", "system"])
def test_a_cancelled_order_is_told_and_settles_all_else(shop: Shop, by: str) -> None:
    shop.says("payment.failed")
    written = shop.says("order.cancelled", cancelled_by=by, event_id="X")
    assert written == [("notify", "order_cancelled"), ("settle", "*")]
    assert {command["event_id"] for command in shop.last} == {"X"}


def test_what_the_customer_cancelled_is_not_told_but_settles_all(shop: Shop) -> None:
    assert shop.says("order.cancelled", cancelled_by="customer") == [("settle", "*")]


@pytest.mark.parametrize("closing", ["order.completed", "order.cancelled"])
@pytest.mark.parametrize("kind", EXCEPTIONS)
def test_what_is_found_on_an_order_that_is_over_is_settled_whenever_it_occurred(
    shop: Shop, closing: str, kind: str
) -> None:
    shop.says(closing, cancelled_by="customer")
    for at in (NOON - DAY, NOON, NOON + HOUR):
        assert ("settled", "order_closed") in shop.says(kind, at=at)
        assert all(command["action"] == "settle" for command in shop.last if "action" in command)


def test_the_end_of_an_order_is_looked_at_before_repeats_and_settles(shop: Shop) -> None:
    shop.says("payment.failed", at=NOON)
    shop.says("order.paid", at=NOON)
    shop.says("order.completed")
    assert shop.says("payment.failed", at=NOON) == [("settled", "order_closed")]


def test_each_new_event_that_closes_an_order_settles_all(shop: Shop) -> None:
    for kind in ("order.completed", "order.completed"):
        assert shop.says(kind) == [("settle", "*")]
    assert shop.says("order.cancelled", cancelled_by="customer") == [("settle", "*")]


def test_a_second_cancellation_does_not_settle_the_first(shop: Shop) -> None:
    shop.says("order.cancelled", cancelled_by="merchant")
    assert shop.says("order.cancelled", cancelled_by="system") == [("settled", "order_closed")]


@pytest.mark.parametrize("closing", ["order.completed", "order.cancelled"])
def test_any_other_end_settles_a_cancellation(shop: Shop, closing: str) -> None:
    shop.says("order.cancelled", cancelled_by="merchant")
    assert shop.says(closing, cancelled_by="customer") == [("settle", "*")]


def test_of_an_order_that_is_over_only_what_decides_is_kept(shop: Shop) -> None:
    shop.says("order.completed")
    shop.says("order.placed")
    [entry] = shop.driver.entries.values()
    assert entry.placed is None


@pytest.mark.parametrize("kind", ["order.placed", "payment.failed", "order.completed"])
def test_an_order_is_forgotten_30_days_after_its_last_news(shop: Shop, kind: str) -> None:
    shop.says("order.placed")
    shop.driver.advance(20 * DAY)
    shop.says(kind)
    shop.driver.advance(30 * DAY - 1)
    assert shop.driver.entries
    shop.driver.advance(1)
    assert not shop.driver.entries


def test_what_comes_again_is_no_news(shop: Shop) -> None:
    shop.says("order.placed", event_id="X")
    shop.driver.advance(20 * DAY)
    shop.says("order.placed", event_id="X")
    shop.driver.advance(10 * DAY)
    assert not shop.driver.entries

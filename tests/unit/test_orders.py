"""What goes wrong with an order: what is told, what is a repeat, what settles it, and when an order is over."""

from collections import Counter
from typing import Any

import pytest

from agents import orders
from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros
from streams.operators.exceptions import MOST_ALTERNATIVES
from streams.operators.order import MOST_SEEN, Order
from streams.policy.rules import Rules
from tests.driver import START, Driver, rfc3339
from tests.events import ITEM, event, published
from tests.unit.rules import RULES, rules_with

NOON = START + 12 * HOUR
EXCEPTIONS = ("payment.failed", "stock.shortage", "address.undeliverable", "order.cancelled")
SETTLED_BY = [
    ("payment.failed", "order.paid"),
    ("stock.shortage", "stock.replenished"),
    ("address.undeliverable", "address.corrected"),
]


def wire(at: Micros) -> str:
    """The moment as we write it."""
    return rfc3339(at).replace("+00:00", "Z")


class Shop:
    """Order A1 of customer C1, and what is written of it."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.driver: Driver[Order] = Driver(orders.kind(), rules, now=NOON)
        self._number = 0

    @property
    def now(self) -> Micros:
        return self.driver.wall

    def says(
        self,
        kind: str,
        *,
        at: Micros | None = None,
        event_id: str = "",
        timestamp: Micros | None = None,
        at_end: bool = True,
        **fields: Any,
    ) -> list[tuple[str, ...]]:
        """An event that occurred ``at`` (now, if nothing is said) and is read now; what is written then."""
        self._number += 1
        at = self.now if at is None else at
        said = event(kind, at=at, event_id=event_id or f"E{self._number}", **fields)
        self.driver.feed(published(said, self.now if timestamp is None else timestamp), at_end=at_end)
        return self.written()

    def written(self) -> list[tuple[str, ...]]:
        """In short: ``notify`` or ``settle`` and its kind, or outcome and reason."""
        sent, self.driver.sent = self.driver.sent, []
        self.last = [one.value for one in sent]
        return [
            (one["action"], one["kind"]) if "action" in one else (one["outcome"], one["reason"]) for one in self.last
        ]

    def command(self, kind: str, **fields: Any) -> Any:
        """The one command that an event makes."""
        self.says(kind, **fields)
        [command] = self.last
        return command


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

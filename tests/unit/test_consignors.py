"""What consignors are told of: whose goods are short or cancelled, once each, and never anything of the buyer's."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.times import DAY, HOUR, MINUTE
from streams.policy.reasons import OUR_WORDS, cancellation_reason, cancellation_word
from tests.driver import NOON, wire
from tests.events import ITEM, Event, event, published
from tests.unit.an_order import Shop
from tests.unit.rules import RULES

OF_N1 = ITEM | {"consignor_id": "N1"}
OF_N2 = ITEM | {"sku": "S2", "name": "腰带", "consignor_id": "N2"}


@pytest.fixture
def shop() -> Shop:
    return Shop()


def heard(shop: Shop, audience: str = "consignor") -> list[tuple[str, ...]]:
    """Of what was written last for an audience: for whom, what, and of what kind."""
    return [
        (one["customer_id"], one.get("action") or one["outcome"], one["kind"])
        for one in shop.last
        if one["audience"] == audience
    ]


def to(shop: Shop, consignor: str) -> Any:
    """The one command that was last written to tell a consignor."""
    [command] = [c for c in shop.last if c["customer_id"] == consignor and c.get("action") == "notify"]
    return command


# Who hears.


def test_the_consignor_that_a_shortage_names_is_told(shop: Shop) -> None:
    shop.says("stock.shortage", consignor_id="N1", event_id="X", merchant_id="M1", at=NOON - MINUTE)
    command = to(shop, "N1")
    assert command.pop("command_id").startswith("cmd_")
    assert command == {
        "action": "notify",
        "kind": "stock_shortage",
        "subject": "A1:stock_shortage:S1",
        "audience": "consignor",
        "urgency": "urgent",
        "customer_id": "N1",
        "order_id": "A1",
        "merchant_id": "M1",
        "facts": {"sku": "S1", "name": "羊毛大衣"},
        "event_id": "X",
        "occurred_at": wire(NOON - MINUTE),
        "detected_at": wire(NOON),
        "notify_by": wire(NOON + 5 * MINUTE),
        "rules": RULES.hash,
    }


def test_a_consignor_is_told_under_its_own_key(shop: Shop) -> None:
    shop.driver.feed(published(event("stock.shortage", consignor_id="N1")))
    assert [(sent.topic, sent.key) for sent in shop.driver.sent] == [
        ("notification-commands", "C1"),
        ("notification-commands", "N1"),
    ]


def test_where_a_shortage_names_none_the_item_s_consignor_is_told(shop: Shop) -> None:
    shop.says("order.placed", items=[OF_N1, OF_N2])
    shop.says("stock.shortage", sku="S2")
    assert heard(shop) == [("N2", "notify", "stock_shortage")]
    shop.says("stock.shortage", sku="S1", consignor_id="N9")
    assert heard(shop) == [("N9", "notify", "stock_shortage")]


def test_each_consignor_of_a_cancelled_order_is_told_once(shop: Shop) -> None:
    shop.says("order.placed", items=[OF_N1, OF_N2, ITEM, OF_N1 | {"sku": "S4"}])
    shop.says("order.cancelled")
    told = [("N1", "notify", "order_cancelled"), ("N2", "notify", "order_cancelled")]
    assert heard(shop) == [*told, ("N1", "settle", "*"), ("N2", "settle", "*")]
    assert heard(shop, "buyer") == [("C1", "notify", "order_cancelled"), ("C1", "settle", "*")]


@pytest.mark.parametrize("kind", ["payment.failed", "address.undeliverable"])
def test_a_consignor_hears_of_nothing_else(shop: Shop, kind: str) -> None:
    shop.says("order.placed", items=[OF_N1])
    shop.says(kind)
    assert heard(shop) == []


def test_what_the_customer_cancelled_is_not_told_to_a_consignor(shop: Shop) -> None:
    shop.says("order.placed", items=[OF_N1])
    shop.says("order.cancelled", cancelled_by="customer")
    assert heard(shop) == []


def test_where_the_consignor_is_unknown_nothing_is_written_for_it(shop: Shop) -> None:
    shop.says("stock.shortage")
    shop.says("stock.shortage")
    shop.says("order.placed", items=[ITEM])
    for kind in ("stock.shortage", "order.cancelled", "order.cancelled"):
        shop.says(kind)
        assert heard(shop) == []


def test_a_consignor_who_is_the_buyer_hears_as_both(shop: Shop) -> None:
    shop.says("order.placed", items=[ITEM | {"consignor_id": "C1"}])
    shop.says("order.cancelled")
    assert [(c["audience"], c["action"]) for c in shop.last] == [
        ("buyer", "notify"),
        ("consignor", "notify"),
        ("buyer", "settle"),
        ("consignor", "settle"),
    ]
    assert len({command["command_id"] for command in shop.last}) == 4


def test_the_ids_of_one_event_s_commands_differ_and_follow_from_it(shop: Shop) -> None:
    ids = []
    for late in (0, HOUR):
        shop = Shop()
        shop.says("order.placed", items=[OF_N1, OF_N2])
        shop.driver.advance(late)
        shop.says("order.cancelled", at=NOON, event_id="X")
        ids.append([command["command_id"] for command in shop.last])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 6


# Repeats and settles.


def test_each_has_a_window_of_its_own(shop: Shop) -> None:
    shop.says("stock.shortage", at=NOON)
    shop.says("order.placed", items=[OF_N1])
    shop.says("stock.shortage", at=NOON)
    assert heard(shop, "buyer") == [("C1", "duplicate", "stock_shortage")]
    assert heard(shop) == [("N1", "notify", "stock_shortage")]
    shop.says("stock.shortage", at=NOON + DAY - 1, event_id="X")
    assert heard(shop) == [("N1", "duplicate", "stock_shortage")]
    [decision] = [one for one in shop.last if one["audience"] == "consignor"]
    assert (decision["event_id"], decision["reason"]) == ("X", "repeated")
    shop.says("stock.shortage", at=NOON + DAY)
    assert heard(shop) == [("N1", "notify", "stock_shortage")]


def test_a_settle_that_comes_first_is_everybody_s(shop: Shop) -> None:
    shop.says("stock.replenished", at=NOON)
    shop.says("stock.shortage", at=NOON, consignor_id="N1")
    assert heard(shop, "buyer") == [("C1", "settled", "stock_shortage")]
    assert heard(shop) == [("N1", "settled", "stock_shortage")]


def test_what_was_told_to_a_consignor_is_settled_for_it(shop: Shop) -> None:
    shop.says("stock.shortage", consignor_id="N1")
    shop.says("stock.shortage", consignor_id="N2")
    shop.says("stock.replenished", event_id="S")
    assert heard(shop) == [("N1", "settle", "stock_shortage"), ("N2", "settle", "stock_shortage")]
    assert len({command["command_id"] for command in shop.last}) == len(shop.last)
    shop.says("stock.shortage", at=NOON + 1, consignor_id="N1")
    assert heard(shop) == [("N1", "notify", "stock_shortage")]


@pytest.mark.parametrize(
    ("kind", "by"), [("order.completed", "merchant"), ("order.cancelled", "merchant"), ("order.cancelled", "customer")]
)
def test_the_end_of_an_order_settles_what_its_consignors_were_told(shop: Shop, kind: str, by: str) -> None:
    shop.says("stock.shortage", consignor_id="N1")
    shop.says(kind, cancelled_by=by)
    assert heard(shop) == [("N1", "settle", "*")]


def test_the_end_of_an_order_is_nothing_to_consignors_who_heard_nothing(shop: Shop) -> None:
    shop.says("order.placed", items=[OF_N1])
    shop.says("order.completed")
    assert heard(shop) == []


def test_a_second_cancellation_keeps_no_consignor_from_hearing_of_the_first(shop: Shop) -> None:
    shop.says("order.placed", items=[OF_N1])
    shop.says("order.cancelled")
    shop.says("order.cancelled")
    assert heard(shop) == []


def test_of_an_order_that_is_over_a_consignor_is_not_told(shop: Shop) -> None:
    shop.says("order.completed")
    shop.says("stock.shortage", consignor_id="N1")
    assert heard(shop) == [("N1", "settled", "stock_shortage")]


def test_what_consignors_were_told_is_known_to_a_new_owner(shop: Shop) -> None:
    shop.says("stock.shortage", consignor_id="N1")
    shop.driver.restart()
    shop.says("stock.shortage", consignor_id="N1")
    assert heard(shop) == [("N1", "duplicate", "stock_shortage")]
    shop.says("order.completed")
    assert heard(shop) == [("N1", "settle", "*")]


# What is told of it.


def test_what_a_consignor_is_told_of_a_shortage(shop: Shop) -> None:
    shop.says("order.placed", items=[OF_N1 | {"unique": True}, OF_N2], amount="8600.00")
    shop.says("order.paid")
    shop.says("stock.shortage", name="大衣", restock_at="2025-12-01", alternatives=[{"sku": "S8", "name": "替代款"}])
    assert to(shop, "N1")["facts"] == {
        "sku": "S1",
        "name": "大衣",
        "item_name": "羊毛大衣",
        "restock_at": "2025-12-01",
        "unique": True,
    }


def test_goods_of_another_consignor_are_not_named(shop: Shop) -> None:
    shop.says("order.placed", items=[OF_N2 | {"sku": "S1", "unique": True}])
    shop.says("stock.shortage", name="大衣", consignor_id="N1")
    assert to(shop, "N1")["facts"] == {"sku": "S1", "name": "大衣"}


def test_what_a_consignor_is_told_of_a_cancellation(shop: Shop) -> None:
    shop.says("order.placed", items=[OF_N2, OF_N1, OF_N1 | {"sku": "S3", "name": "围巾"}], amount="8600.00")
    shop.says("order.cancelled", reason="王芳说缺货", amount="8600.00", refund_days=3, paid=True)
    assert to(shop, "N1")["facts"] == {
        "cancelled_by": "merchant",
        "reason": "商品缺货",
        "item_name": "羊毛大衣",
        "item_count": 2,
    }
    assert to(shop, "N2")["facts"] == {"cancelled_by": "merchant", "reason": "商品缺货", "item_name": "腰带"}


def test_a_reason_that_can_not_be_put_in_our_words_is_left_out(shop: Shop) -> None:
    shop.says("order.placed", items=[OF_N1])
    shop.says("order.cancelled", reason="王芳退单", cancelled_by="system")
    assert to(shop, "N1")["facts"] == {"cancelled_by": "system", "item_name": "羊毛大衣"}


def test_that_the_buyer_did_not_pay_is_not_said_of_an_order_that_was_paid(shop: Shop) -> None:
    shop.says("order.placed", items=[OF_N1])
    shop.says("order.paid")
    shop.says("order.cancelled", reason="超时未支付")
    assert "reason" not in to(shop, "N1")["facts"]


@pytest.mark.parametrize("by", ["merchant", "system"])
@pytest.mark.parametrize("word", sorted({found for word in OUR_WORDS if (found := cancellation_word(word))}))
def test_our_words_are_told_as_they_are(word: str, by: str) -> None:
    assert cancellation_reason({"reason": word, "cancelled_by": by}, "consignor") == word


SECRET = "王芳TOP"
"""Stands in all that is the buyer's, and in what may be."""

SECRETS = st.sampled_from(
    (SECRET, f"应{SECRET}要求，缺货", f"{SECRET}的地址无法配送", f"{SECRET}未付款", f"13900000001{SECRET}")
)
PAID = st.sampled_from((True, False, None))
LINES = st.lists(
    st.sampled_from(
        (
            OF_N1,
            OF_N1 | {"sku": "S3", "unique": True},
            ITEM | {"sku": "S5"},
            ITEM | {"sku": "S6", "consignor_id": "C9TOP"},
        )
    ),
    max_size=4,
)


def buyers(data: st.DataObject, kind: str, **fields: Any) -> Event:
    """An event in which whatever may be the buyer's bears the mark, unknown fields too."""
    marked: dict[str, Event] = {
        "order.placed": {"amount": "77777.77", "buyer_name": SECRET},
        "payment.failed": {"reason": SECRET, "reason_text": SECRET},
        "address.undeliverable": {"address": SECRET, "reason": SECRET, "area": SECRET},
        "stock.shortage": {"alternatives": [{"sku": "TOP", "name": SECRET}], "receiver": {"phone": SECRET}},
        "order.cancelled": {
            "reason": data.draw(SECRETS),
            "amount": "77777.77",
            "refund_days": "77-777",
            "paid": data.draw(PAID),
            "note": SECRET,
        },
    }
    return event(kind, customer_id="C1TOP", event_id=data.draw(st.uuids()).hex) | marked.get(kind, {}) | fields


@given(st.data(), LINES, st.lists(st.sampled_from(("order.paid", "payment.failed", "address.undeliverable"))))
def test_nothing_of_the_buyer_s_reaches_a_consignor(data: st.DataObject, lines: list[Event], before: list[str]) -> None:
    shop = Shop()
    of_others = [line | {"name": SECRET} if line.get("consignor_id") != "N1" else line for line in lines]
    comes = [buyers(data, "order.placed", items=of_others), *(buyers(data, kind) for kind in before)]
    comes += [buyers(data, "stock.shortage", sku=sku, consignor_id="N1") for sku in ("S1", "S3")]
    comes += [buyers(data, "stock.replenished"), buyers(data, "order.cancelled")]
    shop.driver.feed(*map(published, comes))
    told = [sent for sent in shop.driver.sent if sent.key == "N1"]
    assert len(told) >= 4
    for sent in told:
        assert not [value for value in sent.value["facts"].values() if "TOP" in str(value) or "777" in str(value)]
        assert "TOP" not in str(sent.value | {"order_id": ""})


@given(st.data())
def test_in_any_order_and_however_often_a_consignor_is_told_what_the_buyer_is(data: st.DataObject) -> None:
    """Where the events themselves name it, a consignor is a second buyer: same commands, same decisions."""
    kinds = st.sampled_from(("stock.shortage", "stock.shortage", "stock.replenished", "order.completed"))
    history = [
        event(kind, at=NOON - hours * HOUR, event_id=f"E{number}")
        | ({"consignor_id": "N1"} if kind == "stock.shortage" else {})
        for number, (kind, hours) in enumerate(data.draw(st.lists(st.tuples(kinds, st.integers(0, 30)), max_size=8)))
    ]
    coming = data.draw(st.permutations(history * 2))
    shop = Shop()
    shop.driver.feed(*map(published, coming))
    written = [sent.value for sent in shop.driver.sent]
    told = [w for w in written if w["kind"] == "stock_shortage"]
    views = [
        [
            (w["event_id"], w.get("action"), w.get("outcome"), w.get("settles_before"), w["kind"])
            for w in told
            if w["audience"] == audience
        ]
        for audience in ("buyer", "consignor")
    ]
    assert views[0] == views[1]
    ids = [w["command_id"] for w in written]
    assert len(set(ids)) == len(ids)
    again = Shop()
    again.driver.feed(*map(published, coming))
    assert [sent.value["command_id"] for sent in again.driver.sent] == ids

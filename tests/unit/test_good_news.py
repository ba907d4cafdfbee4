"""Good news: what was told to be wrong, and has come right while it can still matter, is told once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import shipments
from schemas.times import DAY, HOUR, MINUTE, Micros
from streams.policy.good_news import trouble_of
from streams.policy.rules import Rules
from tests.driver import NOON, Driver, wire
from tests.events import ITEM, Event, event, published
from tests.unit.a_parcel import Parcel
from tests.unit.an_order import Shop
from tests.unit.rules import RULES, rules_with

BACK = ("notify", "stock_replenished")
OFF = rules_with("[kinds.stock_replenished]\nchannels = []\n[kinds.shipment_resumed]\nchannels = []")
SETTLED = [("settle", "stock_shortage")]


@pytest.fixture
def shop() -> Shop:
    return Shop()


# Goods that are back.


def test_goods_that_are_back_are_good_news(shop: Shop) -> None:
    shop.says("order.placed", items=[ITEM])
    shop.says("stock.shortage", at=NOON)
    shop.driver.advance(HOUR)
    assert shop.says("stock.replenished", at=NOON + MINUTE, event_id="R") == [*SETTLED, BACK]
    command = shop.last[1]
    assert command.pop("command_id").startswith("cmd_")
    assert command == {
        "action": "notify",
        "kind": "stock_replenished",
        "subject": "A1:stock_replenished:S1",
        "audience": "buyer",
        "urgency": "routine",
        "customer_id": "C1",
        "order_id": "A1",
        "facts": {"sku": "S1", "amount": "1299.00", "item_name": "羊毛大衣"},
        "event_id": "R",
        "occurred_at": wire(NOON + MINUTE),
        "detected_at": wire(NOON + HOUR),
        "notify_by": wire(NOON + 2 * HOUR),
        "rules": RULES.hash,
    }


def test_its_subject_leads_to_that_of_the_trouble(shop: Shop) -> None:
    shop.says("stock.shortage")
    trouble = shop.last[0]["subject"]
    shop.says("stock.replenished")
    assert trouble_of("stock_replenished", shop.last[1]["subject"]) == trouble


def test_good_news_at_night_waits_for_the_morning() -> None:
    shop = Shop()
    shop.driver.advance(11 * HOUR)
    shop.says("stock.shortage")
    shop.says("stock.replenished")
    assert shop.last[1]["notify_by"] == wire(NOON + 21 * HOUR)


def test_goods_of_which_nothing_was_let_through_are_no_news(shop: Shop) -> None:
    assert shop.says("stock.replenished", at=NOON) == []
    assert shop.says("stock.shortage", at=NOON) == [("settled", "resolved")]
    assert shop.says("stock.replenished", at=NOON + 1) == []


def test_goods_that_are_back_again_are_no_news(shop: Shop) -> None:
    shop.says("stock.shortage", at=NOON)
    shop.says("stock.replenished", at=NOON)
    assert shop.says("stock.replenished", at=NOON + 1) == SETTLED
    assert shop.says("stock.replenished", at=NOON - 1) == SETTLED


def test_goods_that_were_back_before_they_were_short_are_no_news(shop: Shop) -> None:
    shop.says("stock.shortage", at=NOON)
    assert shop.says("stock.replenished", at=NOON - 1) == SETTLED
    assert shop.says("stock.replenished", at=NOON + 1) == [*SETTLED, BACK]


def test_while_the_latest_shortage_lasts_the_end_of_an_older_one_is_no_news(shop: Shop) -> None:
    shop.says("stock.shortage", at=NOON)
    assert shop.says("stock.shortage", at=NOON - DAY) == [("notify", "stock_shortage")]
    assert shop.says("stock.replenished", at=NOON - HOUR) == SETTLED


@pytest.mark.parametrize("closing", ["order.completed", "order.cancelled"])
def test_of_an_order_that_is_over_nothing_is_good_news(shop: Shop, closing: str) -> None:
    shop.says("stock.shortage")
    shop.says(closing)
    assert shop.says("stock.replenished") == SETTLED


def test_goods_that_are_short_once_more_end_the_good_news(shop: Shop) -> None:
    shop.says("stock.shortage", at=NOON)
    shop.says("stock.replenished", at=NOON + 1)
    written = shop.says("stock.shortage", at=NOON + 2, event_id="X")
    assert written == [("notify", "stock_shortage"), ("settle", "stock_replenished")]
    over = shop.last[1]
    assert (over["subject"], over["event_id"]) == ("A1:stock_replenished:S1", "X")
    assert (over["settles_before"], over["urgency"]) == (wire(NOON + 1), "routine"), "what is of the same instant stays"
    assert shop.says("stock.shortage", at=NOON + 3) == [("duplicate", "repeated")]
    assert shop.says("stock.replenished", at=NOON + 4) == [*SETTLED, BACK]


def test_good_news_that_was_ended_is_not_ended_again(shop: Shop) -> None:
    shop.says("stock.shortage", at=NOON)
    shop.says("stock.replenished", at=NOON + 1)
    shop.says("stock.shortage", at=NOON + 2 + DAY)
    assert shop.says("stock.shortage", at=NOON + 2) == [("notify", "stock_shortage")], "late, a day before the latest"


def test_a_consignor_hears_no_good_news(shop: Shop) -> None:
    shop.says("stock.shortage", consignor_id="N1")
    shop.says("stock.replenished")
    assert [(one["audience"], one["action"], one["kind"]) for one in shop.last] == [
        ("buyer", "settle", "stock_shortage"),
        ("consignor", "settle", "stock_shortage"),
        ("buyer", "notify", "stock_replenished"),
    ]


def test_where_no_channel_is_named_there_is_no_good_news() -> None:
    shop = Shop(OFF)
    shop.says("stock.shortage")
    assert shop.says("stock.replenished") == SETTLED


def test_good_news_is_switched_on_by_a_tier_alone() -> None:
    off = '[kinds.stock_replenished]\nchannels = []\nchannels_by_tier = { vip = ["sms"] }'
    shop = Shop(rules_with(off))
    shop.says("stock.shortage")
    assert shop.says("stock.replenished") == [*SETTLED, BACK]


# Parcels that move again.


@pytest.fixture
def parcel() -> Parcel:
    return stalled()


def stalled(rules: Rules = RULES) -> Parcel:
    """A parcel dispatched at noon, whose silence was told at noon."""
    parcel = Parcel(rules)
    parcel.hears("dispatched", event_id="D")
    assert parcel.told(DAY) == [("notify", "D")]
    return parcel


def told(parcel: Parcel, by: Micros = 0) -> list[tuple[str, str, str]]:
    return [(one["action"], one["kind"], one["event_id"]) for one in parcel.waits(by)]


def resumed(event_id: str) -> list[tuple[str, str, str]]:
    return [("settle", "shipment_stalled", event_id), ("notify", "shipment_resumed", event_id)]


@pytest.mark.parametrize("kind", ["scanned", "dispatched"])
def test_a_parcel_that_moves_again_is_good_news(parcel: Parcel, kind: str) -> None:
    parcel.driver.advance(HOUR)
    parcel.hears(kind, event_id="U", at=parcel.now - MINUTE, location="嘉兴", promised_at="2025-11-27T00:00:00Z")
    settle, command = parcel.written()
    assert (settle["action"], settle["kind"]) == ("settle", "shipment_stalled")
    assert command.pop("command_id").startswith("cmd_")
    assert command == {
        "action": "notify",
        "kind": "shipment_resumed",
        "subject": "A1:shipment_resumed:T1",
        "audience": "buyer",
        "urgency": "routine",
        "customer_id": "C1",
        "order_id": "A1",
        "tracking_no": "T1",
        "facts": {"carrier": "sf"},
        "event_id": "U",
        "occurred_at": wire(NOON + 25 * HOUR - MINUTE),
        "detected_at": wire(NOON + 25 * HOUR),
        "notify_by": wire(NOON + 26 * HOUR),
        "rules": RULES.hash,
    }
    assert trouble_of("shipment_resumed", command["subject"]) == settle["subject"]


def test_a_parcel_that_goes_on_moving_is_no_more_news(parcel: Parcel) -> None:
    parcel.hears("scanned", event_id="S1")
    parcel.hears("scanned", event_id="S2")
    parcel.hears("scanned", event_id="S2")
    assert told(parcel) == resumed("S1")


@pytest.mark.parametrize("kind", ["delivered", "returned"])
def test_an_end_is_no_good_news(parcel: Parcel, kind: str) -> None:
    parcel.hears(kind, event_id="X")
    assert told(parcel) == [("settle", "shipment_stalled", "X")]


def test_an_older_movement_is_no_news(parcel: Parcel) -> None:
    parcel.hears("scanned", at=NOON - 1)
    assert told(parcel) == []


def test_a_delay_report_is_no_movement_but_what_comes_after_it_is(parcel: Parcel) -> None:
    parcel.hears("delay_reported", event_id="R1")
    parcel.hears("delay_reported", event_id="R2")
    assert told(parcel) == [("settle", "shipment_stalled", "R1")]
    parcel.driver.restart()
    parcel.hears("scanned", at=NOON, event_id="old")
    parcel.hears("scanned", event_id="S")
    assert told(parcel) == [("notify", "shipment_resumed", "S")]
    parcel.hears("scanned")
    assert told(parcel) == []


def test_a_movement_of_long_ago_is_told_as_the_next_stall(parcel: Parcel) -> None:
    parcel.driver.advance(6 * HOUR)
    parcel.hears("scanned", at=NOON + HOUR, event_id="S")
    assert told(parcel) == [("settle", "shipment_stalled", "S"), ("notify", "shipment_stalled", "S")]
    parcel.hears("scanned", event_id="S2")
    assert told(parcel) == resumed("S2")


def test_the_next_stall_ends_the_good_news(parcel: Parcel) -> None:
    parcel.hears("scanned", event_id="S")
    assert told(parcel) == resumed("S")
    parcel.driver.restart()
    settle, stall = parcel.waits(DAY)
    assert (settle["kind"], settle["event_id"], settle["subject"]) == (
        "shipment_resumed",
        "S",
        "A1:shipment_resumed:T1",
    )
    assert settle["settles_before"] == stall["occurred_at"] == wire(NOON + DAY)
    parcel.hears("scanned", event_id="S2")
    assert told(parcel) == resumed("S2")


def test_an_end_ends_the_good_news(parcel: Parcel) -> None:
    parcel.hears("scanned", event_id="S")
    parcel.hears("scanned", event_id="S2")
    assert told(parcel) == resumed("S")
    parcel.hears("delivered", at=NOON, event_id="X")
    [settle] = parcel.written()
    assert (settle["action"], settle["kind"], settle["event_id"]) == ("settle", "shipment_resumed", "X")
    assert (settle["occurred_at"], settle["settles_before"]) == (wire(NOON), wire(NOON + DAY))
    parcel.hears("returned")
    assert told(parcel) == []


def test_a_parcel_that_is_another_order_s_now_is_no_news(parcel: Parcel) -> None:
    parcel.hears("dispatched", event_id="D2", order_id="A2", customer_id="C2")
    parcel.hears("scanned")
    assert told(parcel) == [("settle", "shipment_stalled", "D2")]


def test_where_no_channel_is_named_no_parcel_is_good_news() -> None:
    parcel = stalled(OFF)
    parcel.hears("scanned", event_id="S")
    parcel.hears("scanned")
    assert told(parcel) == [("settle", "shipment_stalled", "S")]


def test_a_movement_that_a_backlog_shows_was_found_when_it_was_published(parcel: Parcel) -> None:
    parcel.driver.restart()
    parcel.driver.advance(2 * DAY, caught_up=False)
    at = NOON + DAY + HOUR
    parcel.hears("scanned", event_id="S", at=at, timestamp=at + MINUTE, at_end=False)
    settle, command = parcel.written()
    assert command["detected_at"] == settle["detected_at"] == wire(at + MINUTE)
    parcel.driver.advance(0)
    assert told(parcel) == [("settle", "shipment_resumed", "S"), ("notify", "shipment_stalled", "S")]


# In any order.

SAID = st.lists(
    st.tuples(
        st.sampled_from(("stock.shortage", "stock.shortage", "stock.replenished", "order.completed", "order.placed")),
        st.integers(0, 60),
        st.sampled_from(("S1", "S2")),
    ),
    max_size=9,
)


@given(st.data(), SAID)
def test_good_news_follows_what_was_let_through_and_is_open_once_for_each(
    data: st.DataObject, said: list[tuple[str, int, str]]
) -> None:
    """Whatever comes in whatever order: what is told in turn is trouble, then good news, for each of the goods."""
    history = [event(kind, at=NOON - hours * HOUR, event_id=f"E{n}") for n, (kind, hours, _) in enumerate(said)]
    history = [one | ({"sku": sku} if "sku" in one else {}) for one, (_, _, sku) in zip(history, said, strict=True)]
    written = run(data.draw(st.permutations(history + history[:3])))
    closed = False
    open_: dict[str, str | None] = {"S1": None, "S2": None}
    pending = dict[str, bool]()
    for one in written:
        kind, notify = one["kind"], one.get("action") == "notify"
        sku = one.get("subject", "").rpartition(":")[2]
        if kind == "*":
            closed = True
        elif kind == "stock_shortage" and notify:
            open_[sku] = max(open_[sku] or "", one["occurred_at"])
        elif kind == "stock_replenished" and notify:
            trouble = open_[sku]
            assert not closed
            assert trouble is not None
            assert trouble <= one["occurred_at"]
            assert not pending.get(sku)
            open_[sku], pending[sku] = None, True
        elif kind == "stock_replenished":
            assert pending.pop(sku)
    assert not any(pending.get(sku) and open_[sku] for sku in open_)
    ids = [one["command_id"] for one in written]
    assert len(set(ids)) == len(ids)


def run(coming: list[Event]) -> list[Any]:
    shop = Shop()
    for one in coming:
        shop.driver.feed(published(one))
    written = [sent.value for sent in shop.driver.sent]
    again = Shop()
    again.driver.feed(*map(published, coming))
    assert [sent.value["command_id"] for sent in again.driver.sent] == [one["command_id"] for one in written]
    return written


MOVES = st.lists(
    st.tuples(
        st.sampled_from(("scanned", "scanned", "dispatched", "delay_reported", "delivered")),
        st.integers(0, 60),
        st.integers(0, 20),  # hours to the next: in all less than the 7 days for which an end is known
    ),
    max_size=8,
)


@given(MOVES)
def test_good_news_of_a_parcel_follows_a_stall_that_was_told_once_for_each(moves: list[tuple[str, int, int]]) -> None:
    driver = Driver(shipments.kind(), RULES, now=NOON)
    driver.feed(published(event("shipment.dispatched", at=NOON - HOUR, event_id="E"), NOON))
    ended = False
    for number, (kind, old, later) in enumerate(moves):
        driver.advance(later * HOUR)
        update = event(f"shipment.{kind}", at=driver.wall - old * HOUR, event_id=f"E{number}")
        driver.feed(published(update, driver.wall))
        ended = ended or kind == "delivered"
    driver.advance(3 * DAY)
    owed = stands = news = False
    for one in driver.take("notification-commands"):
        match one["action"], one["kind"]:
            case "notify", "shipment_stalled":
                assert not stands
                assert not news
                stands = owed = True
            case "settle", "shipment_stalled":
                assert stands
                stands = False
            case "notify", "shipment_resumed":
                assert owed
                assert not stands
                owed, news = False, True
            case "settle", "shipment_resumed":
                assert news
                news = False
    assert not (ended and (stands or news))

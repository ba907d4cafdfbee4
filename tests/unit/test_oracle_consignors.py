"""The oracle knows which consignors are to be told, and what must not reach them."""

from typing import Any

import pytest

from tests.unit.hand_made import MORNING, HandMade

SHORT = "stock_shortage"
GONE = "order_cancelled"
UNKNOWN = MORNING + 61


def item(sku: str, consignor: str | None) -> dict[str, Any]:
    return {"sku": sku, "name": "大衣", "quantity": 1, "unit_price": "88", "consignor_id": consignor}


class Shop(HandMade):
    """An order of two consignors, N1 and N2, of whom nothing is known."""

    def __init__(self) -> None:
        super().__init__()
        self.order("p1", "order.placed", MORNING - 60, items=[item("S1", "N1"), item("S2", "N2")], amount="1299.00")

    def tell(self, event_id: str, kind: str, who: str, **fields: Any) -> None:
        """The command to a consignor, and how it ends."""
        of = {"audience": "consignor", "customer_id": who, "command_id": f"cmd-{event_id}-{who}"}
        facts = {"facts": {"sku": "S1"} if kind == SHORT else {"item_name": "大衣"}}
        self.notify(event_id, kind, MORNING, **(of | facts | fields))
        self.decide(event_id, kind, "failed", "no_contact", UNKNOWN, **of)


def shortage(*told: str, **fields: Any) -> Shop:
    """A shortage of the goods of N1, of which the buyer and some others are told."""
    run = Shop()
    run.order("e1", "stock.shortage", MORNING, **fields)
    run.told("e1", SHORT, MORNING)
    for who in told:
        run.tell("e1", SHORT, who)
    return run


def cancellation(*told: str, settled: bool = True) -> Shop:
    run = Shop()
    run.order("e1", "order.cancelled", MORNING, reason="王芳说缺货")
    run.told("e1", GONE, MORNING)
    run.settle("e1", "*", MORNING)
    for who in told:
        run.tell("e1", GONE, who)
        if settled:
            run.settle("e1", "*", MORNING, audience="consignor", customer_id=who)
    return run


def test_whose_goods_are_short_is_to_be_told() -> None:
    assert shortage("N1").said() == ""
    assert shortage().broken() == {"lost"}
    assert shortage("N1", "N2").broken() == {"false"}


def test_whom_the_event_names_is_to_be_told() -> None:
    assert shortage("N3", consignor_id="N3").said() == ""
    assert shortage("N1", consignor_id="N3").broken() == {"lost", "false"}


def test_of_goods_that_nobody_knows_no_consignor_is_told() -> None:
    run = HandMade()
    run.order("e1", "stock.shortage", MORNING)
    run.told("e1", SHORT, MORNING)
    assert run.said() == ""


def test_each_whose_goods_are_called_off_is_to_be_told() -> None:
    assert cancellation("N1", "N2").said() == ""
    assert cancellation("N1").broken() == {"lost"}


def test_what_the_customer_cancelled_is_not_told() -> None:
    run = Shop()
    run.order("e1", "order.cancelled", MORNING, cancelled_by="customer")
    run.settle("e1", "*", MORNING)
    assert run.said() == ""
    run.tell("e1", GONE, "N1")
    assert run.broken() == {"false"}


def test_a_repeat_for_a_consignor_is_a_duplicate() -> None:
    of: dict[str, Any] = {"audience": "consignor", "customer_id": "N1", "command_id": "cmd-e2-N1"}
    run = shortage("N1")
    run.order("e2", "stock.shortage", MORNING + 60)
    run.decide("e2", SHORT, "duplicate", "repeated", MORNING + 60)
    assert run.broken() == {"lost"}
    run.decide("e2", SHORT, "duplicate", "repeated", MORNING + 60, **of)
    assert run.said() == ""
    run.notify("e2", SHORT, MORNING + 60, **of)
    assert "twice" in run.broken()


def test_a_settle_must_be_written_for_a_consignor_as_well() -> None:
    run = shortage("N1")
    run.order("s1", "stock.replenished", MORNING + 600)
    run.settle("s1", SHORT, MORNING + 600)
    assert run.broken() == {"lost"}
    run.settle("s1", SHORT, MORNING + 600, audience="consignor", customer_id="N1")
    assert run.said() == ""
    run.settle("s1", SHORT, MORNING + 600, audience="consignor", customer_id="N2")
    assert run.broken() == {"unexplained"}


def test_whose_goods_an_order_was_that_is_over_need_not_be_known() -> None:
    run = Shop()
    run.order("c1", "order.completed", MORNING)
    run.settle("c1", "*", MORNING)
    run.order("e1", "stock.shortage", MORNING + 60)
    run.decide("e1", SHORT, "settled", "order_closed", MORNING + 60)
    assert run.said() == ""
    of = {"audience": "consignor", "customer_id": "N1", "command_id": "cmd-e1-N1"}
    run.decide("e1", SHORT, "settled", "order_closed", MORNING + 60, **of)
    assert run.said() == ""
    run.order("e2", "stock.shortage", MORNING + 120, consignor_id="N1")
    run.decide("e2", SHORT, "settled", "order_closed", MORNING + 120)
    assert run.broken() == {"lost"}


@pytest.mark.parametrize(
    "facts",
    [
        {"amount": "1299.00"},
        {"paid": True},
        {"alternatives": []},
        {"note": "1299.00"},
        {"note": {"for": ["C1"]}},
        {"reason": "王芳说缺货"},
        {"reason": f"139{'0' * 7}1"},
        {"reason": "an@example.com"},
    ],
)
def test_what_is_the_buyer_s_is_forbidden_in_a_consignor_s_facts(facts: dict[str, Any]) -> None:
    run = cancellation("N2")
    run.profile(0, "13900000001", name="王芳", email="an@example.com")
    run.tell("e1", GONE, "N1", facts={"item_name": "大衣"} | facts)
    run.settle("e1", "*", MORNING, audience="consignor", customer_id="N1")
    assert run.broken() == {"forbidden"}


def test_what_is_the_consignor_s_own_is_no_secret() -> None:
    run = HandMade()
    run.profile(0, "13900000001", name="王芳")
    run.order("p1", "order.placed", MORNING - 60, items=[item("S1", "C1")])
    run.order("e1", "stock.shortage", MORNING)
    run.told("e1", SHORT, MORNING)
    run.notify("e1", SHORT, MORNING, facts={"sku": "S1", "name": "王芳"}, audience="consignor", command_id="cmd-2")
    run.decide("e1", SHORT, "suppressed", "muted", UNKNOWN, audience="consignor", command_id="cmd-2")
    assert "forbidden" not in run.broken()

"""Whose goods an exception is about, and what their consignors are told of it.

A consignor (寄售人) is a customer of its own and a stranger to the buyer. So its facts are picked one by one: the
goods, and what is wrong with them. Whatever else an event or the order says is left out, a field that upstream adds
later included, for it may be the buyer's. A merchant's own words may name the buyer as well: of them only what they
mean is told, in words of ours.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from schemas.orders import Event, OrderCancelled, StockShortage
from streams.operators.order import Item, Order
from streams.policy.reasons import cancellation_word


class Concerned(NamedTuple):
    """A consignor whom an exception concerns, and what is told of it there."""

    consignor_id: str
    facts: dict[str, Any]


def concerned(event: Event, order: Order) -> Iterator[Concerned]:
    """Each consignor whose goods are short or cancelled, as far as the event names it or the order's items are known.

    Those of an order that is over are not.
    """
    match event:
        case StockShortage():
            yield from _short(event, order)
        case OrderCancelled() if event.cancelled_by != "customer":
            yield from _cancelled(event, order)


def _short(event: StockShortage, order: Order) -> Iterator[Concerned]:
    lines = [item for item in order.items if item.sku == event.sku]
    consignor = event.consignor_id or next((item.consignor_id for item in lines if item.consignor_id), None)
    if consignor is None:
        return
    own = next((item for item in lines if item.consignor_id in (None, consignor)), None)
    unique = event.unique if event.unique is not None or own is None else own.unique
    facts = {
        "sku": event.sku,
        "name": event.name,
        "item_name": own.name if own else None,
        "restock_at": event.restock_at,
        "unique": unique,
    }
    yield Concerned(consignor, _known(facts))


def _cancelled(event: OrderCancelled, order: Order) -> Iterator[Concerned]:
    paid = event.paid if event.paid is not None else order.paid or None
    by_consignor: dict[str, list[Item]] = {}
    for item in order.items:
        if item.consignor_id is not None:
            by_consignor.setdefault(item.consignor_id, []).append(item)
    for consignor, own in by_consignor.items():
        facts = {
            "cancelled_by": event.cancelled_by,
            "reason": cancellation_word(event.reason, paid=paid),
            "item_name": own[0].name,
            "item_count": len(own) if len(own) > 1 else None,
        }
        yield Concerned(consignor, _known(facts))


def _known(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}

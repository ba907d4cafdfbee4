"""Which events of an order are exceptions, and what is told of them; which events settle which exceptions."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import msgspec

from schemas.orders import (
    AddressCorrected,
    AddressUndeliverable,
    Event,
    OrderCancelled,
    OrderPaid,
    PaymentFailed,
    StockReplenished,
    StockShortage,
)
from schemas.times import micros
from schemas.words import RuledKind
from streams.operators import consignors
from streams.operators.commands import Found, Settling
from streams.operators.order import Order
from streams.policy.good_news import GOOD_NEWS

_COMMON = ("type", "event_id", "occurred_at", "order_id", "customer_id", "merchant_id")
MOST_ALTERNATIVES = 20
"""How many of the products offered instead a command carries, so that it stays small whatever upstream lists."""

_PAYMENT_REASONS = ("insufficient_funds", "card_error")


class Which(NamedTuple):
    """A kind, with what its subject has beside it: the sku of a shortage."""

    kind: RuledKind
    part: str | None = None

    @property
    def good_news(self) -> "Which | None":
        """The good news of its end."""
        kind = GOOD_NEWS.get(self.kind)
        return None if kind is None else Which(kind, self.part)


def exception(event: Event) -> Which | None:
    """The exception that ``event`` is."""
    match event:
        case PaymentFailed():
            return Which("payment_failed")
        case StockShortage(sku=sku):
            return Which("stock_shortage", sku)
        case AddressUndeliverable():
            return Which("address_undeliverable")
        case OrderCancelled(cancelled_by=by) if by != "customer":
            return Which("order_cancelled")
    return None


def settles(event: Event) -> Which | None:
    """The exceptions that ``event`` settles. What closes an order settles all of them besides."""
    match event:
        case OrderPaid():
            return Which("payment_failed")
        case StockReplenished(sku=sku):
            return Which("stock_shortage", sku)
        case AddressCorrected():
            return Which("address_undeliverable")
    return None


def settling(event: Event, kind: RuledKind | Literal["*"], part: str | None = None) -> Settling:
    """The settle that ``event`` is: of what occurred at or before it; of good news, which it belies, before it.

    Where goods are short and back at one instant, as coarse clocks have it, they are back.
    """
    at = micros(event.occurred_at)
    return Settling(
        kind=kind,
        part=part,
        order_id=event.order_id,
        customer_id=event.customer_id,
        merchant_id=event.merchant_id,
        event_id=event.event_id,
        occurred_at=at,
        before=at - 1 if kind in GOOD_NEWS.values() else at,
    )


def found(event: Event, which: Which, order: Order) -> Iterator[Found]:
    """The exception with all that is told of it: first for the buyer, then for each consignor whom it concerns.

    Of good news that is the buyer alone.
    """
    whole = Found(
        kind=which.kind,
        part=which.part,
        order_id=event.order_id,
        customer_id=event.customer_id,
        merchant_id=event.merchant_id or order.merchant_id,
        event_id=event.event_id,
        occurred_at=micros(event.occurred_at),
        facts=_facts(event, which, order),
    )
    yield whole
    for consignor_id, facts in consignors.concerned(event, order):
        yield msgspec.structs.replace(whole, audience="consignor", customer_id=consignor_id, facts=facts)


def _facts(event: Event, which: Which, order: Order) -> dict[str, Any]:
    """The event's own fields, and what of the order's it doesn't say itself."""
    fields = msgspec.to_builtins(event).items()
    own = {name: value for name, value in fields if value is not None and name not in _COMMON}
    if which.kind == "payment_failed" and own["reason"] not in _PAYMENT_REASONS:
        own["reason"] = "other"
    if "alternatives" in own:
        own["alternatives"] = own["alternatives"][:MOST_ALTERNATIVES]
    return _of_order(which, order) | own


def _of_order(which: Which, order: Order) -> dict[str, Any]:
    """What is known of the order itself. A name stands for one line, so an order of several has none."""
    facts: dict[str, Any] = {"paid": True} if order.paid else {}
    if order.placed is None:
        return facts
    facts["amount"] = order.placed.amount
    items = order.placed.items
    item = order.item(which.part) if which.part else items[0] if len(items) == 1 else None
    if item is not None:
        facts["item_name"] = item.name
        if which.part and item.unique is not None:
            facts["unique"] = item.unique
    return facts

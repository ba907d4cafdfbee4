"""The events of the topic ``orders``, key ``order_id``."""

import re
from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.words import Days, HotId, Id, Money, Text, Time

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


class OrderEvent(msgspec.Struct, kw_only=True, tag_field="type"):
    """What every event of an order carries."""

    event_id: HotId
    occurred_at: Time
    order_id: HotId
    customer_id: HotId
    merchant_id: Id | None = None

    @property
    def ids(self) -> str:
        """All ``HotId`` together, for one check of their characters."""
        return self.event_id + self.order_id + self.customer_id


class Item(msgspec.Struct, kw_only=True):
    """One line of an order."""

    sku: Id
    name: Text
    quantity: Annotated[int, Meta(ge=0)]
    unit_price: Money
    consignor_id: Id | None = None
    category: Text | None = None
    unique: bool | None = None


class Alternative(msgspec.Struct, kw_only=True):
    """A product offered in place of one that is short."""

    sku: Id
    name: Text


class OrderPlaced(OrderEvent, tag="order.placed"):
    """Opens the order."""

    items: list[Item]
    amount: Money


class OrderPaid(OrderEvent, tag="order.paid"):
    """Settles a failed payment; the order counts as paid."""


class PaymentFailed(OrderEvent, tag="payment.failed"):
    """The exception 支付失败. ``reason``: ``insufficient_funds``, ``card_error``; any other word is ``other``."""

    reason: Text
    reason_text: Text | None = None
    pay_by: Time | None = None


class StockShortage(OrderEvent, tag="stock.shortage"):
    """The exception 库存不足 of one sku. ``restock_at`` is a date, or a time with an offset."""

    sku: Id
    name: Text
    restock_at: str | None = None
    unique: bool | None = None
    consignor_id: Id | None = None
    alternatives: list[Alternative] | None = None

    def __post_init__(self) -> None:
        if self.restock_at is not None and not _is_date_or_time(self.restock_at):
            raise ValueError("restock_at is neither a date nor a time with an offset")


class StockReplenished(OrderEvent, tag="stock.replenished"):
    """Settles the shortage of that sku."""

    sku: Id


class OrderCancelled(OrderEvent, tag="order.cancelled"):
    """The exception 订单取消 unless the customer did it; settles everything else pending on the order."""

    cancelled_by: Literal["merchant", "system", "customer"]
    reason: Text
    amount: Money | None = None
    refund_days: Days | None = None
    paid: bool | None = None


class AddressUndeliverable(OrderEvent, tag="address.undeliverable"):
    """The exception 地址异常."""

    address: Text
    reason: Text | None = None
    area: Text | None = None


class AddressCorrected(OrderEvent, tag="address.corrected"):
    """Settles an undeliverable address."""

    address: Text


class OrderCompleted(OrderEvent, tag="order.completed"):
    """Settles everything pending on the order."""


Event = (
    OrderPlaced
    | OrderPaid
    | PaymentFailed
    | StockShortage
    | StockReplenished
    | OrderCancelled
    | AddressUndeliverable
    | AddressCorrected
    | OrderCompleted
)


def _is_date_or_time(text: str) -> bool:
    try:
        if _DATE.match(text):
            date.fromisoformat(text)
        else:
            msgspec.convert(text, Time)
    except (ValueError, msgspec.ValidationError):
        return False
    return True

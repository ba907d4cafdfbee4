"""Reads what comes from upstream, each topic by its own reader, for tests of the wire contract."""

from typing import Any

import msgspec
import pytest

from schemas import logistics, orders
from schemas.customers import Customer
from schemas.inventory import StockLevel
from streams.decode import Decoder
from streams.errors import Invalid
from tests.driver import record
from tests.events import Event, event

READERS: dict[str, tuple[Decoder[Any], str]] = {
    "orders": (Decoder(orders.Event, "order_id"), "A1"),
    "logistics": (Decoder(logistics.Event, "tracking_no"), "T1"),
    "customers": (Decoder(Customer, "customer_id"), "C1"),
    "inventory": (Decoder(StockLevel, "sku"), "S1"),
}
PAID = event("order.paid")
STRANGER = "13900000001"
"""Stands for what must not be repeated in an error."""


def topic_of(value: Event) -> str:
    if "tracking_no" in value:
        return "logistics"
    return "orders" if "order_id" in value else "customers" if "customer_id" in value else "inventory"


def read(value: Event | bytes, topic: str | None = None, *, key: str | bytes | None = "") -> Any:
    topic = topic or (topic_of(value) if isinstance(value, dict) else "orders")
    decode, own_key = READERS[topic]
    return decode(record(topic, own_key if key == "" else key, value))


def reason(value: Any, topic: str | None = None, *, key: str | bytes | None = "") -> str:
    with pytest.raises(Invalid) as refused:
        read(value, topic, key=key)
    assert STRANGER not in str(refused.value)
    return refused.value.reason


def raw(value: Event) -> bytes:
    return msgspec.json.encode(value)

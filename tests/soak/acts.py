"""What upstream services and the owners of telephones do, told as stories: acts, each so long after its story began."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import msgspec


class Event:
    """A record to publish. Published again it is the same, byte for byte."""

    def __init__(self, topic: str, key: str | None, fields: dict[str, Any] | bytes | None, ago: float = 0) -> None:
        self.topic = topic
        self.key = None if key is None else key.encode()
        self._fields = fields
        self._ago = ago
        self._raw: bytes | None = None

    @property
    def value(self) -> bytes | None:
        """Its bytes. The first time that they are asked for is when it occurred, or ``ago`` seconds after that."""
        if isinstance(self._fields, dict) and self._raw is None:
            occurred_at = (datetime.now(UTC) - timedelta(seconds=self._ago)).isoformat()
            dated = {"occurred_at": occurred_at} if "event_id" in self._fields else {}
            self._raw = msgspec.json.encode(self._fields | dated)
        return self._raw if isinstance(self._fields, dict) else self._fields

    @property
    def exception(self) -> str | None:
        """Its ``event_id``, where some decision must name it."""
        return exception_in(self.topic, self.value)


class _Read(msgspec.Struct):
    type: str
    event_id: str
    cancelled_by: str = ""


def exception_in(topic: str, value: bytes | None) -> str | None:
    """The ``event_id`` of a record that is an exception, some decision about which there must be."""
    if topic != "orders" or value is None:
        return None
    try:
        read = msgspec.json.decode(value, type=_Read)
    except msgspec.MsgspecError:
        return None
    told = read.type in ("payment.failed", "stock.shortage", "address.undeliverable") or (
        read.type == "order.cancelled" and read.cancelled_by != "customer"
    )
    return read.event_id if told else None


class Reply(NamedTuple):
    """The owner of a telephone writes back."""

    number: str
    content: str


class Act(NamedTuple):
    """``after`` is in seconds after the story began."""

    after: float
    what: Event | Reply


Story = list[Act]


class Person(NamedTuple):
    """A customer with one telephone, or two."""

    customer_id: str
    number: str
    second: str | None = None
    written: str | None = None
    """How the number is written in the profile, if not plainly."""

    @property
    def profile(self) -> Event:
        """The record on ``customers``."""
        contacts = [{"contact_id": "k1", "role": "buyer", "phone": self.written or self.number}]
        if self.second is not None:
            contacts.append({"contact_id": "k2", "role": "other", "phone": self.second})
        fields = {"customer_id": self.customer_id, "tier": "regular", "contacts": contacts}
        return Event("customers", self.customer_id, fields)


def order_event(random: Random, kind: str, order_id: str, customer_id: str, *, ago: float = 0, **more: Any) -> Event:
    """An event of an order."""
    named = {"event_id": _id(random), "type": kind, "order_id": order_id, "customer_id": customer_id}
    return Event("orders", order_id, named | more, ago)


def parcel_event(random: Random, kind: str, tracking_no: str, *, ago: float = 0, **more: Any) -> Event:
    """An event of a parcel."""
    return Event(
        "logistics", tracking_no, {"event_id": _id(random), "type": kind, "tracking_no": tracking_no} | more, ago
    )


def _id(random: Random) -> str:
    return UUID(int=random.getrandbits(128)).hex

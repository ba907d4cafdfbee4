"""What the shop's own services do: they publish events to Kafka, and know nothing of Orderbell."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer

Fields = dict[str, Any]


class Event(NamedTuple):
    """A record to publish. ``event_id`` is empty where it has none."""

    topic: str
    key: str
    value: bytes
    event_id: str
    title: str
    """How the demo shows it."""


class Upstream:
    """Publishes. A producer like anybody's: not ours, not transactional."""

    def __init__(self, broker: str) -> None:
        self._producer = AIOKafkaProducer(bootstrap_servers=broker, acks="all")
        self._ids = count(1)

    async def __aenter__(self) -> "Upstream":
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()

    async def publish(self, event: Event) -> None:
        """Publishes, and returns when Kafka has it."""
        await self._producer.send_and_wait(event.topic, event.value, key=event.key.encode())

    def order(self, kind: str, order_id: str, customer_id: str, **fields: Any) -> Event:
        """An event of an order."""
        named = {"order_id": order_id, "customer_id": customer_id}
        return self._event("orders", order_id, kind, f"{order_id} {kind}", timedelta(), named | fields)

    def parcel(self, kind: str, tracking_no: str, ago: timedelta, **fields: Any) -> Event:
        """An event of a parcel."""
        title = f"{tracking_no} {kind}, {_hours(ago)} ago"
        return self._event("logistics", tracking_no, kind, title, ago, {"tracking_no": tracking_no} | fields)

    def customer(self, profile: Fields) -> Event:
        """A customer's profile."""
        customer_id = profile["customer_id"]
        return Event("customers", customer_id, msgspec.json.encode(profile), "", f"{customer_id} profile")

    def _event(self, topic: str, key: str, kind: str, title: str, ago: timedelta, fields: Fields) -> Event:
        event_id = f"E{next(self._ids):03}"
        occurred_at = (datetime.now(UTC) - ago).isoformat()
        common = {"event_id": event_id, "type": kind, "occurred_at": occurred_at}
        return Event(topic, key, msgspec.json.encode(common | fields), event_id, title)


def _hours(length: timedelta) -> str:
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"

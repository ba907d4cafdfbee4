"""Valid events of every topic, as upstream publishes them, for tests to send or to spoil."""

from typing import Any

from schemas.times import Micros
from streams.engine.turn import Record
from tests.driver import START, record, rfc3339

Event = dict[str, Any]

ITEM: Event = {"sku": "S1", "name": "羊毛大衣", "quantity": 1, "unit_price": "1299.00"}

NEEDED: dict[str, Event] = {
    "order.placed": {"items": [ITEM], "amount": "1299.00"},
    "order.paid": {},
    "payment.failed": {"reason": "card_error"},
    "stock.shortage": {"sku": "S1", "name": "羊毛大衣"},
    "stock.replenished": {"sku": "S1"},
    "order.cancelled": {"cancelled_by": "merchant", "reason": "缺货"},
    "address.undeliverable": {"address": "某路 1 号"},
    "address.corrected": {"address": "某路 2 号"},
    "order.completed": {},
    "shipment.dispatched": {"order_id": "A1", "customer_id": "C1", "carrier": "sf"},
    "shipment.scanned": {},
    "shipment.delay_reported": {"reason": "weather"},
    "shipment.delivered": {},
    "shipment.returned": {},
}
"""By type, the fields that an event of it needs beside the common ones."""

OPTIONAL: dict[str, Event] = {
    "payment.failed": {"reason_text": "限额", "pay_by": "2025-11-26T00:00:00+08:00"},
    "stock.shortage": {
        "restock_at": "2025-12-01",
        "unique": True,
        "consignor_id": "N1",
        "alternatives": [{"sku": "S2", "name": "羊绒大衣"}],
    },
    "order.cancelled": {"amount": "99.5", "refund_days": "3-5", "paid": True},
    "address.undeliverable": {"reason": "信息不全", "area": "杭州市"},
    "shipment.dispatched": {"origin": "上海", "destination": "杭州", "promised_at": "2025-11-27T00:00:00Z"},
    "shipment.scanned": {"status": "到达", "location": "嘉兴"},
    "shipment.delay_reported": {"expected_days": 2},
}
"""By type, the fields that it may have."""


def event(kind: str, *, at: Micros = START, event_id: str = "E1", **fields: Any) -> Event:
    """An event of the type ``kind`` of order A1 or parcel T1, with no more than it needs but for ``fields``."""
    common: Event = {"event_id": event_id, "type": kind, "occurred_at": rfc3339(at)}
    if kind.startswith("shipment."):
        return common | {"tracking_no": "T1"} | NEEDED[kind] | fields
    return common | {"order_id": "A1", "customer_id": "C1"} | NEEDED[kind] | fields


def published(event: Event, timestamp: Micros | None = None, offset: int = 0) -> Record:
    """The event's record, stamped with the moment at which it occurred if with no other."""
    topic, key = ("logistics", event["tracking_no"]) if "tracking_no" in event else ("orders", event["order_id"])
    return record(topic, key, event, START if timestamp is None else timestamp, offset)


CUSTOMER: Event = {"customer_id": "C1", "tier": "regular", "contacts": [{"contact_id": "K1", "role": "buyer"}]}

WHOLE_CUSTOMER: Event = CUSTOMER | {
    "contacts": [
        {
            "contact_id": "K1",
            "role": "buyer",
            "name": "安",
            "phone": "139 0000 0001",
            "email": "an@example.com",
            "push_ids": ["p1"],
            "wechat_openid": "o1",
            "kinds": ["payment_failed"],
            "verified_at": "2025-11-01T00:00:00Z",
        }
    ],
    "preferences": {
        "channels": ["sms"],
        "quiet_hours": {"from": "22:00", "to": "07:00", "time_zone": "Asia/Shanghai"},
        "muted_kinds": ["shipment_stalled"],
        "personalised": False,
    },
    "marketing_consent": True,
}

STOCK_LEVEL: Event = {"event_id": "E1", "sku": "S1", "name": "羊毛大衣", "available": 3, "occurred_at": rfc3339(START)}

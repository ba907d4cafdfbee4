"""What can't be read: each record is wrong in one way, and would mean something if it were not."""

from collections.abc import Callable
from typing import Any

import msgspec

from schemas.times import SECOND
from tests.simulation.plan import Story
from tests.simulation.stories import words
from tests.simulation.stories.moments import between
from tests.simulation.stories.order import MATTERS, Order
from tests.simulation.stories.people import numbers_of, person
from tests.simulation.stories.teller import Scene, Teller

Event = dict[str, Any]
LIMIT = 65_536

KEYS = {"orders": "order_id", "logistics": "tracking_no", "customers": "customer_id", "inventory": "sku"}


def poison(scene: Scene, count: int) -> list[Story]:
    """So many stories of one bad record each, before or after a good one of the same key."""
    return [_bad(Teller(scene, "poison", index)) for index in range(count)]


def _bad(teller: Teller) -> Story:
    random, at = teller.random, teller.moment()
    topic = random.choices(list(KEYS), (5, 4, 3, 1))[0]
    key, good = _GOOD[topic](teller, at)
    if random.random() < 0.4:
        teller.publish(topic, key, good, at + random.choice((-SECOND, -between(random, 0, 60), SECOND)))
    if "event_id" in good:
        good = good | {"event_id": f"bad-{teller.name}"}
    bad_key, value = _spoilt(teller, topic, key, good)
    teller.raw(topic, bad_key, value, at)
    return teller.story()


# What would be good.


def _order(teller: Teller, at: int) -> tuple[str, Event]:
    order = Order(teller, teller.somebody)
    kind = teller.random.choice(MATTERS).fails
    ids = {"order_id": order.id, "customer_id": order.person.customer_id}
    return order.id, teller.event(kind, at) | ids | order.fields(kind, at)


def _parcel(teller: Teller, at: int) -> tuple[str, Event]:
    number = f"T-{teller.name}"
    of = {"order_id": f"A-{teller.name}", "customer_id": teller.somebody.customer_id, "carrier": "sf"}
    return number, teller.event("shipment.dispatched", at) | {"tracking_no": number} | of


def _customer(teller: Teller, at: int) -> tuple[str, Event]:
    who = person(teller.random, f"C-{teller.name}", numbers_of(teller.random, "5", teller.index), plain=True)
    return who.customer_id, who.profile


def _level(teller: Teller, at: int) -> tuple[str, Event]:
    level = teller.event("", at) | {"sku": "S1", "name": words.goods(teller.random), "available": 3}
    del level["type"]
    return "S1", level


_GOOD: dict[str, Callable[[Teller, int], tuple[str, Event]]] = {
    "orders": _order,
    "logistics": _parcel,
    "customers": _customer,
    "inventory": _level,
}


# What is wrong with it.

NEEDED = {
    "orders": ("event_id", "type", "occurred_at", "order_id", "customer_id"),
    "logistics": ("event_id", "type", "occurred_at", "tracking_no", "order_id", "customer_id", "carrier"),
    "customers": ("customer_id", "tier", "contacts"),
    "inventory": ("event_id", "sku", "name", "available", "occurred_at"),
}
"""The fields without which a record can't be read."""

_WRONG_TYPES: dict[str, tuple[Event, ...]] = {
    "orders": ({"type": 7}, {"occurred_at": 1764000000}, {"customer_id": ["C1"]}),
    "logistics": ({"carrier": {"name": "sf"}}, {"type": False}, {"occurred_at": 1764000000.5}),
    "customers": ({"contacts": "none"}, {"tier": 1}, {"contacts": [7]}),
    "inventory": ({"available": "3"}, {"inbound": {}}),
}
_BAD_VALUES: dict[str, tuple[Event, ...]] = {
    "orders": (
        {"occurred_at": "2025-11-25T10:00:00"},
        {"occurred_at": "gestern"},
        {"event_id": "x" * 65},
        {"customer_id": "C 1"},
        {"event_id": ""},
        {"event_id": "é"},
        {"type": "order.cancelled", "cancelled_by": "alien", "reason": "?"},
        {"type": "order.cancelled", "cancelled_by": "system", "reason": "长" * 201},
        {"type": "order.cancelled", "cancelled_by": "system", "reason": "?", "refund_days": "soon"},
        {"type": "stock.shortage", "sku": "S1", "name": "碗", "restock_at": "next week"},
        {"type": "payment.failed", "reason": "other", "pay_by": "2025-11-26"},
        {"type": "order.placed", "items": [], "amount": "-1"},
    ),
    "logistics": (
        {"occurred_at": "2025-13-45T99:00:00Z"},
        {"customer_id": "C/1"},
        {"event_id": "一"},
        {"carrier": "快" * 201},
    ),
    "customers": (
        {"tier": "gold"},
        {"contacts": [{"contact_id": "K1", "role": "aunt"}]},
        {"contacts": [{"contact_id": "K1", "role": "buyer", "kinds": ["everything"]}]},
        {"contacts": [{"contact_id": "K 1", "role": "buyer"}]},
        {"preferences": {"quiet_hours": {"from": "25:00", "to": "07:00", "time_zone": "Asia/Shanghai"}}},
        {"preferences": {"quiet_hours": {"from": "22:00", "to": "07:00", "time_zone": "Mars/Olympus"}}},
    ),
    "inventory": ({"sku": "S 1"}, {"occurred_at": "2025-11-25T10:00:00"}),
}
_NOT_JSON = ("", " ", "{", '{"event_id": "E', "<xml/>", "退订", '{"a": 1}}', "{'a': 1}")
_NO_OBJECT = ("[]", "[{}]", '"text"', "7", "true", "null", "-0.5")


def _spoilt(teller: Teller, topic: str, key: str, good: Event) -> tuple[str | None, str | None]:
    """The key and value of a record that is wrong in one way."""
    random = teller.random
    way = random.choices(list(_WAYS), list(_WAYS.values()))[0]
    match way:
        case "no json":
            return key, random.choice(_NOT_JSON)
        case "no object":
            return key, random.choice(_NO_OBJECT)
        case "missing":
            lost = random.choice(NEEDED[topic])
            return key, _json({name: value for name, value in good.items() if name != lost})
        case "null":
            return key, _json(good | {random.choice(NEEDED[topic]): None})
        case "type":
            return key, _json(good | random.choice(_WRONG_TYPES[topic]))
        case "value":
            return key, _json(good | random.choice(_BAD_VALUES[topic]))
        case "key":
            return random.choice((f"{key}x", "", "某键", "C0")), _json(good)
        case "no key":
            return None, _json(good)
        case "no value" if topic != "customers":
            return key, None
        case "too large":
            return key, _json(good | {"note": "大" * (LIMIT // 3)})
        case "just not too large":
            padded = good | {"note": ""}
            return key, _json(padded | {"note": "x" * (LIMIT - len(_json(padded).encode()))})
        case _:
            return key, _json(good | {"type": random.choice(("order.archived", "shipment.teleported", ""))})


_WAYS = {
    "no json": 14,
    "no object": 10,
    "missing": 14,
    "null": 10,
    "type": 12,
    "value": 22,
    "key": 10,
    "no key": 6,
    "no value": 6,
    "unknown": 8,
    "too large": 1,
    "just not too large": 1,
}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()

"""Upstream records, read as the contract says: an event, a dead letter with its reason, or nothing to us."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple, get_args

import msgspec

from schemas import logistics, orders
from schemas.customers import Customer
from schemas.inventory import StockLevel
from schemas.times import Micros, micros
from tests.oracle.evidence import Published

LARGEST = 65_536
"""A record above so many bytes is a dead letter."""
_IDS = re.compile(r"[A-Za-z0-9_-]*\Z")
_KEYS = {"orders": "order_id", "logistics": "tracking_no", "customers": "customer_id", "inventory": "sku"}
_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    "orders": msgspec.json.Decoder(orders.Event),
    "logistics": msgspec.json.Decoder(logistics.Event),
    "customers": msgspec.json.Decoder(Customer),
    "inventory": msgspec.json.Decoder(StockLevel),
}
_TYPES: dict[str, dict[str, type[msgspec.Struct]]] = {
    topic: {str(t.__struct_config__.tag): t for t in get_args(union)}
    for topic, union in (("orders", orders.Event), ("logistics", logistics.Event))
}
_ANY = frozenset({"not_json", "missing_field", "wrong_type", "bad_value"})


class Heard(NamedTuple):
    """An event that could be read."""

    record: Published
    event: Any
    occurred: Micros


class Upstream(NamedTuple):
    """All that was published. ``profiles`` hold ``None`` for an erasure; ``dead``: the reasons that each may have."""

    orders: dict[str, list[Heard]]
    logistics: dict[str, list[Heard]]
    profiles: dict[str, list[tuple[Micros, Customer | None]]]
    dead: dict[tuple[str, int, int], tuple[Published, frozenset[str]]]
    perhaps_dead: set[tuple[str, int, int]]
    """Of these the contract does not say whether they can be read."""


def read(published: Iterable[Published]) -> Upstream:
    """Reads all records, each partition in its order."""
    heard = Upstream({}, {}, {}, {}, set())
    for record in published:
        topic = record.topic
        if topic not in _KEYS:
            continue
        event = _readable(record)
        if event is None:
            _set_aside(record, heard)
        elif topic == "customers":
            heard.profiles.setdefault(event.customer_id, []).append((record.at, event))
        elif topic == "orders":
            heard.orders.setdefault(event.order_id, []).append(Heard(record, event, micros(event.occurred_at)))
        elif topic == "logistics":
            heard.logistics.setdefault(event.tracking_no, []).append(Heard(record, event, micros(event.occurred_at)))
    return heard


def _readable(record: Published) -> Any:
    """The event of a record that is good in every way, else ``None``."""
    value, topic = record.value, record.topic
    if value is None or record.key is None or len(value) > LARGEST:
        return None
    try:
        value.decode()
        event = _DECODERS[topic].decode(value)
    except (ValueError, msgspec.MsgspecError, RecursionError):
        return None
    if topic in _TYPES and not _IDS.match(event.ids):
        return None
    return event if getattr(event, _KEYS[topic]).encode() == record.key else None


def _set_aside(record: Published, heard: Upstream) -> None:
    place = (record.topic, record.partition, record.offset)
    if record.value is None and record.topic == "customers" and record.key is not None:
        customer_id = record.key.decode(errors="replace")
        heard.profiles.setdefault(customer_id, []).append((record.at, None))
        if not (_IDS.match(customer_id) and 0 < len(customer_id) <= 64):
            heard.perhaps_dead.add(place)
        return
    reasons = _reasons(record)
    if reasons is None:
        return
    heard.dead[place] = (record, reasons)


def _reasons(record: Published) -> frozenset[str] | None:
    """Why a record can't be read: any of these, where there are several; ``None`` where its type is unknown."""
    no_key = frozenset({"key_mismatch"}) if record.key is None else frozenset[str]()
    if record.value is None:
        return no_key | {"null_value"}
    if len(record.value) > LARGEST:
        return no_key | {"too_large"}
    try:
        record.value.decode()
        value = msgspec.json.decode(record.value)
    except RecursionError:
        return no_key | _ANY
    except (ValueError, msgspec.MsgspecError):
        return no_key | {"not_json"}
    if not isinstance(value, dict):
        return no_key | {"wrong_type"}
    kind: type[msgspec.Struct] = Customer if record.topic == "customers" else StockLevel
    if record.topic in _TYPES:
        word = value.get("type")
        if not isinstance(word, str):
            return _wrong(record, value) | {"missing_field" if word is None else "wrong_type"}
        if word not in _TYPES[record.topic]:
            return None
        kind = _TYPES[record.topic][word]
    return _wrong(record, value) | _fields(kind, value)


def _wrong(record: Published, value: dict[str, Any]) -> frozenset[str]:
    if record.key is None:
        return frozenset({"key_mismatch"})
    named = value.get(_KEYS[record.topic])
    differs = isinstance(named, str) and named.encode(errors="replace") != record.key
    return frozenset({"key_mismatch"}) if differs else frozenset()


@cache
def _fields_of(kind: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(kind)


def _fields(kind: type[msgspec.Struct], value: dict[str, Any]) -> frozenset[str]:
    wrong = set()
    for field in _fields_of(kind):
        if field.encode_name not in value:
            if field.required:
                wrong.add("missing_field")
            continue
        one = value[field.encode_name]
        try:
            msgspec.convert(one, field.type)
        except msgspec.ValidationError as error:
            wrong |= _classes(str(error))
        else:
            if isinstance(one, str) and field.name in ("event_id", "order_id", "customer_id", "tracking_no"):
                wrong |= set() if _IDS.match(one) else {"bad_value"}
    return frozenset(wrong or {"bad_value"})  # what a struct's own check refuses


def _classes(error: str) -> set[str]:
    if "missing required field" in error or "got `null`" in error:
        return {"missing_field"} | (set(_ANY) if " at `$" in error else set())
    if " at `$" in error:  # within a list or an object there may be several, and we see the first
        return set(_ANY)
    return {"wrong_type"} if error.startswith("Expected `") and "`, got `" in error else {"bad_value"}

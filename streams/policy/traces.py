"""Whether a record names a customer: by its key, in a field, in an id that is echoed, in somebody's free text.

Ids have the same letters everywhere, so ``48213`` may be a customer's and an order's. What names other things, or is a
number, is left out by its field's name; everywhere else the id counts as a word of its own.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

import msgspec

_IDS = (
    "order_id order_ids tracking_no merchant_id contact_id sku event_id seen future command_id command_ids"
    " notification_id message_id provider_message_id receipt_id task_id grant_id template_id subject"
)
_REST = "storm rules amount unit_price cost price quantity type kind kinds status outcome"
_OF_OTHERS = frozenset((*_IDS.split(), *_REST.split()))
"""Fields that hold ids of other things, numbers, or words of ours."""
_BY_CUSTOMER = frozenset({"consignors"})
"""Fields of states that are mappings by a customer's id."""


class _Letter(msgspec.Struct):
    """Of a dead letter what its source was, read out of base64."""

    topic: str
    key: bytes | None
    value: bytes | None


class Looking:
    """Looks for one customer."""

    def __init__(self, customer_id: str) -> None:
        self.customer_id = customer_id
        self.key = customer_id.encode()
        self._word = re.compile(rf"(?<![A-Za-z0-9_-]){re.escape(customer_id)}(?![A-Za-z0-9_-])")
        self._bytes = re.compile(self._word.pattern.encode())

    def may_be_in(self, value: bytes) -> bool:
        """Whether a closer look is worth its while: the id's letters are there, or may be written as escapes."""
        return self.key in value or b"\\u00" in value

    def in_json(self, value: bytes) -> bool:
        """Whether a JSON value names the customer; of what is none, whether the id stands in it."""
        try:
            return self.in_value(msgspec.json.decode(value))
        except (msgspec.DecodeError, RecursionError):
            return self._bytes.search(value) is not None

    def in_value(self, value: Any) -> bool:
        """Whether a value of records, mappings, sequences and texts names the customer."""
        return any(self._in_text(text) for text in _texts(value))

    def in_dead_letter(self, letter: bytes, keyed_by_customer: Container[str]) -> bool:
        """Whether the source record of a dead letter names the customer. ``keyed_by_customer``: topics whose key is
        a customer's id."""
        try:
            fields = msgspec.json.decode(letter, type=_Letter)
        except msgspec.DecodeError:
            return self.in_json(letter)
        if fields.topic in keyed_by_customer and fields.key == self.key:
            return True
        return fields.value is not None and self.may_be_in(fields.value) and self.in_json(fields.value)

    def _in_text(self, text: str) -> bool:
        return self.customer_id in text and self._word.search(text) is not None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _of_fields(value.items())
    elif isinstance(value, msgspec.Struct):
        yield from _of_fields((name, getattr(value, name)) for name in value.__struct_fields__)
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        yield from _of_fields(zip(value._fields, value, strict=True))
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _texts(item)


def _of_fields(fields: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    for name, value in fields:
        if name not in _OF_OTHERS:
            yield from _texts(value)
        if name in _BY_CUSTOMER:
            yield from value

"""The fields and types of the wire contract, one by one."""

from typing import Any

import msgspec
import pytest

from tests.events import CUSTOMER, NEEDED, OPTIONAL, STOCK_LEVEL, WHOLE_CUSTOMER, Event, event
from tests.unit.reading_events import PAID, raw, read, reason, topic_of

TYPES = tuple(NEEDED)
MISTYPED: tuple[Any, ...] = ({}, 5.5)
"""What no field is."""
EVERY = [*(event(kind) for kind in TYPES), CUSTOMER, STOCK_LEVEL]
NEEDED_FIELDS = [
    pytest.param(value, field, id=f"{value.get('type', topic_of(value))}-{field}")
    for value in EVERY
    for field in value
    if field != "type"
]


@pytest.mark.parametrize("value", EVERY, ids=lambda value: value.get("type", topic_of(value)))
def test_an_event_with_just_what_it_needs_is_read(value: Event) -> None:
    assert read(value) is not None


@pytest.mark.parametrize("kind", OPTIONAL)
def test_an_event_with_all_that_it_may_have_is_read(kind: str) -> None:
    whole = event(kind, merchant_id="M1", **OPTIONAL[kind])
    given_back = msgspec.to_builtins(read(whole))
    assert {field: given_back[field] for field in OPTIONAL[kind]} == OPTIONAL[kind]


def test_a_whole_profile_is_read_and_written_as_it_was() -> None:
    assert msgspec.json.decode(msgspec.json.encode(read(WHOLE_CUSTOMER))) == WHOLE_CUSTOMER


@pytest.mark.parametrize("kind", OPTIONAL)
def test_null_for_an_optional_field_means_absent(kind: str) -> None:
    nulls: Event = dict.fromkeys(OPTIONAL[kind])
    assert read(event(kind, **nulls)) == read(event(kind))


def test_null_for_an_optional_field_of_a_profile_means_absent() -> None:
    contact = {"contact_id": "K1", "role": "buyer", "name": None, "phone": None, "kinds": None, "push_ids": None}
    nulls = CUSTOMER | {"contacts": [contact], "preferences": None, "marketing_consent": None}
    assert read(nulls) == read(CUSTOMER)


@pytest.mark.parametrize("value", EVERY, ids=lambda value: value.get("type", topic_of(value)))
def test_unknown_fields_are_ignored(value: Event) -> None:
    assert read(value | {"surprise": {"deep": [1, None]}}) == read(value)


@pytest.mark.parametrize(("value", "field"), NEEDED_FIELDS)
def test_a_needed_field_that_is_missing_or_null(value: Event, field: str) -> None:
    topic = topic_of(value)
    assert reason({name: given for name, given in value.items() if name != field}, topic) == "missing_field"
    assert reason(value | {field: None}, topic) == "missing_field"


@pytest.mark.parametrize(("value", "field"), NEEDED_FIELDS)
def test_a_needed_field_of_the_wrong_type(value: Event, field: str) -> None:
    for wrong in (*MISTYPED, True):
        assert reason(value | {field: wrong}, topic_of(value)) == "wrong_type"


@pytest.mark.parametrize("kind", OPTIONAL)
def test_an_optional_field_of_the_wrong_type(kind: str) -> None:
    for field in OPTIONAL[kind]:
        for wrong in MISTYPED:
            assert reason(event(kind, **{field: wrong})) == "wrong_type"


# Types.


@pytest.mark.parametrize(
    "unknown", ["order.lost", "", "order.paid ", "order.paid\n", "ORDER.PAID", "x" * 5000, "it's `$.type`"]
)
def test_an_unknown_type_is_no_event(unknown: str) -> None:
    assert read(PAID | {"type": unknown}) is None


def test_an_unknown_type_is_skipped_whatever_else_it_says() -> None:
    assert read({"type": "order.lost", "order_id": 5}, "orders") is None


def test_an_unknown_type_is_skipped_however_deep_the_rest_is() -> None:
    assert read(b'{"type":"order.lost","x":' + b"[" * 5000 + b"]" * 5000 + b"}") is None


def test_a_type_that_is_missing_null_or_no_word() -> None:
    assert reason({name: given for name, given in PAID.items() if name != "type"}) == "missing_field"
    assert reason(PAID | {"type": None}) == "missing_field"
    for wrong in (5, True, [], ["order.paid"], *MISTYPED):
        assert reason(PAID | {"type": wrong}) == "wrong_type"


def test_a_type_given_twice() -> None:
    assert reason(raw(PAID)[:-1] + b',"type":"order.completed"}') == "bad_value"


def test_an_event_of_another_topic_is_of_unknown_type() -> None:
    assert read(event("shipment.scanned"), "orders") is None

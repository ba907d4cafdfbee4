"""The conventions of the wire contract and the edges of its dead letters, one by one."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import logistics, orders
from schemas.customers import Customer
from schemas.inventory import StockLevel
from streams.decode import VALUE_LIMIT, Decoder
from streams.errors import Invalid
from tests.driver import record
from tests.events import CUSTOMER, ITEM, NEEDED, OPTIONAL, STOCK_LEVEL, WHOLE_CUSTOMER, Event, event

READERS: dict[str, tuple[Decoder[Any], str]] = {
    "orders": (Decoder(orders.Event, "order_id"), "A1"),
    "logistics": (Decoder(logistics.Event, "tracking_no"), "T1"),
    "customers": (Decoder(Customer, "customer_id"), "C1"),
    "inventory": (Decoder(StockLevel, "sku"), "S1"),
}
PAID = event("order.paid")
SHORT_OF = event("stock.shortage")
CANCELLED = event("order.cancelled")
TYPES = tuple(NEEDED)
MISTYPED: tuple[Any, ...] = ({}, 5.5)
"""What no field is."""
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


def outcome(value: Event, topic: str) -> str:
    try:
        read(value, topic)
    except Invalid as refused:
        return refused.reason
    return "read"


def raw(value: Event) -> bytes:
    return msgspec.json.encode(value)


# Fields.

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


# Values.

ID_FIELDS = [(PAID, name) for name in ("event_id", "order_id", "customer_id", "merchant_id")]
ID_FIELDS += [(event("shipment.dispatched"), name) for name in ("event_id", "tracking_no", "order_id", "customer_id")]
ID_FIELDS += [(SHORT_OF, "sku"), (SHORT_OF, "consignor_id"), (CUSTOMER, "customer_id"), (STOCK_LEVEL, "sku")]


@pytest.mark.parametrize(("value", "field"), ID_FIELDS)
@pytest.mark.parametrize("bad", ["", "a" * 65, "a b", "a\n", "a.b", "a:b", "é", "１", "订单", "\0", "\u2028"])
def test_an_id_is_1_to_64_of_few_characters(value: Event, field: str, bad: str) -> None:
    assert reason(value | {field: bad}, topic_of(value)) == "bad_value"


@pytest.mark.parametrize("good", ["-", "_", "0", "aZ_9-", "a" * 64])
def test_an_id_may_be_any_of_them(good: str) -> None:
    assert read(PAID | {"order_id": good, "event_id": good, "merchant_id": good}, key=good).order_id == good


@pytest.mark.parametrize("text", ["错" * 200, "😀" * 200, "", "a\0b", "\u2028", "e\u0301" * 100])
def test_a_text_is_up_to_200_characters(text: str) -> None:
    assert read(event("address.undeliverable", address=text)).address == text
    assert reason(event("address.undeliverable", address=text + "x" * 201)) == "bad_value"


def test_a_text_of_201_characters() -> None:
    assert reason(event("address.undeliverable", address="错" * 201)) == "bad_value"


@pytest.mark.parametrize("money", ["0", "0.5", "12.34", "999999999999999.9999"])
def test_money_is_a_decimal_string(money: str) -> None:
    assert read(event("order.cancelled", amount=money)).amount == money
    assert read(event("order.placed", items=[ITEM | {"unit_price": money}])).items[0].unit_price == money


@pytest.mark.parametrize(
    "money", ["", "-5", "+5", "5.", ".5", "1e3", "5,00", "¥5", "٥", "5 ", "5.00\n", "NaN", "1.23456"]
)
def test_money_is_nothing_but_digits_and_a_point(money: str) -> None:
    assert reason(event("order.cancelled", amount=money)) == "bad_value"


@pytest.mark.parametrize("number", [5, 5.0, 0, -1])
def test_money_as_a_number(number: float) -> None:
    assert reason(event("order.placed", amount=number)) == "wrong_type"


@pytest.mark.parametrize("days", [0, 3, 999, "3", "3-5", "10-14"])
def test_days_are_an_integer_or_one_or_two_in_a_string(days: int | str) -> None:
    assert read(event("order.cancelled", refund_days=days)).refund_days == days
    assert read(event("shipment.delay_reported", expected_days=days)).expected_days == days


@pytest.mark.parametrize("days", [-1, 1000, 10**30, "", "x", "3 - 5", "3-", "-3", "٣", "3-5-7", "3\n"])
def test_days_that_are_none(days: int | str) -> None:
    assert reason(event("order.cancelled", refund_days=days)) == "bad_value"


def test_a_number_may_not_be_a_truth_value_or_a_fraction() -> None:
    for quantity in (True, 1.5, "1"):
        assert reason(event("order.placed", items=[ITEM | {"quantity": quantity}])) == "wrong_type"
    assert reason(event("order.placed", items=[ITEM | {"quantity": -1}])) == "bad_value"


def test_odd_but_true_numbers() -> None:
    for written, quantity in ((b"-0", 0), (b"1" + b"0" * 30, 10**30)):
        value = raw(event("order.placed")).replace(b'"quantity":1,', b'"quantity":' + written + b",")
        assert read(value).items[0].quantity == quantity


def test_a_truth_value_is_no_word_and_no_number() -> None:
    for paid in ("true", 1, 0):
        assert reason(event("order.cancelled", paid=paid)) == "wrong_type"


@pytest.mark.parametrize(
    "time",
    [
        "2025-11-24T16:00:00Z",
        "2025-11-25T00:00:00+08:00",
        "2025-11-24t16:00:00.000z",
        "2025-11-24 16:00:00Z",
        "2025-11-24T16:00:00-00:00",
        "2025-11-24T16:00:00.0000004Z",
    ],
)
def test_a_time_is_rfc_3339_with_an_offset(time: str) -> None:
    assert read(PAID | {"occurred_at": time}) == read(PAID)


@pytest.mark.parametrize(
    "time",
    [
        "2025-11-24T16:00:00",  # no offset
        "2025-11-24",
        "2025-11-24T16:00Z",
        "2025-11-24T24:00:00Z",
        "2025-02-30T00:00:00Z",
        "2025-11-24T23:59:60Z",  # datetime has no leap second
        "10000-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2025-11-24T16:00:00+24:00",
        "2025-11-24T16:00:00Z\n",
        " 2025-11-24T16:00:00Z",
        "２025-11-24T16:00:00Z",
        "yesterday",
        "1764000000",
        "",
    ],
)
def test_a_time_that_cannot_be_read(time: str) -> None:
    assert reason(PAID | {"occurred_at": time}) == "bad_value"


def test_a_time_as_a_number() -> None:
    assert reason(PAID | {"occurred_at": 1_764_000_000}) == "wrong_type"


@pytest.mark.parametrize("time", ["2025-12-01", "2025-12-01T08:00:00+08:00", "2025-12-01T00:00:00Z"])
def test_a_restock_is_a_date_or_a_time_with_an_offset(time: str) -> None:
    assert read(event("stock.shortage", restock_at=time)).restock_at == time


@pytest.mark.parametrize(
    "time", ["2025-12-01T08:00:00", "2025-02-30", "soon", "", "٢025-12-01", "2025-12-01\n", "2025-W49"]
)
def test_a_restock_that_is_neither(time: str) -> None:
    assert reason(event("stock.shortage", restock_at=time)) == "bad_value"


# Words.


def test_an_unknown_reason_is_a_reason() -> None:
    assert read(event("payment.failed", reason="cat_ate_it")).reason == "cat_ate_it"
    assert read(event("shipment.delay_reported", reason="strike")).reason == "strike"


@pytest.mark.parametrize(
    "value",
    [
        CANCELLED | {"cancelled_by": STRANGER},
        CANCELLED | {"cancelled_by": f'it\'s "{STRANGER}" - at `$.x`'},
        CANCELLED | {"cancelled_by": "got `null`"},
        CANCELLED | {"cancelled_by": "Merchant"},
        CUSTOMER | {"tier": STRANGER},
        CUSTOMER | {"contacts": [{"contact_id": "K1", "role": STRANGER}]},
        CUSTOMER | {"contacts": [{"contact_id": "K1", "role": "buyer", "kinds": [STRANGER]}]},
        CUSTOMER | {"preferences": {"channels": [STRANGER]}},
        CUSTOMER | {"preferences": {"muted_kinds": [STRANGER]}},
    ],
)
def test_any_other_unknown_word(value: Event) -> None:
    assert reason(value) == "bad_value"


@pytest.mark.parametrize("zone", [STRANGER, "", "Asia", "..", "../../etc/passwd", "/etc/localtime", "x\0", "a" * 5000])
def test_a_zone_is_an_iana_time_zone(zone: str) -> None:
    quiet = {"from": "22:00", "to": "07:00", "time_zone": zone}
    assert reason(CUSTOMER | {"preferences": {"quiet_hours": quiet}}) == "bad_value"


@pytest.mark.parametrize("hour", ["24:00", "7:00", "22:60", "22:00\n", "٢٢:00", "22", ""])
def test_an_hour_of_the_day_is_two_digits_and_two(hour: str) -> None:
    for quiet in ({"from": hour, "to": "07:00"}, {"from": "22:00", "to": hour}):
        preferences = {"quiet_hours": quiet | {"time_zone": "Asia/Shanghai"}}
        assert reason(CUSTOMER | {"preferences": preferences}) == "bad_value"


def test_a_telephone_number_may_be_anything() -> None:
    contact = {"contact_id": "K1", "role": "buyer", "phone": "转 12, call me"}
    assert read(CUSTOMER | {"contacts": [contact]}).contacts[0].phone == "转 12, call me"


# Bytes.


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b" ",
        b"{",
        b"not json",
        b"NaN",
        b"{'a': 1}",
        b"\xff\xfe",
        b"[1",
        b'{"type":"order.lost",',
        b'{"type":5',
        b'{"type":"order.paid","event_id":5',
        b"\xef\xbb\xbf" + raw(PAID),
        raw(PAID) + b"x",
        raw(PAID) + raw(PAID),
        raw(PAID)[:-1] + b',"x":"\xff"}',
        raw(PAID)[:-1] + b',"x":"\\ud800"}',
        raw(PAID)[:-1] + b',"x":"a\nb"}',
        raw(PAID)[:-1] + b',"x":01}',
        raw(PAID)[:-1] + b",}",
        raw(PAID).decode().encode("utf-16"),
        raw(event("payment.failed", reason="余额")).decode().encode("gb18030"),
    ],
)
def test_what_is_not_json(value: bytes) -> None:
    assert reason(value, "orders") == "not_json"


@pytest.mark.parametrize("value", [b"null", b"[]", b"5", b"1.5", b'"text"', b"true", b"[" * 5000 + b"]" * 5000])
def test_an_array_or_a_scalar(value: bytes) -> None:
    for topic in READERS:
        assert reason(value, topic) == "wrong_type"


def test_a_value_nested_without_end() -> None:
    assert reason(raw(PAID)[:-1] + b',"x":' + b"[" * 20_000 + b"]" * 20_000 + b"}") == "bad_value"


def test_white_space_and_escapes_are_json() -> None:
    value = (
        b"\r\n\t " + raw(event("address.undeliverable", address="X")).replace(b'"X"', rb'"\ud83d\ude00\u0041\/"') + b" "
    )
    assert read(value).address == "😀A/"


def test_a_value_may_have_65536_bytes() -> None:
    padding = VALUE_LIMIT - len(raw(PAID | {"x": ""}))
    assert read(raw(PAID | {"x": "a" * padding})) == read(PAID)
    assert reason(raw(PAID | {"x": "a" * (padding + 1)})) == "too_large"


def test_a_null_value() -> None:
    for topic in READERS:
        decode, key = READERS[topic]
        with pytest.raises(Invalid) as refused:
            decode(record(topic, key, None))
        assert refused.value.reason == "null_value"


# Keys.


@pytest.mark.parametrize("key", [None, b"", b"A2", b"a1", b"A1 ", b"A1\0", b'"A1"', b"\xff"])
def test_a_key_must_be_the_id(key: bytes | None) -> None:
    assert reason(PAID, key=key) == "key_mismatch"


@given(st.binary(max_size=200))
def test_no_bytes_get_through_or_raise_anything_else(value: bytes) -> None:
    for topic in READERS:
        with pytest.raises(Invalid):
            read(value, topic)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=70),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
WHOLE = [*(event(kind, **OPTIONAL.get(kind, {})) for kind in TYPES), WHOLE_CUSTOMER, STOCK_LEVEL]


@given(st.data())
def test_an_event_with_one_field_spoilt_is_read_skipped_or_refused(data: st.DataObject) -> None:
    value = data.draw(st.sampled_from(WHOLE))
    field = data.draw(st.sampled_from(sorted(value)))
    spoilt = value | {field: data.draw(JSON)}
    assert outcome(spoilt, topic_of(value)) in {"read", "missing_field", "wrong_type", "bad_value", "key_mismatch"}

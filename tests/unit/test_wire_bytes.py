"""Which bytes are a record of the wire contract, and under which key."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.decode import VALUE_LIMIT
from streams.errors import Invalid
from tests.driver import record
from tests.events import NEEDED, OPTIONAL, STOCK_LEVEL, WHOLE_CUSTOMER, Event, event
from tests.unit.reading_events import PAID, READERS, raw, read, reason, topic_of


def outcome(value: Event, topic: str) -> str:
    try:
        read(value, topic)
    except Invalid as refused:
        return refused.reason
    return "read"


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
WHOLE = [*(event(kind, **OPTIONAL.get(kind, {})) for kind in NEEDED), WHOLE_CUSTOMER, STOCK_LEVEL]


@given(st.data())
def test_an_event_with_one_field_spoilt_is_read_skipped_or_refused(data: st.DataObject) -> None:
    value = data.draw(st.sampled_from(WHOLE))
    field = data.draw(st.sampled_from(sorted(value)))
    spoilt = value | {field: data.draw(JSON)}
    assert outcome(spoilt, topic_of(value)) in {"read", "missing_field", "wrong_type", "bad_value", "key_mismatch"}

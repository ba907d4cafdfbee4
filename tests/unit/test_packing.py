"""How a vendor's push is taken apart, and that what is stored of it is what came."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.gateways.packing import ARRAY, EITHER, OBJECT, Packing
from streams.errors import Invalid

XML = Packing(lambda body: [body], json=False)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.lists(VALUES))
def test_an_array_is_taken_apart_into_what_stands_in_it(elements: list[object]) -> None:
    written = [msgspec.json.encode(element) for element in elements]
    assert ARRAY.apart(b" [" + b" ,\n".join(written) + b"] ") == written
    assert EITHER.apart(b"\n[" + b",".join(written) + b"]") == written


@given(st.dictionaries(st.text(), VALUES))
def test_an_object_is_one_element(fields: dict[str, object]) -> None:
    written = msgspec.json.encode(fields)
    assert OBJECT.apart(b" " + written + b"\n") == EITHER.apart(written) == [written]


@pytest.mark.parametrize("body", [b"", b"nonsense", b"1", b'"x"', b"null", b'["\xff"]', b"[1]x", b"{1}", b"[" * 90_000])
def test_what_is_packed_otherwise_is_refused_whatever_is_expected(body: bytes) -> None:
    for packing in (ARRAY, OBJECT, EITHER):
        with pytest.raises(Invalid):
            packing.apart(body)


def test_what_is_no_array_is_not_taken_for_one() -> None:
    with pytest.raises(Invalid):
        ARRAY.apart(b"{}")
    with pytest.raises(Invalid):
        OBJECT.apart(b"[]")


@given(VALUES)
def test_json_is_stored_byte_for_byte(value: object) -> None:
    element = msgspec.json.format(msgspec.json.encode(value), indent=3)
    assert ARRAY.element(msgspec.json.decode(msgspec.json.encode(ARRAY.stored(element)), type=msgspec.Raw)) == element


@given(st.text())
def test_what_is_no_json_is_stored_as_text_and_comes_back(text: str) -> None:
    record = msgspec.json.encode({"element": XML.stored(text.encode())})
    stored = msgspec.json.decode(record, type=dict[str, msgspec.Raw])["element"]
    assert XML.element(stored) == text.encode()


def test_a_record_of_another_packing_is_no_text() -> None:
    with pytest.raises(Invalid):
        XML.element(msgspec.Raw(b"{}"))

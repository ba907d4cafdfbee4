"""The form of what could not be read."""

from base64 import b64decode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import customers
from schemas.times import SECOND
from streams.dead_letters import KEPT
from tests.driver import START, Driver, record, rfc3339
from tests.unit.rules import RULES


def dead(key: bytes | None, value: bytes | None) -> dict[str, object]:
    driver = Driver(customers.kind(), RULES, now=START + SECOND)
    driver.feed(record("customers", key, value, START, offset=7))
    [letter] = driver.sent
    assert letter.topic == "dead-letters"
    assert driver.counts == {("dead_letters", "customers", letter.value["reason"]): 1}
    assert isinstance(letter.value, dict)
    return letter.value


def test_a_dead_letter_says_where_it_came_from_and_why() -> None:
    assert dead(b"C1", b"[1]") == {
        "topic": "customers",
        "partition": 0,
        "offset": 7,
        "timestamp": rfc3339(START).replace("+00:00", "Z"),
        "key": "QzE=",
        "value": "WzFd",
        "reason": "wrong_type",
        "error": "Expected `object`, got `array`",
        "dead_at": rfc3339(START + SECOND).replace("+00:00", "Z"),
    }


def test_it_is_written_under_the_key_of_the_record() -> None:
    driver = Driver(customers.kind(), RULES)
    driver.feed(record("customers", b"C1", b""), record("customers", None, b""))
    assert [letter.key for letter in driver.sent] == ["C1", None]


def test_a_null_key_is_null() -> None:
    assert dead(None, b"{}")["key"] is None


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_it_carries_the_original_bytes(key: bytes, value: bytes) -> None:
    letter = dead(key, value)
    assert b64decode(str(letter["key"])) == key
    assert b64decode(str(letter["value"])) == value


@pytest.mark.parametrize("size", [65_537, KEPT, KEPT + 1, 3 * KEPT])
def test_a_large_value_is_cut_and_known_by_its_hash(size: int) -> None:
    value = bytes(range(256)) * (size // 256 + 1)
    letter = dead(b"C1", value[:size])
    assert letter["reason"] == "too_large"
    assert b64decode(str(letter["value"])) == value[: min(size, KEPT)]
    if size > KEPT:
        assert letter["truncated"] is True
        assert letter["value_bytes"] == size
        assert letter["value_sha256"] == sha256(value[:size]).hexdigest()
    else:
        assert not {"truncated", "value_bytes", "value_sha256"} & set(letter)

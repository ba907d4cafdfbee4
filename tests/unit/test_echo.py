"""The id that a provider echoes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.policy.echo import Echo, echo, parse

IDS = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)


@given(IDS, IDS, st.integers(1, 999_999))
def test_an_echoed_id_says_what_was_sent_and_fits(customer_id: str, notification_id: str, attempt: int) -> None:
    text = echo(customer_id, notification_id, attempt)
    assert parse(text) == Echo(customer_id, notification_id, attempt)
    assert len(text) < 256


@pytest.mark.parametrize(
    "text", ["", "oid-1", "c.n", "c.n.0", "c.n.x", "c.n.1.2", "c..1", "c.n.1\n", "客.n.1", "c.n.１"]
)
def test_an_id_that_is_not_ours_says_nothing(text: str) -> None:
    assert parse(text) is None


@given(st.text(max_size=300))
def test_whatever_comes_back_is_ours_or_nothing(text: str) -> None:
    said = parse(text)
    assert said is None or echo(*said) == text

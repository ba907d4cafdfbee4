from hypothesis import given
from hypothesis import strategies as st

from streams.policy.naming import named, tails

NUMBERS = st.lists(st.text("01A-", min_size=1, max_size=8), min_size=1, max_size=6)


@given(NUMBERS)
def test_a_tail_is_the_end_of_one_number_only(numbers: list[str]) -> None:
    found = tails(numbers)
    assert list(found) == list(dict.fromkeys(numbers))
    for number, tail in found.items():
        others = [other for other in found if other != number]
        if tail is None:
            assert any(other.endswith(number) for other in others)
        else:
            assert number.endswith(tail)
            assert len(tail) >= min(4, len(number))
            assert not any(other.endswith(tail) for other in others)


@given(NUMBERS)
def test_a_tail_is_no_longer_than_it_has_to_be(numbers: list[str]) -> None:
    found = tails(numbers)
    for number, tail in found.items():
        if tail is not None and len(tail) > 4:
            assert any(other.endswith(tail[1:]) for other in found if other != number)


def test_numbers_that_end_alike_have_longer_tails() -> None:
    assert tails(["20260001", "30260001", "20260002"]) == {
        "20260001": "20260001",
        "30260001": "30260001",
        "20260002": "0002",
    }
    assert tails(["10001", "20001"]) == {"10001": "10001", "20001": "20001"}
    assert tails(["0001", "20001"]) == {"0001": None, "20001": "20001"}


def test_a_number_is_whole_where_there_is_room() -> None:
    assert named("20260001", "0001", 8) == "20260001"
    assert named("20260001", "0001", 7) == "尾号0001"
    assert named("20260001", "0001", 5) is None
    assert named("20260001", None, 7) is None

"""The oracle counts its deadlines in time in which all was well."""

from hypothesis import given
from hypothesis import strategies as st

from tests.oracle.calm import Calm

moments = st.integers(0, 300)
spans = st.lists(st.tuples(moments, st.integers(0, 40)).map(lambda span: (span[0], span[0] + span[1])), max_size=6)


def by_walking(disturbed: list[tuple[int, int]], recovery: int, start: int, allowed: int) -> int:
    """The deadline, second by second."""
    at = start
    while allowed:
        if not any(begin <= at < end + recovery for begin, end in disturbed):
            allowed -= 1
        at += 1
    return at


@given(spans, st.integers(0, 20), moments, st.integers(1, 60))
def test_a_deadline_is_moved_by_what_was_disturbed(
    disturbed: list[tuple[int, int]], recovery: int, start: int, allowed: int
) -> None:
    deadline = Calm(disturbed, recovery).deadline(start, allowed)
    walked = by_walking(disturbed, recovery, start, allowed)
    assert deadline >= walked
    assert deadline == walked or any(begin == walked for begin, _ in disturbed)


@given(spans, st.integers(0, 20), moments, st.integers(0, 60))
def test_calm_is_where_no_disturbance_is_felt(
    disturbed: list[tuple[int, int]], recovery: int, begin: int, lasts: int
) -> None:
    end = begin + lasts
    felt = any(b <= end and e + recovery > begin for b, e in disturbed)
    assert Calm(disturbed, recovery).throughout(begin, end) == (not felt)

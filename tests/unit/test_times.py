"""Moments as whole microseconds."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from schemas.times import DAY, SECOND, instant, micros

ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def test_the_epoch_is_zero() -> None:
    assert micros(datetime(1970, 1, 1, tzinfo=UTC)) == 0
    assert micros(datetime(1970, 1, 2, 0, 0, 1, 5, tzinfo=UTC)) == DAY + SECOND + 5


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_comes_back_exactly(moment: datetime) -> None:
    assert instant(micros(moment)) == moment


@given(st.datetimes(timezones=ZONES), st.datetimes(timezones=ZONES))
def test_moments_keep_their_order_in_any_zone(one: datetime, other: datetime) -> None:
    assert (micros(one) < micros(other)) == (one < other)


@given(st.datetimes(timezones=ZONES))
def test_what_no_year_of_ours_holds_is_moved_to_the_edge(moment: datetime) -> None:
    assert datetime.min.replace(tzinfo=UTC) <= instant(micros(moment)) <= datetime.max.replace(tzinfo=UTC)


@given(st.integers(-(10**30), 10**30))
def test_any_number_is_some_instant(at: int) -> None:
    assert instant(at).tzinfo is UTC

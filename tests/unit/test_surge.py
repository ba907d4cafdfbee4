"""What is a surge, and when it is over."""

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.times import DAY, HOUR, SECOND, Micros
from streams.policy import surge
from streams.policy.surge import FORGOTTEN_AFTER, GIVEN_UP, QUIET, WINDOW, Surge, Watched

NOW: Micros = 2_000_000 * WINDOW


def come(
    known: Surge | None, many: int, at: Micros, *, watched: Watched = "carrier", now: Micros | None = None
) -> Surge:
    """After so many came that fell due ``at``."""
    for _ in range(many):
        known = surge.arrived(known, watched, at, at if now is None else now, may_begin=True)
    assert known is not None
    return known


def usual(many: int, *, watched: Watched = "carrier", days: int = 2) -> Surge:
    """A carrier of which so many come in each ten minutes, up to now."""
    known = None
    for number in range(-days * 144, 0):
        known = come(known, many, NOW + number * WINDOW, watched=watched)
    assert known is not None
    return known


@given(
    st.lists(st.tuples(st.integers(-50, 0), st.integers(0, 99)), max_size=30, unique_by=lambda one: one[0]),
    st.randoms(use_true_random=False),
)
def test_below_a_hundred_in_any_ten_minutes_there_is_no_surge_of_a_carrier(
    windows: list[tuple[int, int]], random: Random
) -> None:
    arrivals = [NOW + number * WINDOW for number, count in windows for _ in range(count)]
    random.shuffle(arrivals)
    known = None
    for at in arrivals:
        known = surge.arrived(known, "carrier", at, NOW, may_begin=True)
        assert len(known.windows) <= 24
        assert not known.level


@pytest.mark.parametrize(("watched", "floor"), [("carrier", 100), ("kind", 1_000)])
def test_a_surge_begins_with_the_floor_where_less_is_usual(watched: Watched, floor: int) -> None:
    known = usual(1, watched=watched)
    known = come(known, floor - 1, NOW, watched=watched)
    assert not known.holds(NOW)
    assert come(known, 1, NOW, watched=watched).holds(NOW)


def test_a_surge_begins_above_ten_times_the_usual() -> None:
    known = usual(30)
    assert known.usual == pytest.approx(30)
    known = come(known, 300, NOW)
    assert not known.holds(NOW)
    assert come(known, 1, NOW).holds(NOW)


def test_of_a_carrier_never_seen_the_floor_alone_counts_and_of_a_kind_a_day_is_learnt() -> None:
    assert come(None, 100, NOW).holds(NOW)
    assert not come(None, 5_000, NOW, watched="kind").holds(NOW)
    known = come(None, 99, NOW - DAY, watched="kind")
    assert come(known, 1_000, NOW, watched="kind").holds(NOW)


def test_what_an_outage_of_ours_heaps_up_falls_into_its_own_hours() -> None:
    known = usual(5)
    for number in range(18):
        known = come(known, 20, NOW + number * WINDOW, now=NOW + 3 * HOUR)
    assert not known.level


@given(st.permutations([number for number in range(20) for _ in range(3)]))
def test_in_what_order_it_comes_does_not_matter(numbers: list[int]) -> None:
    known = None
    for number in numbers:
        known = surge.arrived(known, "carrier", NOW + number * WINDOW, NOW + DAY, may_begin=True)
    assert known is not None
    assert [tuple(window) for window in known.windows] == [(NOW // WINDOW + number, 3) for number in range(20)]


def test_what_is_dated_ahead_counts_as_now() -> None:
    known = come(None, 1, NOW + DAY, now=NOW)
    assert known.windows[0].number == NOW // WINDOW


def test_a_surge_of_a_kind_is_over_when_it_was_quiet_for_half_an_hour() -> None:
    known = come(usual(1, watched="kind"), 1_000, NOW, watched="kind")
    known = come(known, 99, NOW + WINDOW, watched="kind")
    assert known.ends_at == NOW + QUIET
    known = come(known, 1, NOW + WINDOW, watched="kind")
    ends_at = NOW + WINDOW + QUIET
    assert known.ends_at == known.deadline == ends_at
    assert known.holds(ends_at - SECOND)
    assert not known.holds(ends_at)
    over = surge.due(known, ends_at)
    assert over is not None
    assert not over.level
    assert not over.windows
    assert over.usual == pytest.approx(1)


def test_a_surge_of_a_carrier_is_over_when_its_feed_is_back_or_nothing_of_it_can_be_told() -> None:
    known = come(usual(1), 200, NOW)
    assert known.ends_at == NOW + QUIET + GIVEN_UP
    assert known.holds(NOW + DAY)
    for _ in range(9):  # the hundred that came before it was known don't count
        known = surge.settled(known, NOW + 5 * HOUR)
    assert known.holds(NOW + DAY)
    known = surge.settled(known, NOW + 5 * HOUR)
    assert known.ends_at == NOW + 5 * HOUR + QUIET


def test_what_came_of_a_surge_that_was_dropped_stays_dropped_when_it_is_over() -> None:
    known = surge.answered(come(usual(1), 200, NOW), "drop", NOW)
    assert surge.answered(known, "drop", NOW + HOUR) is known
    for word in (None, "tell"):
        over = surge.answered(known, word, NOW + HOUR)
        assert (over.level, over.dropped, over.dropped_until) == (0, False, NOW + HOUR)
        assert surge.answered(over, word, NOW + 2 * HOUR) is over
    silent = surge.due(known, known.deadline + HOUR)
    assert silent is not None
    assert silent.dropped_until == known.ends_at, "not what came after it was over"


def test_what_an_operator_had_told_is_not_dropped() -> None:
    assert surge.answered(come(usual(1), 200, NOW), "tell", NOW).dropped_until == 0


def test_a_surge_does_not_become_usual_but_what_an_operator_calls_none_does() -> None:
    known: Surge | None = usual(1)
    for number in range(50):
        known = come(known, 200, NOW + number * WINDOW)
    assert known is not None
    assert known.usual == pytest.approx(1)
    for number in range(50, 100):
        for _ in range(200):
            known = surge.arrived(known, "carrier", NOW + number * WINDOW, NOW + number * WINDOW, may_begin=False)
    assert not known.level
    assert known.usual > 20
    assert not come(known, 200, NOW + 100 * WINDOW).level


def test_what_has_not_come_for_two_weeks_is_forgotten() -> None:
    known = usual(1)
    assert known.deadline == known.last_at + FORGOTTEN_AFTER
    assert surge.due(known, known.deadline - 1) == known
    assert surge.due(known, known.deadline) is None
    silent = surge.due(over := come(None, 100, NOW), over.deadline)
    assert silent is not None
    assert surge.due(silent, silent.deadline) is None


def test_it_survives_its_changelog_and_stays_small() -> None:
    known = usual(40)
    raw = msgspec.json.encode(known)
    assert msgspec.json.decode(raw, type=Surge) == known
    assert len(raw) < 600

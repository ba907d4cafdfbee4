"""Slots for calls, and the line of those that wait for one."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.times import MINUTE, SECOND
from streams.operators.sending.line import SLOT_LASTS, STEP, Line

NOW = 1_764_000_000 * SECOND


def full(slots: int, now: int = NOW) -> Line:
    line = Line()
    for number in range(slots):
        line = line.taken(now, f"c{number}")
    return line


def test_a_quarter_of_the_slots_is_kept_for_the_urgent() -> None:
    line = full(6)
    assert not line.takes(NOW, 8, urgent=False)
    assert line.takes(NOW, 8, urgent=True)
    assert not full(8).takes(NOW, 8, urgent=True)


def test_a_result_frees_one_slot() -> None:
    line = full(8).freed("c3").freed("c3")
    assert line.takes(NOW, 8, urgent=True)
    assert not line.taken(NOW, "another").takes(NOW, 8, urgent=True)


def test_calls_of_an_owner_that_died_free_their_slots_by_themselves() -> None:
    assert not full(8).takes(NOW + SLOT_LASTS - 1, 8, urgent=True)
    assert full(8).takes(NOW + SLOT_LASTS, 8, urgent=False)


def test_what_ends_after_its_slot_was_free_already_frees_no_other() -> None:
    later = NOW + MINUTE
    line = full(8).taken(later, "another").freed("c3")
    assert not line.takes(later, 1, urgent=True)


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=100))
def test_places_are_given_away_in_order_and_never_two_at_once(asking: list[tuple[int, bool]]) -> None:
    line, now, places = Line(), NOW, {True: [NOW], False: [NOW]}
    for passed, urgent in asking:
        now += passed
        line, at = line.place(now, urgent)
        assert at >= now
        assert at >= places[urgent][-1] + (STEP if len(places[urgent]) > 1 else 0)
        places[urgent].append(at)


def test_the_urgent_do_not_stand_behind_the_others() -> None:
    line = Line()
    for _ in range(1_000):
        line, _at = line.place(NOW, urgent=False)
    assert line.place(NOW, urgent=True)[1] == NOW

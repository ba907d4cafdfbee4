"""The line of those that can't go now, and the budget of retries."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.times import MINUTE, SECOND
from streams.operators.sending.line import FIRST_ONES, LENT, RETRY, STEP, Line

NOW = 1_764_000_000 * SECOND


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


def retries(line: Line, now: int) -> int:
    """How many retries may go at once."""
    count = 0
    while line.may_retry(now):
        line, count = line.went(now, again=True), count + 1
    return count


def test_an_outage_does_not_become_a_storm() -> None:
    line = Line()
    assert retries(line, NOW) == LENT // RETRY + 1
    for _ in range(LENT // RETRY + 1):
        line = line.went(NOW, again=True)
    assert not line.may_retry(NOW)
    assert retries(line, NOW + 10 * SECOND) == 10 * SECOND // RETRY


def test_messages_that_go_for_the_first_time_pay_for_retries() -> None:
    line = Line()
    while line.may_retry(NOW):
        line = line.went(NOW, again=True)
    for _ in range(FIRST_ONES):
        line = line.went(NOW, again=False)
    assert retries(line, NOW) == 1


def test_what_is_not_used_is_not_saved_up() -> None:
    line = Line()
    for _ in range(10_000):
        line = line.went(NOW, again=False)
    assert retries(line, NOW + MINUTE) == LENT // RETRY + 1

"""The lines of those that wait for room."""

from hypothesis import given
from hypothesis import strategies as st

from streams.engine.lines import Line, Lines, Standing

FIRST: Line = (0, "a slot")
SECOND: Line = (1, "a slot")


def order(lines: Lines, line: Line, now: int = 0) -> list[bytes]:
    """Who stands there, when it is gone through because of room."""
    return next((list(keys) for name, keys in lines.open(now, room=True) if name == line), [])


def test_whoever_comes_first_stands_first_and_keeps_the_place() -> None:
    lines = Lines()
    for key in (b"a", b"b", b"a", b"c"):
        lines.stand(key, Standing({FIRST: 10}, None))
    assert order(lines, FIRST) == [b"a", b"b", b"c"]


def test_the_lower_number_is_gone_through_first() -> None:
    lines = Lines()
    lines.stand(b"a", Standing({SECOND: 10}, None))
    lines.stand(b"b", Standing({FIRST: 10}, None))
    assert [name for name, _ in lines.open(0, room=True)] == [FIRST, SECOND]


def test_without_room_a_line_is_gone_through_when_its_head_wanted_it() -> None:
    lines = Lines()
    lines.stand(b"a", Standing({FIRST: 10}, None))
    lines.stand(b"b", Standing({SECOND: 20}, None))
    assert lines.next == 10
    assert lines.open(9, room=False) == []
    assert [name for name, _ in lines.open(10, room=False)] == [FIRST]
    lines.stand(b"a", Standing({FIRST: 30}, None))
    assert lines.next == 20


def test_who_comes_later_does_not_put_off_the_head() -> None:
    lines = Lines()
    for number in range(5):
        lines.stand(b"%d" % number, Standing({FIRST: 10 + number}, None))
    assert lines.next == 10


def test_a_line_in_which_nobody_was_looked_at_is_open_at_once() -> None:
    lines = Lines()
    lines.stand(b"a", Standing({FIRST: 10}, None))
    lines.open(10, room=False)
    assert lines.next == 0


_KEYS = st.sampled_from([b"a", b"b", b"c"])
_WHERE = st.dictionaries(st.tuples(st.integers(0, 1), st.sampled_from("xy")), st.integers(0, 9), min_size=1)


@given(st.lists(st.tuples(_KEYS, st.none() | _WHERE)))
def test_a_key_stands_where_it_last_said_and_nowhere_else(moves: list[tuple[bytes, dict[Line, int] | None]]) -> None:
    lines, stands = Lines(), dict[bytes, set[Line]]()
    for key, where in moves:
        if where is None:
            lines.leave(key)
            stands.pop(key, None)
        else:
            lines.stand(key, Standing(where, None))
            stands[key] = set(where)
    found = {name: set(keys) for name, keys in lines.open(0, room=True)}
    names = {name for where in stands.values() for name in where}
    assert found == {name: {key for key, where in stands.items() if name in where} for name in names}
    assert len(lines) == len(stands)
    assert (lines.next is None) is not bool(stands)

"""What lasts by a task's state is added up as if it were looked for anew each time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from schemas.times import SECOND
from streams.engine.lasting import Lasting
from streams.engine.state import State
from streams.engine.task_kind import TaskKind
from tests.counting import Tally, counting


def says(key: bytes, tally: Tally, least: int) -> Iterator[Lasting]:
    """A key of which much came is loud; that there might be loud ones is always to be seen."""
    yield Lasting("loud", (key.decode()[0],), number=0)
    if tally.count >= least:
        yield Lasting("loud", (key.decode()[0],), since=tally.last)


KIND: TaskKind[Tally, int] = replace(cast("TaskKind[Tally, int]", counting()), lasting=says)
KEYS = st.sampled_from([b"a1", b"a2", b"b1", b"b2"])
TURNS = st.lists(
    st.tuples(st.integers(1, 3), st.dictionaries(KEYS, st.none() | st.tuples(st.integers(1, 4), st.integers(0, 50))))
)


@given(TURNS)
def test_what_lasts_is_what_the_entries_say_under_the_rules_in_force(
    turns: list[tuple[int, dict[bytes, tuple[int, int] | None]]],
) -> None:
    state = State(KIND, {}, 1)
    entries: dict[bytes, Tally] = {}
    for least, changes in turns:
        if least != state.rules:
            state.arm_all(least)
        turn = state.scratch(now=0, wall=0)
        for key, change in changes.items():
            if change is None:
                turn.delete(key)
                entries.pop(key, None)
            else:
                entries[key] = Tally(count=change[0], last=change[1] * SECOND)
                turn.put(key, entries[key])
        state.apply(turn, state.meta)
        now = 60 * SECOND
        loud = [(key.decode()[0], tally.last) for key, tally in entries.items() if tally.count >= least]
        numbers = Counter(name for name, _ in loud)
        found = {total.labels[0]: (total.number, total.oldest) for total in state.lasting(now)}
        assert found == {
            name: (numbers[name], max((60 - at / SECOND for n, at in loud if n == name), default=0))
            for name in {key.decode()[0] for key in entries}
        }
    again = State(KIND, {key: KIND.codec.encode(tally) for key, tally in entries.items()}, state.rules)
    assert sorted(again.lasting(0)) == sorted(state.lasting(0))


def test_where_nothing_can_last_nothing_is_kept() -> None:
    state = State(counting(), {b"a1": KIND.codec.encode(Tally(count=9))}, None)
    assert state.lasting(0) == []

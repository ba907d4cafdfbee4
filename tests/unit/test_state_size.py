"""How large a state is said to be."""

from hypothesis import given
from hypothesis import strategies as st

from streams.engine.state import SAMPLED, State
from tests.counting import Tally, counting

KIND = counting()


def state(entries: dict[bytes, bytes]) -> State[Tally, None]:
    return State(KIND, dict(entries), None)


@given(st.dictionaries(st.text("0123456789", min_size=1).map(str.encode), st.integers(0, 10**9), max_size=SAMPLED))
def test_up_to_a_sample_it_is_what_the_changelog_holds(counts: dict[bytes, int]) -> None:
    entries = {key: KIND.codec.encode(Tally(count=count)) for key, count in counts.items()}
    assert state(entries).size() == sum(len(key) + len(value) for key, value in entries.items())


def test_of_many_it_is_about_that_though_the_late_ones_are_larger() -> None:
    entries = {
        b"%08d" % number: KIND.codec.encode(Tally(asked=tuple(range(number // 500)))) for number in range(20_000)
    }
    size = sum(len(key) + len(value) for key, value in entries.items())
    assert abs(state(entries).size() - size) < size / 50

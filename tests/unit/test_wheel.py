from hypothesis import given
from hypothesis import strategies as st

from streams.engine.wheel import Wheel

_MOVES = st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.integers(0, 1000)))


@given(st.integers(1, 50), _MOVES)
def test_every_armed_key_comes_up_never_before_its_first_deadline_and_less_than_a_bucket_late(
    bucket: int, moves: list[tuple[bytes, int]]
) -> None:
    wheel = Wheel(bucket)
    first: dict[bytes, int] = {}
    for key, deadline in moves:
        wheel.arm(key, deadline)
        first[key] = min(deadline, first.get(key, deadline))
    came: dict[bytes, int] = {}
    for now in range(1100):
        while keys := wheel.due(now):
            for key in keys:
                assert key not in came
                came[key] = now
    assert came.keys() == first.keys()
    assert all(first[key] <= came[key] < first[key] + bucket for key in came)
    assert len(wheel) == 0
    assert wheel.next is None


def test_a_key_without_deadline_is_not_armed() -> None:
    wheel = Wheel(10)
    wheel.arm(b"a", None)
    assert wheel.next is None

"""The gate to a provider: its slots, its rate, whether it hangs."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.calls import SendResult
from schemas.times import MINUTE, SECOND, Micros
from streams.operators.sending.gate import BURST, HANGING, SLOT_LASTS, SLOW, Gate

NOW = 1_764_000_000 * SECOND
TAKEN = SendResult(outcome="accepted", message_id="m")


def full(slots: int, now: int = NOW) -> Gate:
    gate = Gate()
    for number in range(slots):
        gate = gate.taken(now, f"c{number}", 0)
    return gate


def test_a_quarter_of_the_slots_is_kept_for_the_urgent() -> None:
    gate = full(6)
    assert not gate.has_slot(NOW, 8, urgent=False)
    assert gate.has_slot(NOW, 8, urgent=True)
    assert not full(8).has_slot(NOW, 8, urgent=True)


def test_a_result_frees_one_slot() -> None:
    gate = full(8).freed(NOW, "c3", TAKEN).freed(NOW, "c3", TAKEN)
    assert gate.has_slot(NOW, 8, urgent=True)
    assert not gate.taken(NOW, "another", 0).has_slot(NOW, 8, urgent=True)


def test_calls_of_an_owner_that_died_free_their_slots_by_themselves() -> None:
    assert not full(8).has_slot(NOW + SLOT_LASTS - 1, 8, urgent=True)
    assert full(8).has_slot(NOW + SLOT_LASTS, 8, urgent=False)


def test_what_ends_after_its_slot_was_free_already_frees_no_other() -> None:
    later = NOW + MINUTE
    gate = full(8).taken(later, "another", 0).freed(later, "c3", TAKEN)
    assert not gate.has_slot(later, 1, urgent=True)


def test_a_provider_hangs_when_several_calls_have_long_been_unanswered() -> None:
    assert not full(HANGING - 1).hangs(NOW + MINUTE // 6)
    assert not full(HANGING).hangs(NOW + SLOW - 1)
    assert full(HANGING).hangs(NOW + SLOW)
    assert not full(HANGING).freed(NOW, "c0", TAKEN).hangs(NOW + SLOW)


@given(
    waits=st.lists(st.integers(0, 30_000), min_size=1, max_size=300),
    distance=st.sampled_from([1_000, 5_000, 20_000]),
    urgent=st.booleans(),
)
def test_in_no_second_more_go_than_the_rate_and_a_burst(waits: list[Micros], distance: Micros, urgent: bool) -> None:
    gate, now, went = Gate(), NOW, list[Micros]()
    for wait in waits:
        now += wait
        if gate.in_rate(now, urgent):
            gate = gate.taken(now, f"c{len(went)}", distance)
            went.append(now)
    for first in went:
        within = sum(first <= at < first + SECOND for at in went)
        assert within <= (SECOND + BURST) // distance + 1


@given(st.sampled_from([1_000, 20_000]))
def test_the_urgent_have_some_of_a_burst_for_themselves(distance: Micros) -> None:
    gate = Gate()
    while gate.in_rate(NOW, urgent=False):
        gate = gate.taken(NOW, "c", distance)
    assert gate.in_rate(NOW, urgent=True)

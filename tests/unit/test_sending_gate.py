"""The gate to a provider: its slots, how many of them it has earned, its rate, whether it hangs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.calls import SendResult
from schemas.times import MINUTE, SECOND, Micros
from streams.operators.sending.gate import BURST, FIRST_SLOTS, HANGING, IDLE, SLOT_LASTS, SLOW, URGENT_SHARE, Gate

NOW = 1_764_000_000 * SECOND
TAKEN = SendResult(outcome="accepted", message_id="m")
TIMEOUT = SendResult(outcome="unknown", code="timeout")
SLOTS = 64


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


def filled(gate: Gate, now: int = NOW, slots: int = SLOTS, urgent: bool = True) -> Gate:
    """The gate with as many calls under way as may be."""
    while gate.has_slot(now, slots, urgent):
        gate = gate.taken(now, f"{now}-{len(gate.taken_slots)}", 0)
    return gate


def answered(gate: Gate, now: int = NOW, result: SendResult = TAKEN) -> Gate:
    """The gate after all that was under way has this result."""
    for slot in gate.taken_slots:
        gate = gate.freed(now, slot.call, result)
    return gate


def allowed(gate: Gate, now: int = NOW) -> int:
    return len(filled(gate, now).taken_slots)


def grown() -> Gate:
    """A gate that has earned all slots, with nothing under way."""
    gate = Gate()
    for _ in range(10):
        gate = answered(filled(gate))
    return gate


def test_a_provider_not_heard_of_gets_few_calls_at_first() -> None:
    assert allowed(Gate()) == FIRST_SLOTS < SLOTS


def test_each_answer_earns_one_more_up_to_all_slots() -> None:
    gate = filled(Gate()).freed(NOW, f"{NOW}-0", TAKEN)
    assert allowed(gate) == FIRST_SLOTS + 1
    assert allowed(answered(filled(Gate()))) == 2 * FIRST_SLOTS
    assert allowed(grown()) == SLOTS


def test_those_that_are_not_urgent_earn_as_well() -> None:
    gate = answered(filled(Gate(), urgent=False))
    assert allowed(gate) == FIRST_SLOTS + FIRST_SLOTS - FIRST_SLOTS // URGENT_SHARE


@pytest.mark.parametrize("gate", [Gate(), grown()])
def test_what_was_not_asked_changes_nothing(gate: Gate) -> None:
    before, gate = allowed(gate), filled(gate)
    for slot in gate.taken_slots:
        gate = gate.freed(NOW, slot.call, None)
    assert allowed(gate) == before


def test_a_provider_that_is_hardly_asked_earns_no_more_than_it_uses() -> None:
    gate = Gate()
    for _ in range(100):
        gate = gate.taken(NOW, "a", 0).taken(NOW, "b", 0).freed(NOW, "a", TAKEN).freed(NOW, "b", TAKEN)
    assert allowed(gate) == FIRST_SLOTS


def test_trouble_takes_away_what_was_earned() -> None:
    gate = grown().taken(NOW, "a", 0)
    assert allowed(gate.freed(NOW, "a", TIMEOUT)) == FIRST_SLOTS


def test_after_an_outage_it_begins_anew() -> None:
    gate = answered(filled(grown()), result=TIMEOUT)
    later = NOW + MINUTE
    assert not gate.breaker.closed
    gate = gate.taken(later, "probe", 0).freed(later, "probe", TAKEN)
    assert gate.breaker.closed
    assert allowed(gate, later) == FIRST_SLOTS


def test_after_a_long_silence_of_ours_it_begins_anew() -> None:
    assert allowed(grown(), NOW + IDLE - 1) == SLOTS
    assert allowed(grown(), NOW + IDLE) == FIRST_SLOTS
    gate = grown().taken(NOW + IDLE, "a", 0)
    assert allowed(gate, NOW + IDLE + 1) == FIRST_SLOTS


def test_one_that_hangs_gets_no_more_than_at_first() -> None:
    gate = grown()
    for number in range(HANGING):
        gate = gate.taken(NOW, f"c{number}", 0)
    assert allowed(gate, NOW + SLOW - 1) == SLOTS
    assert allowed(gate, NOW + SLOW) == FIRST_SLOTS
    assert not filled(grown()).has_slot(NOW + SLOW, SLOTS, urgent=True)


def test_what_became_of_nothing_takes_away_what_was_earned() -> None:
    assert allowed(filled(grown()), NOW + SLOT_LASTS) == FIRST_SLOTS
    gate = filled(grown()).taken(NOW + SLOW, "one more", 0)
    assert allowed(gate, NOW + SLOT_LASTS) == FIRST_SLOTS


@given(st.lists(st.sampled_from(["begin", "yes", "trouble"]), max_size=300), st.integers(1, SLOTS))
def test_never_more_are_under_way_than_slots_or_than_answers_have_earned(steps: list[str], slots: int) -> None:
    gate, earned = Gate(), FIRST_SLOTS
    for step in steps:
        if step == "begin":
            gate = filled(gate, slots=slots)
        elif gate.taken_slots:
            earned = FIRST_SLOTS if step == "trouble" else earned + 1
            gate = gate.freed(NOW, gate.taken_slots[0].call, TIMEOUT if step == "trouble" else TAKEN)
        assert len(gate.taken_slots) <= slots
        assert len(filled(gate, slots=slots).taken_slots) <= max(earned, len(gate.taken_slots))


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

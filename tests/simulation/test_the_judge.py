"""The judge is judged: each defect that is planted in the program is found, and within so many seeds."""

import pytest

from tests.simulation.judge_the_judge import SEEN_AT, broken_by, seeds
from tests.simulation.planted import PLANTED

MOST_SEEDS = 130
"""The rarest, a call by too long, is found by seed 29."""


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_defect_is_found(name: str) -> None:
    assert any(broken_by(name, seed) for seed in seeds(name, MOST_SEEDS)), f"{name} in none of {MOST_SEEDS} runs"


def test_what_is_looked_at_first_is_one_of_the_seeds_of_a_planted_defect() -> None:
    assert SEEN_AT.keys() <= PLANTED.keys()
    assert all(sorted(seeds(name, MOST_SEEDS)) == list(range(MOST_SEEDS)) for name in PLANTED)

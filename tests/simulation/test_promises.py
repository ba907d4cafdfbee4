"""Whole workers through thousands of bad days: whatever happens, the promises hold."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation import cases
from tests.simulation.plan import Plan
from tests.simulation.plans import plan
from tests.simulation.trial import trial

SEEDS = 160
CHUNK = 20


def _judge(of: Plan, repeat: str) -> None:
    found = trial(of)
    said = "\n".join(f"{defect.promise}: {defect.subject}: {defect.what}" for defect in found.defects)
    assert not found.defects, f"repeat it with: python -m tests.simulation {repeat}\n{said}"


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_the_promises_hold_on_bad_days(first: int) -> None:
    for seed in range(first, first + CHUNK):
        _judge(plan(seed), f"--seed {seed}")


@pytest.mark.parametrize("path", cases.kept(), ids=lambda path: path.stem)
def test_what_once_failed_does_not_fail_again(path: Path) -> None:
    _judge(cases.read(path), f"--case {path}")


_DIGEST = """
import hashlib, sys
from tests.simulation.plans import plan
from tests.simulation.world import World
written = World(plan(int(sys.argv[1]))).play().evidence.written
print(hashlib.sha256(repr(written).encode()).hexdigest())
"""


@pytest.mark.parametrize("seed", [3, 5])
def test_a_seed_repeats_exactly_in_another_process(seed: int) -> None:
    def digest(hash_seed: str) -> bytes:
        command = [sys.executable, "-c", _DIGEST, str(seed)]
        said = subprocess.check_output(command, env={**os.environ, "PYTHONHASHSEED": hash_seed})
        return said.splitlines()[-1]  # what stands before are the workers' logs, with the real hour

    assert digest("1") == digest("2")

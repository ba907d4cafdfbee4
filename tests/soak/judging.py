"""Judges a soak: its evidence by the oracle, and what its workers said of themselves."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import get_args

from tests.oracle import Defect, Evidence, judge
from tests.oracle.defects import Promise
from tests.soak.rules import TERMS
from tests.soak.worker import Line


def judged(evidence: Evidence) -> list[Defect]:
    """What the oracle finds."""
    return judge(evidence, TERMS)


def raised(lines: Iterable[Line]) -> list[Defect]:
    """What the workers logged that they never should: a step that raised, a task that was given up."""
    found = Counter(
        (line.event, line.task, line.error, line.at) for line in lines if line.event in ("defect", "task_halted")
    )
    return [
        Defect("raised", task, f"{event}, {count} times: {error} {at}".strip())
        for (event, task, error, at), count in found.items()
    ]


def by_promise(defects: Sequence[Defect]) -> str:
    """How many of each promise were broken, those with none included."""
    counts = Counter(defect.promise for defect in defects)
    return ", ".join(f"{counts[promise]} {promise}" for promise in get_args(Promise))

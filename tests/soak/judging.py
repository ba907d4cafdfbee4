"""Judges a soak: its evidence by the oracle, and what its workers said of themselves."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar, get_args

import msgspec

from schemas.outputs import Command, Decision
from tests.oracle import Defect, Evidence, judge
from tests.oracle.defects import Promise
from tests.soak.acts import exception_in
from tests.soak.rules import TERMS
from tests.soak.worker import Line

T = TypeVar("T")


def judged(evidence: Evidence) -> list[Defect]:
    """What the oracle finds, and what has no outcome though it was waited for. The oracle itself has more patience."""
    return [*judge(evidence, TERMS), *_undecided(evidence)]


def _undecided(evidence: Evidence) -> list[Defect]:
    commands = of_topic(evidence, "notification-commands", Command)
    decisions = of_topic(evidence, "notification-decisions", Decision)
    asked = {command.command_id for command in commands if command.action == "notify"}
    happened = {exception_in(record.topic, record.value) for record in evidence.published} - {None}
    open_ = asked - {decision.command_id for decision in decisions}
    unheard = happened - {decision.event_id for decision in decisions}
    return [
        *(Defect("lost", command, "has no decision") for command in sorted(open_)),
        *(Defect("lost", event, "no decision names this event") for event in sorted(map(str, unheard))),
    ]


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


def of_topic(evidence: Evidence, topic: str, kind: type[T]) -> list[T]:
    """What was written to a topic."""
    decode = msgspec.json.Decoder(kind).decode
    return [decode(written.value) for written in evidence.written if written.topic == topic and written.value]

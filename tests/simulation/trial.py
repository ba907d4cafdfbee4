"""One plan played and judged."""

import re
from collections import Counter
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import structlog

from tests.oracle import Defect, judge
from tests.simulation.plan import Plan
from tests.simulation.rules import terms_of
from tests.simulation.world import World

_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:86)?1[3-9]\d{9}(?![0-9A-Za-z])")
"""A Chinese mobile by itself: the digits of an id may look like one."""


class Trial(NamedTuple):
    """What came of a plan: the promises that were broken, and how often what went wrong."""

    defects: list[Defect]
    counts: Counter[str]

    @property
    def broken(self) -> list[str]:
        """The promises that were broken."""
        return sorted({defect.promise for defect in self.defects})


def trial(plan: Plan) -> Trial:
    """Plays a plan, and judges it by the promises, by what the program logged, and by what asyncio complained of."""
    world = World(plan)
    with _logged() as events:
        evidence, counts = world.play()
    defects = judge(evidence, terms_of(plan.rules))
    defects += [Defect("raised", str(event.get("at")), str(event)) for event in events if event["event"] == "defect"]
    defects += [Defect("raised", "task", str(event)) for event in events if event["event"] == "task_halted"]
    defects += [Defect("exposed", str(event["event"]), "a number in the log") for event in events if _exposes(event)]
    defects += [Defect("raised", "asyncio", complaint) for complaint in world.loop.complaints]
    return Trial(defects, counts)


def _exposes(event: MutableMapping[str, Any]) -> bool:
    return _NUMBER.search(str(event)) is not None


@contextmanager
def _logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """Keeps what is logged, in place of writing it."""
    events: list[MutableMapping[str, Any]] = []

    def keep(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        events.append(event)
        raise structlog.DropEvent

    former = structlog.get_config()
    structlog.configure(processors=[keep])
    try:
        yield events
    finally:
        structlog.configure(**former)

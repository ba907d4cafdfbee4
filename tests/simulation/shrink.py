"""Makes a failing plan small: whatever can be left out while a promise is still broken is left out.

Halves, quarters and so on of what remains are tried, down to single stories and troubles (Zeller's delta debugging).
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from tests.simulation.plan import Plan, Temper

T = TypeVar("T")
Fails = Callable[[Plan], bool]


def shrink(plan: Plan, fails: Fails, most_runs: int = 300) -> Plan:
    """The smallest plan found in so many runs that still ``fails``."""
    left = most_runs

    def still(candidate: Plan) -> bool:
        nonlocal left
        left -= 1
        return left >= 0 and fails(candidate)

    changes: list[dict[str, Any]] = [{"flaky": 0}, {"troubles": []}]
    for name in plan.vendors:
        without = {other: temper for other, temper in plan.vendors.items() if other != name}
        changes += [{"vendors": {name: plan.vendors[name]}}, {"vendors": {**plan.vendors, name: Temper()}}]
        changes += [{"vendors": without}] if without else []
    for change in changes:
        if still(simpler := replace(plan, **change)):
            plan = simpler
    plan = replace(plan, stories=_least(plan.stories, lambda kept: still(replace(plan, stories=kept))))
    plan = replace(plan, troubles=_least(plan.troubles, lambda kept: still(replace(plan, troubles=kept))))
    for vendor in plan.vendors:
        for way in Temper.__struct_fields__:
            gentler = replace(plan.vendors[vendor], **{way: False if way == "echoes" else 0})
            if still(simpler := replace(plan, vendors={**plan.vendors, vendor: gentler})):
                plan = simpler
    return plan


def _least(items: list[T], fails: Callable[[list[T]], bool]) -> list[T]:
    """A part of ``items`` that fails, of which no chunk can be left out."""
    size = max(1, len(items) // 2)
    while items:
        start = 0
        while start < len(items):
            fewer = _without(items, start, size)
            if fails(fewer):
                items = fewer
            else:
                start += size
        if size == 1:
            break
        size = max(1, size // 2)
    return items


def _without(items: Sequence[T], start: int, size: int) -> list[T]:
    return [*items[:start], *items[start + size :]]

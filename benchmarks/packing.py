"""How few segments what waits is packed into, beside the fewest that there can be and a message for each exception.

What waits is drawn in ``troubles.py``. The fewest are found by trying all ways in which up to ten exceptions can be
grouped, each group told by the best text there is, with nothing of the packer's own search; what more waits at once is
counted, but not compared.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from random import Random
from time import process_time

from agents.rules_source import read_rules
from benchmarks import troubles
from benchmarks.troubles import Waiting as Cases
from orderbell.defaults import DEFAULT_RULES
from schemas.rules import SmsProvider
from streams.policy.merging import Members, Waiting
from streams.policy.packing import pack
from streams.policy.packing_search import Effort
from streams.policy.rules import Rules

_EXHAUSTIVE = 10
_SEED = 7


@dataclass(slots=True)
class Found:
    """What came of a workload. ``apart``, ``packed``: segments with a message each, and as packed; ``comparable`` are
    those packed of what could be looked through whole, and ``fewest`` the fewest of that."""

    waiting: int = 0
    exceptions: int = 0
    alone: int = 0
    apart: int = 0
    packed: int = 0
    comparable: int = 0
    fewest: int = 0
    beyond: int = 0
    cost: float = 0.0
    seconds: float = 0.0
    slowest: float = 0.0

    def line(self, name: str) -> str:
        """A row of the table."""
        return (
            f"| {name} | {self.waiting:,} | {self.exceptions:,} | {self.alone / self.waiting:.0%} | {self.apart:,} "
            f"| {self.packed:,} | {1 - self.packed / self.apart:.1%} "
            f"| {self.comparable / self.fewest:.4f} ({self.beyond}) "
            f"| {self.seconds / self.waiting * 1e3:.2f} ms, {self.slowest * 1e3:.0f} ms |"
        )


def compare(number: int) -> str:
    """The table: ``number`` times something waits, for each workload."""
    rules = read_rules(DEFAULT_RULES, None)
    rows = [
        "| what waits | times | exceptions | only one | segments, a message each | packed | fewer "
        "| packed by the fewest (not compared) | time, slowest |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    kinds: list[tuple[str, Callable[[Random], Cases], SmsProvider]] = [
        ("reference", troubles.reference, "aliyun"),
        ("reference, 1.5 orders in the mean", lambda random: troubles.reference(random, 1.5), "aliyun"),
        ("reference, 2 orders in the mean", lambda random: troubles.reference(random, 2), "aliyun"),
        ("reference, 4 orders in the mean", lambda random: troubles.reference(random, 4), "aliyun"),
        ("reference, by Tencent", troubles.reference, "tencent"),
        ("unkind", troubles.unkind, "aliyun"),
        ("unkind, by Tencent", troubles.unkind, "tencent"),
    ]
    for name, draw, provider in kinds:
        random = Random(_SEED)
        rows.append(_measured((draw(random) for _ in range(number)), rules, provider).line(name))
    return "\n".join([*rows, "", *_crowds(rules)])


def _measured(workload: Iterable[Cases], rules: Rules, provider: SmsProvider) -> Found:
    found = Found()
    for cases in workload:
        began = process_time()
        groups = pack(cases, rules, provider)
        took = process_time() - began
        segments = sum(group.text.segments for group in groups if group.text)
        found.waiting += 1
        found.exceptions += len(cases)
        found.alone += len(cases) == 1
        found.apart += sum(group.apart for group in groups)
        found.packed += segments
        found.seconds += took
        found.slowest = max(found.slowest, took)
        if len(cases) <= _EXHAUSTIVE:
            found.comparable += segments
            found.fewest += _fewest(cases, rules, provider)
        else:
            found.beyond += 1
    return found


def _fewest(cases: Cases, rules: Rules, provider: SmsProvider) -> int:
    """The fewest segments: of all groups with the first case left, each with the fewest of what is then left."""
    waiting = Waiting(cases, rules, provider)

    @cache
    def text(members: Members) -> int | None:
        found = waiting.text(members)
        return found.segments if found else 1 if len(members) == 1 else None

    @cache
    def fewest(left: Members) -> int:
        if not left:
            return 0
        first, *others = left
        found = []
        for mask in range(1 << len(others)):
            company = tuple(other for bit, other in enumerate(others) if mask >> bit & 1)
            segments = text((first, *company))
            if segments is not None:
                found.append(segments + fewest(tuple(other for other in others if other not in company)))
        return min(found)

    return fewest(tuple(range(len(cases))))


def _crowds(rules: Rules) -> list[str]:
    rows = ["| crowd | packed | with much more effort | time |", "|---|---|---|---|"]
    for number in (12, 20, 50, 100, 500):
        cases = troubles.crowd(Random(_SEED), number)
        began = process_time()
        groups = pack(cases, rules)
        took = process_time() - began
        best = pack(cases, rules, effort=Effort(cases=200, states=20_000, ways=20_000))
        rows.append(f"| {number} | {len(groups)} | {len(best)} | {took * 1e3:.0f} ms |")
    return rows

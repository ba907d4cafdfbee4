"""The figures of a soak: what happened, what came of it, how soon the work of the dead went on."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from schemas.outputs import Decision, Receipt
from schemas.times import MINUTE, SECOND, Micros
from tests.oracle.evidence import Evidence
from tests.soak.fleet import Fleet, Kill
from tests.soak.judging import of_topic
from tests.soak.worker import Line


def figures(evidence: Evidence, fleet: Fleet, befell: Mapping[str, int], logged: Sequence[Line]) -> dict[str, str]:
    """By name, in the order in which they are best read."""
    decisions = of_topic(evidence, "notification-decisions", Decision)
    receipts = of_topic(evidence, "delivery-receipts", Receipt)
    said = Counter(line.event for line in logged)
    failed = Counter[str]()
    for line in logged:
        if line.event == "incarnation_failed":
            failed[line.error] += 1 + line.repeats
    recovered = recoveries(evidence, fleet.kills)
    return {
        "minutes": f"{(evidence.closed_at - evidence.began_at) / MINUTE:.1f}",
        "published": _counts(p.topic for p in evidence.published),
        "written": _counts(w.topic for w in evidence.written),
        "troubles": _shown(fleet.troubles),
        "vendor's troubles": _shown(befell),
        "rebalances": str(fleet.broker.rebalances),
        "tasks recovered": str(said["task_recovered"]),
        "incarnations failed": _shown(failed),
        "memberships failed": str(said["membership_failed"]),
        "requests to send": _counts(
            f"{'taken' if a.taken else 'not taken'}, heard {a.answer}" for a in evidence.attempts
        ),
        "outcomes": _counts(f"{d.outcome}, {d.reason}" for d in decisions),
        "receipts": _counts(r.status for r in receipts),
        "attempts in doubt": str(sum(r.status == "unknown" for r in receipts)),
        "seconds from kill -9 to the partition's next decision": spread(recovered),
    }


def recoveries(evidence: Evidence, kills: Sequence[Kill]) -> list[float]:
    """For each partition of a worker that was killed, seconds from then to the next decision there."""
    decided: defaultdict[int, list[Micros]] = defaultdict(list)
    for written in evidence.written:
        if written.topic == "notification-decisions":
            decided[written.partition].append(written.at)
    for times in decided.values():
        times.sort()
    found = []
    for kill in kills:
        for times in (decided[partition] for partition in kill.sender):
            after = times[bisect_right(times, kill.at) :][:1]
            found += [(at - kill.at) / SECOND for at in after]
    return found


def spread(seconds: Sequence[float]) -> str:
    """The least, the middle and the most."""
    if not seconds:
        return "none"
    return f"{min(seconds):.1f} / {median(seconds):.1f} / {max(seconds):.1f} (least, median, most of {len(seconds)})"


def _counts(words: Iterable[str]) -> str:
    return _shown(Counter(words))


def _shown(counts: Mapping[str, int]) -> str:
    whole = sum(counts.values())
    parts = ", ".join(f"{count} {word}" for word, count in sorted(counts.items(), key=lambda item: -item[1]))
    return f"{whole}: {parts}" if counts else "0"

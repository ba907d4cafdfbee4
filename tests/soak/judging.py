"""Judges evidence by what can be said of it without knowing the rules: nothing lost, twice or false."""

from collections import Counter
from typing import TypeVar

import msgspec

from schemas.outputs import Command, Decision, Receipt
from tests.oracle.evidence import Evidence
from tests.soak.acts import exception_in

T = TypeVar("T")


def judged(evidence: Evidence) -> list[str]:
    """Defects, in words."""
    commands = of_topic(evidence, "notification-commands", Command)
    decisions = of_topic(evidence, "notification-decisions", Decision)
    receipts = of_topic(evidence, "delivery-receipts", Receipt)
    asked = {c.command_id for c in commands if c.action == "notify"}
    decided = Counter(d.command_id for d in decisions)
    told = Counter(a.out_id.rpartition(".")[0] for a in evidence.attempts if a.taken)
    accepted = Counter(r.notification_id for r in receipts if r.status == "accepted")
    events = {exception_in(p.topic, p.value) for p in evidence.published} - {None}
    of_events = {d.event_id for d in decisions}
    taken = {out_id.partition(".")[2] for out_id in told}
    return [
        *(f"lost: command {c} has no decision" for c in asked - decided.keys()),
        *(f"lost: event {e} has no decision" for e in events - of_events),
        *(f"twice: {times} decisions of {c}" for c, times in decided.items() if times > 1),
        *(f"twice: {times} messages of {out_id}" for out_id, times in told.items() if times > 1),
        *(f"twice: {times} acceptances of {n}" for n, times in accepted.items() if times > 1),
        *(
            f"false: {d.command_id} was sent in {d.notification_id}, which the vendor never took"
            for d in decisions
            if d.outcome in ("sent", "merged") and d.notification_id not in taken
        ),
    ]


def of_topic(evidence: Evidence, topic: str, kind: type[T]) -> list[T]:
    """What was written to a topic."""
    decode = msgspec.json.Decoder(kind).decode
    return [decode(w.value) for w in evidence.written if w.topic == topic and w.value is not None]

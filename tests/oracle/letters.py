"""Whether each record that can't be read became a dead letter, once and as it came, and no other did."""

from hashlib import sha256

from schemas.outputs import DeadLetter
from schemas.times import Micros, micros
from tests.oracle.calm import Calm
from tests.oracle.defects import Defects
from tests.oracle.evidence import Evidence, Published
from tests.oracle.outputs import Outputs
from tests.oracle.terms import Terms
from tests.oracle.upstream import Upstream

KEPT = 256 * 1024
"""So many bytes of a value are kept."""
CALLBACKS = "provider-callbacks"
"""What vendors pushed is not in the evidence: of bad elements in it nothing is known."""


def judge(evidence: Evidence, terms: Terms, calm: Calm, upstream: Upstream, out: Outputs, defects: Defects) -> None:
    """Judges all dead letters."""
    found: set[tuple[str, int, int]] = set()
    for letter, written in out.dead:
        place = letter.topic, letter.partition, letter.offset
        subject = f"{letter.topic}/{letter.partition}/{letter.offset}"
        if place in found:
            defects.add("twice", subject, "is a dead letter twice", again=written.at)
        elif letter.reason == "defect":
            defects.add("lost", subject, "the program failed on it", at=written.at)
        elif place in upstream.dead:
            record, reasons = upstream.dead[place]
            _check(letter, written.key, record, reasons, subject, defects)
            by = calm.deadline(record.at, terms.slack)
            if written.at > by:
                defects.add("late", subject, "is a dead letter late", published=record.at, by=by, at=written.at)
        elif letter.topic != CALLBACKS and place not in upstream.perhaps_dead:
            defects.add("lost", subject, f"can be read, and is a dead letter: {letter.reason}", at=written.at)
        found.add(place)
    for place, (record, _) in upstream.dead.items():
        if place not in found and calm.deadline(record.at, terms.slack) < evidence.ended_at:
            subject = "/".join(str(part) for part in place)
            defects.add("lost", subject, "can't be read, and is no dead letter", published=record.at)


def _check(
    letter: DeadLetter,
    key: bytes | None,
    record: Published,
    reasons: frozenset[str],
    subject: str,
    defects: Defects,
) -> None:
    value = record.value
    cut = value is not None and len(value) > KEPT
    right = {
        f"reason {letter.reason}, not {' or '.join(sorted(reasons))}": letter.reason in reasons,
        "key": letter.key == record.key == key,
        "value": letter.value == (value[:KEPT] if cut and value is not None else value),
        "timestamp": abs(micros(letter.timestamp) - record.timestamp) < _MILLISECOND,
        "truncated": letter.truncated == cut,
    }
    if cut and value is not None:
        right["value_bytes"] = letter.value_bytes == len(value)
        right["value_sha256"] = letter.value_sha256 == sha256(value).hexdigest()
    wrong = [name for name, fits in right.items() if not fits]
    if wrong:
        defects.add("unexplained", subject, f"wrong in its dead letter: {', '.join(wrong)}")


_MILLISECOND: Micros = 1_000

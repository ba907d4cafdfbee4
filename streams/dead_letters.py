"""The form of what could not be read: the original bytes, where they came from, and why."""

from hashlib import sha256

from schemas.outputs import DeadLetter
from schemas.times import Micros, instant
from streams.engine.turn import Record
from streams.errors import Invalid

KEPT = 256 * 1024
"""How many bytes of a value a dead letter carries; of a longer one the length and the SHA-256 are kept."""


def dead_letter(record: Record, why: Invalid, dead_at: Micros) -> DeadLetter:
    """The dead letter of ``record``, to be written under the record's own key."""
    value = record.value
    cut = value is not None and len(value) > KEPT
    return DeadLetter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=instant(record.timestamp),
        key=record.key,
        value=value[:KEPT] if value is not None else None,
        reason=why.reason,
        error=str(why),
        dead_at=instant(dead_at),
        truncated=cut,
        value_bytes=len(value) if value is not None and cut else None,
        value_sha256=sha256(value).hexdigest() if value is not None and cut else None,
    )

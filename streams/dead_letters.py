"""What could not be read is put aside: the original bytes, where they came from, and why."""

from hashlib import sha256
from typing import Any

from schemas.outputs import DeadLetter
from schemas.times import Micros, instant
from streams import topics
from streams.engine.turn import Record, Turn
from streams.errors import Invalid

KEPT = 256 * 1024
"""How many bytes of a value a dead letter carries; of a longer one the length and the SHA-256 are kept."""


def put_aside(turn: Turn[Any, Any], record: Record, why: Invalid) -> None:
    """Has a turn write the dead letter of ``record``, under the record's key, count it, and say so in the log."""
    turn.emit_raw(topics.DEAD_LETTERS.name, record.key, dead_letter(record, why, turn.wall))
    turn.count("dead_letters", record.topic, why.reason)
    turn.warn("dead_letter", topic=record.topic, offset=record.offset, reason=why.reason)


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

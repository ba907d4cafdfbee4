"""When a record came, and when what it shows is found."""

from typing import Any

from schemas.times import MINUTE, Micros
from streams.engine.turn import Record, Turn

AHEAD: Micros = 5 * MINUTE
"""How far a clock of somebody else's may be ahead."""


def stamp(record: Record, wall: Micros) -> Micros:
    """When the record came. A producer sets this time by its own clock; one that is far ahead isn't believed,
    for what counts from it would never fall due and never end."""
    return record.timestamp if record.timestamp <= wall + AHEAD else wall


def found_at(turn: Turn[Any, Any], record: Record) -> Micros:
    """The moment by the partition's clock at which ``record`` was read.

    That clock stands still, at first at 0, while a backlog is read. But what a record shows is shown by that record
    itself, whatever comes later, so it is found no earlier than the record was written.
    """
    return max(turn.now, min(record.timestamp, turn.wall))

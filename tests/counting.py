"""A processor for tests of the engine: counts events, calls out for some, and notices when a key falls quiet."""

from typing import Literal

import msgspec

from schemas.times import SECOND, Micros
from streams.engine.table import Codec
from streams.engine.task_kind import TaskKind
from streams.engine.turn import Record, Turn
from streams.errors import Invalid

QUIET: Micros = 60 * SECOND


class Tally(msgspec.Struct, kw_only=True):
    count: int = 0
    total: int = 0
    last: Micros = 0
    asked: tuple[int, ...] = ()


class Seen(msgspec.Struct, omit_defaults=True):
    number: int
    what: str = "seen"
    at: Micros = 0


class Ask(msgspec.Struct, frozen=True):
    key: bytes
    number: int


class Counting:
    """Value ``N`` counts; ``ask N`` also calls; ``bad`` is invalid; ``boom`` raises."""

    def record(self, turn: Turn[Tally, None], record: Record) -> None:
        assert record.key is not None
        assert record.value is not None
        if record.value == b"bad":
            raise Invalid("bad_value", "bad")
        tally = turn.own(record.key) or Tally()
        turn.put(record.key, tally)
        if record.value == b"boom":
            turn.emit("out", "k", Seen(-1))
            turn.warn("raises")
            raise ZeroDivisionError
        number = int(record.value.split()[-1])
        tally.count += 1
        tally.total += number
        tally.last = max(tally.last, record.timestamp)
        turn.emit("out", "k", Seen(number))
        if record.value.startswith(b"ask"):
            tally.asked = (*tally.asked, number)
            turn.call(Ask(record.key, number))

    def due(self, turn: Turn[Tally, None], key: bytes, entry: Tally) -> None:
        turn.emit("out", "k", Seen(entry.count, "quiet", turn.now))
        turn.delete(key)

    def result(self, turn: Turn[Tally, None], call: Ask, result: str | None) -> None:
        tally = turn.own(call.key)
        if tally is not None and call.number in tally.asked:
            tally.asked = tuple(n for n in tally.asked if n != call.number)
            turn.put(call.key, tally)
            turn.emit("out", "k", Seen(call.number, result or "not begun"))

    def deadline(self, entry: Tally, rules: None, floor: Micros) -> Micros | None:
        return max(entry.last, floor) + QUIET


def counting(clock: Literal["partition", "wall"] = "partition") -> TaskKind[Tally, None]:
    return TaskKind("orders", ("source",), Counting(), Codec(Tally), clock)

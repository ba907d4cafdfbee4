"""What one turn works on: a scratch copy of the state, and what it makes.

A turn takes what has come (records, entries whose deadline has come, results of calls) and hands it to the task's
``Processor``, which reads and changes the ``Turn`` and nothing else. Only when the turn has been committed do its
changes become the state and do its calls start; a turn that fails leaves nothing behind.
"""

from collections import Counter
from collections.abc import Mapping
from copy import copy
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar

import msgspec

from schemas.times import Micros
from streams.engine.lines import Line, Standing
from streams.engine.table import Overlay

S = TypeVar("S")
"""A task's state entry: a msgspec Struct whose nested values are never changed in place."""

R = TypeVar("R")
"""The rules in force, which the engine only hands on."""

MOST_SAID = 200
"""How many lines a turn logs at the most."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record of a topic. ``timestamp`` is Kafka's."""

    topic: str
    partition: int
    offset: int
    timestamp: Micros
    key: bytes | None
    value: bytes | None


class Output(NamedTuple):
    """A record to be written with the turn, on the partition that its key asks for."""

    topic: str
    key: bytes | None
    value: bytes | None


class Said(NamedTuple):
    """A line for the log: what happened, to what, and why. Nothing personal stands in it."""

    level: Literal["info", "warning"]
    event: str
    fields: Mapping[str, str | int]


class Call(Protocol):
    """Something to be done outside, begun after the turn's commit. What comes of it takes a turn of its own."""


class Turn(Generic[S, R]):
    """The scratch copy on which a processor works.

    ``now`` is the task's clock (what is detected is judged by the partition's clock, what is done by the wall
    clock), ``wall`` always the wall clock; ``floor``, where not 0, says that nothing before it is known, since
    the records there were gone before they were read.
    """

    __slots__ = (
        "_followed",
        "calls",
        "counts",
        "floor",
        "looked_at",
        "now",
        "outputs",
        "rules",
        "said",
        "standing",
        "state",
        "wall",
    )

    def __init__(
        self,
        state: Overlay[S],
        followed: Mapping[str, Overlay[Any]],
        rules: R,
        *,
        now: Micros,
        wall: Micros,
        floor: Micros = 0,
    ) -> None:
        self.state = state
        self._followed = followed
        self.rules = rules
        self.now = now
        self.wall = wall
        self.floor = floor
        self.outputs: list[Output] = []
        self.calls: list[Call] = []
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.said: list[Said] = []
        self.looked_at: dict[bytes, None] = {}
        self.standing: dict[bytes, Standing] = {}

    def get(self, key: bytes) -> S | None:
        """The entry as it is now, to be read only."""
        changes = self.state.changes  # as Overlay.get, which a call more would make dearer on each record
        return changes[key] if key in changes else self.state.base.get(key)

    def own(self, key: bytes) -> S | None:
        """A shallow copy of the entry which the processor may change and ``put`` back; its nested values are not."""
        entry = self.state.get(key)
        return None if entry is None else copy(entry)

    def put(self, key: bytes, entry: S) -> None:
        """Makes ``entry`` the state of ``key``."""
        self.state.changes[key] = entry

    def delete(self, key: bytes) -> None:
        """Ends the entry; a tombstone is written."""
        self.state.delete(key)

    def followed(self, topic: str) -> Overlay[Any]:
        """The table that a followed topic makes, up to the record at hand."""
        return self._followed[topic]

    def emit(self, topic: str, key: str, record: msgspec.Struct) -> None:
        """Writes ``record`` as JSON with the turn."""
        self.outputs.append(Output(topic, key.encode(), msgspec.json.encode(record)))

    def emit_raw(self, topic: str, key: bytes | None, record: msgspec.Struct) -> None:
        """The same under a key that may be anything, or none."""
        self.outputs.append(Output(topic, key, msgspec.json.encode(record)))

    def tombstone(self, topic: str, key: str) -> None:
        """Writes a null value for ``key`` with the turn."""
        self.outputs.append(Output(topic, key.encode(), None))

    def call(self, call: Call) -> None:
        """Begins ``call`` once the turn is committed."""
        self.calls.append(call)

    def stand(self, key: bytes, lines: Mapping[Line, Micros], at: Micros | None) -> None:
        """Of a key that is due: it can't go before others are done, and stands in ``lines`` until there is room.

        With each line goes the moment at which its head looks again though nothing has made room. ``at``: when the
        entry needs a look in any case.
        """
        self.standing[key] = Standing(lines, at)

    def count(self, *what: str, times: int = 1) -> None:
        """Counts something for the metrics, once the turn is committed: a metric's name and its labels' values."""
        self.counts[what] += times

    def say(self, event: str, **fields: str | int) -> None:
        """Logs what is worth knowing, once the turn is committed. What is beyond ``MOST_SAID`` is left out."""
        self._say(Said("info", event, fields))

    def warn(self, event: str, **fields: str | int) -> None:
        """Logs what somebody may have to do something about, once the turn is committed."""
        self._say(Said("warning", event, fields))

    def _say(self, line: Said) -> None:
        if len(self.said) < MOST_SAID:
            self.said.append(line)

    def apply(self) -> None:
        """Makes the changes the state: the turn is committed."""
        self.state.apply()
        for table in self._followed.values():
            table.apply()

    def savepoint(self) -> "Savepoint":
        """Where the turn stands, to come back to."""
        tables = (self.state, *self._followed.values())
        changes = [dict(t.changes) for t in tables]
        lengths = len(self.outputs), len(self.calls), len(self.said)
        return Savepoint(changes, *lengths, Counter(self.counts), dict(self.standing))

    def back_to(self, point: "Savepoint") -> None:
        """Undoes all since ``point``."""
        for table, changes in zip((self.state, *self._followed.values()), point.changes, strict=True):
            table.changes = dict(changes)
        del self.outputs[point.outputs :]
        del self.calls[point.calls :]
        del self.said[point.said :]
        self.counts = Counter(point.counts)
        self.standing = dict(point.standing)


class Savepoint(NamedTuple):
    """How far a turn had come."""

    changes: list[dict[bytes, Any]]
    outputs: int
    calls: int
    said: int
    counts: Counter[tuple[str, ...]]
    standing: dict[bytes, Standing]


class Processor(Protocol[S, R]):
    """What a task does. Pure: everything it may know comes as an argument, everything it does goes to the turn."""

    def record(self, turn: Turn[S, R], record: Record) -> None:
        """Takes a record. ``Invalid``, raised before anything was changed, sends it to the dead letters."""

    def due(self, turn: Turn[S, R], key: bytes, entry: S) -> None:
        """Takes an entry whose deadline has come. It must move the deadline, end the entry, or have it stand in line.

        Of an entry that stood in line it is also called when there may be room.
        """

    def result(self, turn: Turn[S, R], call: Any, result: Any) -> None:
        """Takes what came of a call; ``None`` where it was not begun."""

    def deadline(self, entry: S, rules: R, floor: Micros) -> Micros | None:
        """When the entry next needs a look, by the task's clock. ``None``: never."""

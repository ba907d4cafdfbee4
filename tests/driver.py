"""Runs one processor without any log: turns, deadlines, calls and clocks, as the engine has them, in memory.

Each entry goes through its changelog form after every turn, and a processor that changes a committed entry in place
is found out. What a processor raises, but for ``Invalid``, reaches the test.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from schemas.times import HOUR, Micros, instant
from streams.engine.lasting import Lastings, Total
from streams.engine.lines import Lines
from streams.engine.partition_clock import PartitionClock
from streams.engine.table import Overlay
from streams.engine.task_kind import TaskKind
from streams.engine.turn import Record, Said, Turn
from streams.engine.work import Come, Work

S = TypeVar("S")

START: Micros = 1_764_000_000_000_000
"""2025-11-24T16:00:00Z, midnight in Shanghai: where a driver's clock begins unless it is told otherwise."""
NOON = START + 12 * HOUR
"""Noon of that day in Shanghai: every window is open."""

_MOST_ROUNDS = 10_000


class Sent(NamedTuple):
    """One record that was written, its value read from JSON. A dead letter's key may be no text: its odd bytes are
    surrogates here."""

    topic: str
    key: str | None
    value: Any


def rfc3339(at: Micros) -> str:
    """The moment as events carry it."""
    return instant(at).isoformat()


def wire(at: Micros) -> str:
    """The moment as we write it."""
    return rfc3339(at).replace("+00:00", "Z")


def record(topic: str, key: str | bytes | None, value: Any, timestamp: Micros = START, offset: int = 0) -> Record:
    """A record as Kafka hands it out; a ``value`` that is not bytes is written as JSON."""
    if not isinstance(value, bytes | None):
        value = msgspec.json.encode(value)
    return Record(topic, 0, offset, timestamp, key.encode() if isinstance(key, str) else key, value)


class Driver(Generic[S]):
    """One task of ``kind``. ``wall`` is the wall clock; ``clock`` the one by which deadlines are judged."""

    def __init__(self, kind: TaskKind[S, Any], rules: Any, *, now: Micros = START, floor: Micros = 0) -> None:
        self._kind = kind
        self._partition_clock = PartitionClock()
        self._bytes: dict[bytes, bytes] = {}
        self._lines = Lines()
        self._standing: dict[bytes, Micros | None] = {}
        """Those that stand in line, with the moment at which each needs a look in any case."""
        self._rules = rules
        self.floor = floor
        self.wall = now
        self.entries: dict[bytes, S] = {}
        self.followed: dict[str, dict[bytes, Any]] = {topic: {} for topic in kind.followed}
        self.sent: list[Sent] = []
        self.calls: list[Any] = []
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.said: list[Said] = []
        self.changes = 0
        """How many records the changelog has taken."""

    @property
    def rules(self) -> Any:
        """The rules in force. With others whoever stands in line is looked at again."""
        return self._rules

    @rules.setter
    def rules(self, rules: Any) -> None:
        self._rules = rules
        self._standing = {}

    @property
    def clock(self) -> Micros:
        """The wall clock, or the partition's."""
        return self.wall if self._kind.clock == "wall" else self._partition_clock.now

    # What comes.

    def feed(self, *records: Record, at_end: bool = True) -> None:
        """One turn with ``records``. ``at_end``: there are no more, so the partition is caught up after it."""
        if records and not at_end:
            self._partition_clock.read_to(max(r.timestamp for r in records), self.wall)
        self._turn(records, [], self.wall if at_end else self.clock)
        if at_end:
            self._partition_clock.caught_up(self.wall)
        self._fire()

    def finish(self, call: Any, result: Any) -> None:
        """One turn with what came of ``call``, which is no longer under way. ``None``: it was not begun."""
        self.calls.remove(call)
        self._turn([], [(call, result)], self.clock)
        self._fire()

    def advance(self, by: Micros, *, caught_up: bool = True) -> None:
        """Moves the clock on, with a turn at each deadline on the way, each at its own moment.

        Not ``caught_up``: the wall clock alone moves, as where a backlog waits or Kafka does not answer.
        """
        until = self.wall + by
        while caught_up and (deadline := self.next_deadline) is not None and deadline <= until:
            self._move(max(self.wall, deadline), caught_up)
        self._move(until, caught_up)

    def advance_to(self, at: Micros) -> None:
        """The same up to a moment."""
        self.advance(at - self.wall)

    def restart(self) -> None:
        """A new owner: the state is the changelog's, calls under way are lost, the partition's clock is at 0."""
        self.entries = {key: self._kind.codec.decode(value) for key, value in self._bytes.items()}
        self.calls.clear()
        self._lines = Lines()
        self._standing = {}
        self._partition_clock = PartitionClock()

    # What is seen.

    @property
    def next_deadline(self) -> Micros | None:
        """The next of all deadlines, and of the moments at which a line is to be gone through; one that has passed was
        not to be seen by the partition's clock yet."""
        moments = [at for _, at in self._deadlines()]
        return min(moments if self._lines.next is None else [*moments, self._lines.next], default=None)

    @property
    def lasting(self) -> list[Total]:
        """What lasts by the state."""
        lastings = Lastings(self._kind.lasting)
        lastings.note(self.entries.items(), self.rules)
        return lastings.totals(self.wall)

    def take(self, topic: str) -> list[Any]:
        """The values that were written to ``topic`` since the last time, taken out of ``sent``."""
        taken = [sent.value for sent in self.sent if sent.topic == topic]
        self.sent = [sent for sent in self.sent if sent.topic != topic]
        return taken

    def take_calls(self) -> list[Any]:
        """The calls under way, for the test to ``finish``; they stay under way until then."""
        return list(self.calls)

    # A turn.

    def _move(self, to: Micros, caught_up: bool) -> None:
        self.wall = to
        if caught_up:
            self._partition_clock.caught_up(to)
        self._fire()

    def _fire(self) -> None:
        for _ in range(_MOST_ROUNDS):
            due = [key for key, deadline in self._deadlines() if deadline <= self.clock]
            if not due and (self._lines.next is None or self._lines.next > self.clock):
                return
            self._turn([], [], self.clock, due)
        raise AssertionError(f"due() left a deadline where it was: {due}")

    def _deadlines(self) -> list[tuple[bytes, Micros]]:
        deadline = self._kind.processor.deadline
        standing = self._standing
        all_ = (
            (key, standing[key] if key in standing else deadline(entry, self.rules, self.floor))
            for key, entry in self.entries.items()
        )
        return [(key, at) for key, at in all_ if at is not None]

    def _turn(
        self,
        records: Iterable[Record],
        results: list[tuple[Any, Any]],
        now: Micros,
        keys: Iterable[bytes] | None = None,
    ) -> None:
        if keys is None:
            keys = [key for key, deadline in self._deadlines() if deadline <= self.clock]
        followed = {topic: Overlay(table) for topic, table in self.followed.items()}
        turn: Turn[S, Any] = Turn(
            Overlay(self.entries), followed, self.rules, now=now, wall=self.wall, floor=self.floor
        )
        lines = self._lines.open(self.clock, room=bool(results))
        Work(self._kind).fast(turn, Come(list(records), results, list(keys), lines), self.clock)
        self._commit(turn)

    def _commit(self, turn: Turn[S, Any]) -> None:
        encode, decode = self._kind.codec.encode, self._kind.codec.decode
        for key, before in self._bytes.items():
            assert encode(self.entries[key]) == before, f"{key!r} was changed in place"
        changed = {key: None if entry is None else encode(entry) for key, entry in turn.state.changes.items()}
        turn.apply()
        for key in changed:
            self._standing.pop(key, None)
        for key in turn.looked_at:
            self._standing.pop(key, None)
            if (standing := turn.standing.get(key)) is None or changed.get(key, b"") is None:
                self._lines.leave(key)
            else:
                self._lines.stand(key, standing)
                self._standing[key] = standing.at
        self.changes += len(changed)
        for key, value in changed.items():
            if value is None:
                self._bytes.pop(key, None)
            else:
                self._bytes[key] = value
                self.entries[key] = decode(value)
        self.sent += [
            Sent(
                o.topic,
                None if o.key is None else o.key.decode(errors="surrogateescape"),
                None if o.value is None else msgspec.json.decode(o.value),
            )
            for o in turn.outputs
        ]
        self.calls += turn.calls
        self.counts += turn.counts
        self.said += turn.said

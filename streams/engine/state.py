"""The state of one task: its committed entries, the tables it follows, how far its sources are applied to them.

It comes from the changelog alone. The timing wheel belongs to it, since a deadline is a function of an entry: it is
made anew from the entries whenever these, or the rules, are not those by which it was armed. So are the lines: whoever
stands there is due, and comes up then.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Generic, TypeVar

import msgspec

from schemas.times import Micros
from streams.engine.lasting import Lastings, Total
from streams.engine.lines import Lines
from streams.engine.table import Codec, Overlay
from streams.engine.task_kind import TaskKind
from streams.engine.turn import Record, Turn
from streams.engine.wheel import Wheel

S = TypeVar("S")
R = TypeVar("R")

SAMPLED = 256
"""How many entries at most tell of the size of all."""
_META = b"\0offsets"
"""The entry of the changelog that holds the positions; no id contains a NUL."""


class Meta(msgspec.Struct, frozen=True):
    """How far the sources are applied to this state, and before when nothing is known (0: nothing is missing)."""

    next: dict[str, int]
    floor: Micros = 0


_meta_codec = Codec(Meta)


def applied_in(entries: Mapping[bytes, bytes]) -> dict[str, int]:
    """The next offset of each source in a changelog, whose other entries may be such as nobody here can read."""
    meta = entries.get(_META)
    return {} if meta is None else _meta_codec.decode(meta).next


class State(Generic[S, R]):
    """What is committed. ``entries`` and ``followed`` come as they stand in Kafka."""

    def __init__(self, kind: TaskKind[S, R], entries: dict[bytes, bytes], rules: R) -> None:
        meta = entries.pop(_META, None)
        self.meta = Meta({}) if meta is None else _meta_codec.decode(meta)
        self.rules = rules
        """Those by which the deadlines are armed."""
        self.wheel = Wheel(kind.bucket)
        self.lines = Lines()
        self._lastings = Lastings(kind.lasting)
        self._kind = kind
        self._entries = {key: kind.codec.decode(value) for key, value in entries.items()}
        self._followed: dict[str, dict[bytes, Any]] = {}
        self.arm_all(rules)

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self._entries)

    def size(self) -> int:
        """How many bytes the entries have in the changelog, keys included; of many about, by entries of every age."""
        entries = self._entries
        every = -(-len(entries) // SAMPLED) or 1
        keys = list(islice(entries, 0, None, every))
        encode = self._kind.codec.encode
        found = sum(len(key) + len(encode(entries[key])) for key in keys)
        return found * len(entries) // len(keys) if keys else 0

    def lasting(self, now: Micros) -> list[Total]:
        """What lasts now by the entries."""
        return self._lastings.totals(now)

    def follow(self, tables: Mapping[str, Mapping[bytes, bytes]]) -> None:
        """Takes over the tables that the followed topics make, up to where they are applied."""
        for topic, table in tables.items():
            decode = self._kind.followed[topic]
            self._followed[topic] = {key: decode(value) for key, value in table.items()}

    def arm_all(self, rules: R) -> None:
        """Arms every deadline as these rules have it."""
        self.rules = rules
        self.wheel = Wheel(self._kind.bucket)
        self._arm(self._entries.items())
        self._lastings.note(self._entries.items(), rules)

    @property
    def next(self) -> Micros | None:
        """When the next key comes up, or the next line is to be gone through."""
        return min((at for at in (self.wheel.next, self.lines.next) if at is not None), default=None)

    def looked(self, turn: Turn[S, R], again: Mapping[bytes, Micros]) -> None:
        """Those that were looked at come up when they next need it, or stand in line until then.

        ``again``: when to look again at those that could not be looked at.
        """
        for key in turn.looked_at:
            standing = turn.standing.get(key)
            if key in again:
                self.lines.leave(key)
                self.wheel.arm(key, again[key])
            elif standing is not None and key in self._entries:
                self.lines.stand(key, standing)
                self.wheel.arm(key, standing.at)
            else:
                self.lines.leave(key)
                self._arm([(key, self._entries.get(key))])

    def _arm(self, entries: Iterable[tuple[bytes, S | None]]) -> None:
        arm, deadline = self.wheel.arm, self._kind.processor.deadline
        rules, floor = self.rules, self.meta.floor
        for key, entry in entries:
            if entry is not None:
                arm(key, deadline(entry, rules, floor))

    def begin_anew(self, floor: Micros) -> None:
        """What happened before ``floor`` is not known: nothing may be concluded from it."""
        self.meta = msgspec.structs.replace(self.meta, floor=floor)
        self.arm_all(self.rules)

    def scratch(self, now: Micros, wall: Micros) -> Turn[S, R]:
        """A turn to work on."""
        followed = {topic: Overlay(table) for topic, table in self._followed.items()}
        return Turn(Overlay(self._entries), followed, self.rules, now=now, wall=wall, floor=self.meta.floor)

    def advanced(self, last: Mapping[str, Record]) -> Meta:
        """The positions once the records up to these, the last of each source, are applied."""
        applied = {topic: record.offset + 1 for topic, record in last.items()}
        return msgspec.structs.replace(self.meta, next=self.meta.next | applied)

    def encoded(self, turn: Turn[S, R], meta: Meta) -> Iterator[tuple[bytes, bytes | None]]:
        """The changelog's records of a turn, one at a time: a list of thousands of pairs has the garbage collector go
        through them again and again."""
        encode = self._kind.codec.encode
        for key, entry in turn.state.changes.items():
            yield key, None if entry is None else encode(entry)
        yield _META, _meta_codec.encode(meta)

    def apply(self, turn: Turn[S, R], meta: Meta) -> None:
        """The turn is committed: its changes are the state. Those that were looked at are left to ``looked``."""
        changes = turn.state.changes
        turn.apply()
        self.meta = meta
        self._arm((key, entry) for key, entry in changes.items() if key not in turn.looked_at)
        self._lastings.note(changes.items(), self.rules)

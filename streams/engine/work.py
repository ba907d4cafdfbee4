"""The work of one turn: what has come is put through the processor, on a scratch copy.

A processor that raises must not stop its partition. The turn is then done again with a savepoint before each step;
what raises there as well, alone, is a defect: a record goes to the dead letters, an entry that was due is looked at
again a minute later, a call's result is dropped, so that its time-out finds it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import structlog

from schemas.times import Micros
from streams.dead_letters import put_aside
from streams.engine.lines import Line
from streams.engine.task_kind import TaskKind
from streams.engine.turn import Record, Turn
from streams.errors import Invalid, place

S = TypeVar("S")
R = TypeVar("R")
log = structlog.get_logger()

MOST_DUE = 2_000
"""How many keys one turn looks at, be it for their deadlines or of the lines."""
IN_VAIN = 16
"""How many of a line are looked at in one turn of whom none can go, nor stays there."""


class Come(NamedTuple):
    """What has come: records, results of calls, lines to be gone through, keys whose deadline may have passed."""

    records: Sequence[Record]
    results: Sequence[tuple[Any, Any]]
    keys: Sequence[bytes]
    lines: Sequence[tuple[Line, Collection[bytes]]] = ()


class Work(Generic[S, R]):
    """Puts what has come through one kind's processor.

    ``defects`` holds the keys that could not be looked at, and ``None`` for each other step that raised; ``poison`` the
    offsets of the records among these, by their topics.
    """

    def __init__(self, kind: TaskKind[S, R]) -> None:
        self._kind = kind
        self._processor = kind.processor
        self.defects: list[bytes | None] = []
        self.poison: defaultdict[str, list[int]] = defaultdict(list)

    def fast(self, turn: Turn[S, R], come: Come, clock: Micros) -> None:
        """All at once. Raises what the processor raises; the turn is then of no use."""
        self._records(turn, come.records)
        for call, result in come.results:
            self._processor.result(turn, call, result)
        turn.now = clock
        self._look(turn, come, self._due)

    def careful(self, turn: Turn[S, R], come: Come, clock: Micros) -> None:
        """One step at a time; a step that raises is undone and reported as a defect."""
        for record in come.records:
            point = turn.savepoint()
            try:
                self._records(turn, (record,))
            except Exception as error:  # noqa: BLE001  # whatever it is, the partition goes on
                turn.back_to(point)
                self.poison[record.topic].append(record.offset)
                self._defect(turn, error, None, topic=record.topic, offset=record.offset)
                put_aside(turn, record, Invalid("defect", type(error).__name__))
        for call, result in come.results:
            point = turn.savepoint()
            try:
                self._processor.result(turn, call, result)
            except Exception as error:  # noqa: BLE001
                turn.back_to(point)
                self._defect(turn, error, None, call=type(call).__name__)
        turn.now = clock
        self._look(turn, come, self._carefully_due)

    def _records(self, turn: Turn[S, R], records: Iterable[Record]) -> None:
        take, followed = self._processor.record, self._kind.followed
        for record in records:
            try:
                if followed and (decode := followed.get(record.topic)) is not None:
                    _follow(turn, record, decode)
                take(turn, record)
            except Invalid as why:
                put_aside(turn, record, why)

    def _look(self, turn: Turn[S, R], come: Come, look: Callable[[Turn[S, R], bytes], None]) -> None:
        """First at those that wait, then at what has come up. A key is looked at once."""
        for line, keys in come.lines:
            in_vain = 0
            for key in keys:
                if key not in turn.looked_at:
                    look(turn, key)
                standing = turn.standing.get(key)
                if standing is not None and line in standing.lines:
                    break
                in_vain += standing is not None
                if in_vain == IN_VAIN or len(turn.looked_at) >= MOST_DUE:
                    break
        for key in come.keys:
            if key not in turn.looked_at:
                look(turn, key)

    def _carefully_due(self, turn: Turn[S, R], key: bytes) -> None:
        point = turn.savepoint()
        try:
            self._due(turn, key)
        except Exception as error:  # noqa: BLE001
            turn.back_to(point)
            self._defect(turn, error, key)

    def _due(self, turn: Turn[S, R], key: bytes) -> None:
        turn.looked_at[key] = None
        entry = turn.get(key)
        if entry is not None:
            deadline = self._processor.deadline(entry, turn.rules, turn.floor)
            if deadline is not None and deadline <= turn.now:
                self._processor.due(turn, key, entry)

    def _defect(self, turn: Turn[S, R], error: Exception, key: bytes | None, **where: Any) -> None:
        self.defects.append(key)
        turn.count("defects", self._kind.name)
        log.error("defect", task=self._kind.name, error=type(error).__name__, at=place(error), **where)


def _follow(turn: Turn[Any, Any], record: Record, decode: Any) -> None:
    if record.key is None:
        return
    table = turn.followed(record.topic)
    if record.value is None:
        table.delete(record.key)
    else:
        table.put(record.key, decode(record.value))

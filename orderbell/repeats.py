"""Holds back what a log has just said."""

import time
from collections.abc import Callable
from typing import Any

import structlog

HELD_BACK_FOR = 60.0
"""Seconds for which what was said is not said again."""
_REMEMBERED = 1000
_IDS = frozenset({"partition", "offset", "next", "notification_id", "command_id", "again_in"})
"""What may differ in lines that say the same: they name an example."""
_CHANGES = frozenset({"not_ready", "breaker_opened", "road_collapsed", "storm_began", "switched", "rules_refused"})
"""What says what has changed, or answers somebody: without each, the last word of the log would be wrong."""


class Repeats:
    """A processor of structlog's. Of warnings and errors that differ in ids alone one goes through a minute; the next
    that does has ``repeats``, how many there were between. What changed is always said.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said: dict[tuple[Any, ...], tuple[float, int]] = {}

    def __call__(self, logger: Any, method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
        """The line, or ``DropEvent`` where it was said within a minute."""
        if method not in ("warning", "error") or line["event"] in _CHANGES:
            return line
        what = tuple(sorted((name, repr(value)) for name, value in line.items() if name not in _IDS))
        now = self._clock()
        at, held_back = self._said.get(what, (-HELD_BACK_FOR, 0))
        if now < at + HELD_BACK_FOR:
            self._said[what] = at, held_back + 1
            raise structlog.DropEvent
        self._said[what] = now, 0
        if len(self._said) > _REMEMBERED:
            self._said = {what: said for what, said in self._said.items() if now < said[0] + HELD_BACK_FOR}
        return {**line, "repeats": held_back} if held_back else line

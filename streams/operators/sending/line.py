"""How many calls a task has under way, and who comes next when no more may begin.

A slot is taken with ``sending`` and free again with the call's result, or after ``SLOT_LASTS``: by then no call
can be under way any more, so those of an owner that died hold nobody up for longer. A report that comes before the
answer frees none, since the call goes on. Who finds no slot gets a place in
the line, ``STEP`` after the last one given away and a pause from now at least, and looks again when its time comes.
So, however many wait and however slow the provider is, a task looks at no more than ``SECOND / STEP`` of them in a
second. The urgent have a line and some slots of their own.
"""

from typing import NamedTuple

import msgspec

from schemas.times import MILLISECOND, SECOND, Micros

STEP: Micros = 2 * MILLISECOND
"""How far places in the line lie apart."""
SLOT_LASTS: Micros = 15 * SECOND
"""``call_by`` is 5 s after the start, and a request ends within 10 s."""
URGENT_SHARE = 4
"""One slot in so many is for the urgent alone."""
KEY = b"*line"
"""The line's key in the task's table: no customer's id, which has no asterisk."""


class Slot(NamedTuple):
    """A slot that is taken: since when, and by whose call (the id that the vendor echoes)."""

    since: Micros
    call: str


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="line"):
    """The slots that are taken, and the last place given away in each line."""

    taken_slots: tuple[Slot, ...] = ()
    last: Micros = 0
    last_urgent: Micros = 0

    def takes(self, now: Micros, slots: int, urgent: bool) -> bool:
        """Whether a call may begin."""
        free = slots - len(self._still(now))
        return free > (0 if urgent else slots // URGENT_SHARE)

    def taken(self, now: Micros, call: str) -> "Line":
        """The line after a call began."""
        return msgspec.structs.replace(self, taken_slots=(*self._still(now), Slot(now, call)))

    def freed(self, call: str) -> "Line":
        """The line after a call ended. That of one whose slot is free already changes nothing."""
        return msgspec.structs.replace(self, taken_slots=tuple(s for s in self.taken_slots if s.call != call))

    def place(self, earliest: Micros, urgent: bool) -> "tuple[Line, Micros]":
        """The line after a place was given away, and when whoever has it looks again."""
        at = max(earliest, (self.last_urgent if urgent else self.last) + STEP)
        return msgspec.structs.replace(self, **{"last_urgent" if urgent else "last": at}), at

    def _still(self, now: Micros) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.taken_slots if slot.since > now - SLOT_LASTS)

"""Who comes next when no call may begin, and how many retries there may be.

Who can't go now gets a place in the line, ``STEP`` after the last one given away and a pause from now at least, and
looks again when its time comes. So, however many wait and however slow a provider is, a task looks at no more than
``SECOND / STEP`` of them in a second. The urgent have a line of their own.

Retries are paid for: a task may make ``SECOND / RETRY`` a second, some seconds' worth at once, and one more for each
``FIRST_ONES`` messages that go for the first time. So an outage costs what it costs, and not a multiple of it (the
retry budget of Twitter's Finagle).
"""

import msgspec

from schemas.times import MILLISECOND, SECOND, Micros
from streams.policy import pace

STEP: Micros = 2 * MILLISECOND
"""How far places in the line lie apart."""
RETRY: Micros = SECOND // 10
LENT: Micros = 20 * SECOND
FIRST_ONES = 5
KEY = b"*line"
"""The line's key in the task's table: no customer's id, which has no asterisk."""


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="line"):
    """The last place given away in each line, and the pace of retries."""

    last: Micros = 0
    last_urgent: Micros = 0
    retries: Micros = 0

    def place(self, earliest: Micros, urgent: bool) -> "tuple[Line, Micros]":
        """The line after a place was given away, and when whoever has it looks again."""
        at = max(earliest, (self.last_urgent if urgent else self.last) + STEP)
        return msgspec.structs.replace(self, **{"last_urgent" if urgent else "last": at}), at

    def may_retry(self, now: Micros) -> bool:
        """Whether there is a retry left."""
        return pace.may_go(self.retries, now, LENT)

    def went(self, now: Micros, *, again: bool) -> "Line":
        """The line after a message went, for the first time or ``again``."""
        if again:
            return msgspec.structs.replace(self, retries=pace.gone(self.retries, now, RETRY))
        if self.retries <= now:
            return self
        return msgspec.structs.replace(self, retries=self.retries - RETRY // FIRST_ONES)

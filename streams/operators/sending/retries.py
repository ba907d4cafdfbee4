"""How many retries there may be.

They are paid for: a task may make ``SECOND / RETRY`` a second, some seconds' worth at once, and one more for each
``FIRST_ONES`` messages that go for the first time. So an outage costs what it costs, and not a multiple of it (the
retry budget of Twitter's Finagle).
"""

import msgspec

from schemas.times import SECOND, Micros
from streams.policy import pace

RETRY: Micros = SECOND // 10
LENT: Micros = 20 * SECOND
FIRST_ONES = 5
KEY = b"*line"
"""The budget's key in the task's table: no customer's id, which has no asterisk."""


class Retries(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="line"):
    """The pace of retries: see ``streams.policy.pace``."""

    retries: Micros = 0

    def may_retry(self, now: Micros) -> bool:
        """Whether there is a retry left."""
        return pace.may_go(self.retries, now, LENT)

    def next_at(self) -> Micros:
        """From when on there is one, if no message goes before."""
        return self.retries - LENT

    def went(self, now: Micros, *, again: bool) -> "Retries":
        """The budget after a message went, for the first time or ``again``."""
        if again:
            return msgspec.structs.replace(self, retries=pace.gone(self.retries, now, RETRY))
        if self.retries <= now:
            return self
        return msgspec.structs.replace(self, retries=self.retries - RETRY // FIRST_ONES)

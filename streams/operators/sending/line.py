"""The lines of messages that can't go before others are done. The engine keeps them: see ``streams.engine.lines``.

A line is named by what is waited for: room at these providers, a retry, a ledger that can be relied on. So whoever
stands at its head finds out for all behind it. The urgent and the VIPs have lines of their own, which come first.
"""

from typing import NamedTuple

from schemas.times import Micros
from streams.engine.lines import Line


class InLine(NamedTuple):
    """A message stands in ``line``. The line's head looks again at ``look_at``, the message itself at ``at``."""

    line: Line
    look_at: Micros
    at: Micros | None = None


def waits_for(what: str, look_at: Micros, *, first: bool, at: Micros | None = None) -> InLine:
    """Where a message stands that waits for ``what``."""
    return InLine((0 if first else 1, what), look_at, at)

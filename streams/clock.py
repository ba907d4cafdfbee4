"""The one place that reads the wall clock."""

import time
from typing import Protocol

from schemas.times import Micros


class Clock(Protocol):
    """Says what time it is. Handed to whatever needs it, so that a test can advance it."""

    def now(self) -> Micros:
        """The wall clock."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> Micros:
        """The wall clock."""
        return time.time_ns() // 1_000

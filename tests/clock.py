"""A clock that goes only when it is told to."""

from schemas.times import Micros

START: Micros = 1_764_000_000_000_000
"""2025-11-24T16:00:00Z, midnight in Shanghai."""


class ManualClock:
    """Stands at ``at`` until it is advanced."""

    def __init__(self, at: Micros = START) -> None:
        self.at = at

    def now(self) -> Micros:
        """The time it was set to."""
        return self.at

    def advance(self, by: Micros) -> None:
        """Moves it forward."""
        self.at += by

"""What a task is that only passes on what it reads: it has no entries, so nothing of it falls due."""

from typing import Any

import msgspec

from schemas.times import Micros
from streams.engine.turn import Turn
from streams.policy.rules import Rules


class Nothing(msgspec.Struct, frozen=True):
    """The entry of a task that has none."""


class Stateless:
    """A processor without entries and calls. What is left to say is ``record``."""

    def due(self, turn: Turn[Nothing, Rules], key: bytes, entry: Nothing) -> None:
        """Nothing falls due."""

    def result(self, turn: Turn[Nothing, Rules], call: Any, result: Any) -> None:
        """Nothing is called."""

    def deadline(self, entry: Nothing, rules: Rules, floor: Micros) -> Micros | None:
        """Never."""
        return None

"""A vendor's bad spells, in which nearly every request goes wrong in the same way: what opens a breaker."""

from random import Random

import msgspec

from schemas.times import MINUTE, Micros
from tests.simulation.plan import Temper
from tests.simulation.whims import TROUBLES

LASTS: Micros = 10 * MINUTE
_WAYS = (*TROUBLES, "slow", "forgetful")
_RARER = 10
"""In how many fewer spans there is a spell of a way than there are single requests that go this way."""
_NEARLY_ALL = 0.9


class Spells:
    """Time is parted into spans, and each is a spell or not."""

    def __init__(self, seed: int, temper: Temper) -> None:
        self._seed = seed
        self._temper = temper
        self._known: dict[int, Temper | None] = {}

    def at(self, now: Micros) -> tuple[Micros, Temper] | None:
        """When the spell began that lasts now, and the temper in it."""
        span = now // LASTS
        if span not in self._known:
            random = Random(f"{self._seed}/spell/{span}")
            met = [way for way in _WAYS if random.random() < getattr(self._temper, way) / _RARER]
            changed = {random.choice(met): _NEARLY_ALL} if met else {}
            self._known[span] = msgspec.structs.replace(self._temper, **changed) if met else None
        temper = self._known[span]
        return None if temper is None else (span * LASTS, temper)

"""A vendor's bad spells: short ones, in which nearly every request goes wrong in the same way, and long ones, in which
what it refuses, or what becomes of what it took, hangs on its state and not on the request."""

from random import Random
from typing import NamedTuple

import msgspec

from schemas.times import HOUR, MINUTE, Micros
from tests.simulation.plan import Temper
from tests.simulation.whims import TROUBLES

LASTS: Micros = 10 * MINUTE
LASTS_LONG: Micros = 3 * HOUR
LONG = ("broke", "locked", "unapproved", "drops")
"""The ways of the long ones."""
_WAYS = (*TROUBLES, "slow", "forgetful")
_RARER = 10
"""In how many fewer spans there is a short spell of a way than there are single requests that go this way."""
_RARER_LONG = 2
_NEARLY_ALL = 0.9


class Spell(NamedTuple):
    """What lasts now. ``temper`` is that of a short one, ``way`` that of a long one."""

    began_at: Micros
    lasts: Micros
    temper: Temper | None = None
    way: str | None = None
    name: str = ""

    def meets(self, what: str) -> bool:
        """Whether a long spell that spares half of all (templates, carriers) is met by ``what``."""
        return Random(f"{self.name}/{what}").random() < 0.5


class Spells:
    """Time is parted into spans, and each is a spell or not. ``name`` is the vendor's in a run of its seed."""

    def __init__(self, name: str, temper: Temper) -> None:
        self._name = name
        self._temper = temper
        self._short: dict[int, Spell | None] = {}
        self._long: dict[int, Spell | None] = {}

    def short(self, now: Micros) -> Spell | None:
        """The short spell that lasts now."""
        span = now // LASTS
        if span not in self._short:
            met, random = self._met("spell", span, _WAYS, _RARER)
            changed = msgspec.structs.replace(self._temper, **{random.choice(met): _NEARLY_ALL}) if met else None
            self._short[span] = Spell(span * LASTS, LASTS, temper=changed) if met else None
        return self._short[span]

    def long(self, now: Micros) -> Spell | None:
        """The long spell that lasts now."""
        span = now // LASTS_LONG
        if span not in self._long:
            met, random = self._met("long", span, LONG, _RARER_LONG)
            name = f"{self._name}/{span}"
            self._long[span] = Spell(span * LASTS_LONG, LASTS_LONG, way=random.choice(met), name=name) if met else None
        return self._long[span]

    def _met(self, what: str, span: int, ways: tuple[str, ...], rarer: int) -> tuple[list[str], Random]:
        random = Random(f"{self._name}/{what}/{span}")
        return [way for way in ways if random.random() < getattr(self._temper, way) / rarer], random

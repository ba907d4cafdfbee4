"""How a simulated vendor's next request goes: by its temper, and by the bad spell that lasts now."""

from collections import Counter
from random import Random

from schemas.rules import Provider
from schemas.times import SECOND, Micros
from streams.clock import Clock
from tests.oracle.evidence import Disturbance
from tests.simulation.manner import Words
from tests.simulation.plan import Temper
from tests.simulation.spells import Spell, Spells
from tests.simulation.whims import Course, course, refused

DISTURBED: Micros = 60 * SECOND
"""How long a request that did not go well may be felt."""


class Moods:
    """``befell`` counts what went wrong by ways of its temper, and spells."""

    def __init__(self, seed: str, provider: Provider, temper: Temper, words: Words, clock: Clock) -> None:
        self._provider = provider
        self._temper = temper
        self._words = words
        self._clock = clock
        self._spells = Spells(seed, temper)
        self._felt: set[tuple[Micros, Micros]] = set()  # when the spells were in which something was asked
        self.befell: Counter[str] = Counter()
        self.disturbances: list[Disturbance] = []

    def course(self, random: Random, template: str = "", *, question: bool = False) -> Course:
        """How a request goes that begins now."""
        to_be = course(random, self._temper_now(), self._words, question=question)
        to_be = self._as_spelled(to_be, template, question=question)
        self.befell.update(to_be.troubles)
        if set(to_be.troubles) - {"early"}:
            self._disturb(self._clock.now())
        return to_be

    def lasting(self) -> Spell | None:
        """The long spell that lasts now, if one does."""
        return self._spells.long(self._clock.now())

    def _temper_now(self) -> Temper:
        spell = self._spells.short(self._clock.now())
        if spell is None or spell.temper is None:
            return self._temper
        self._feel(spell)
        return spell.temper

    def _as_spelled(self, to_be: Course, template: str, *, question: bool) -> Course:
        spell, words = self.lasting(), self._words
        if spell is None or (question and spell.way != "locked"):
            return to_be
        match spell.way:
            case "broke":
                to_be = refused(to_be, words.no_money, "broke")
            case "locked":
                to_be = refused(to_be, words.no_rights, "locked")
            case "unapproved" if spell.meets(template):
                to_be = refused(to_be, words.no_template, "unapproved")
            case _:
                return to_be
        self._feel(spell)
        return to_be

    def _feel(self, spell: Spell) -> None:
        if (spell.began_at, spell.lasts) not in self._felt:
            self._felt.add((spell.began_at, spell.lasts))
            self.befell["spell"] += 1
            self._disturb(spell.began_at, spell.lasts)

    def _disturb(self, begin: Micros, lasts: Micros = 0) -> None:
        self.disturbances.append(Disturbance("vendor", begin, begin + lasts + DISTURBED, self._provider))

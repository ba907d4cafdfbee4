"""Time in which all was well: deadlines are counted in it."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from schemas.times import Micros
from tests.oracle.evidence import Disturbance, Evidence
from tests.oracle.terms import Terms


class Calm:
    """Knows when something was wrong. A disturbance is felt for ``recovery`` after its end."""

    def __init__(self, disturbed: Iterable[tuple[Micros, Micros]], recovery: Micros) -> None:
        self._begins: list[Micros] = []
        self._ends: list[Micros] = []
        for begin, end in sorted((begin, end + recovery) for begin, end in disturbed):
            if self._ends and begin <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._begins.append(begin)
                self._ends.append(end)

    @property
    def ends(self) -> list[Micros]:
        """The moments from which all was well again."""
        return self._ends

    def throughout(self, begin: Micros, end: Micros) -> bool:
        """Whether nothing was wrong between the two moments."""
        index = bisect_right(self._ends, begin)
        return index == len(self._ends) or self._begins[index] > end

    def deadline(self, start: Micros, allowed: Micros) -> Micros:
        """By when what may take ``allowed`` while all is well must be done, if it could begin at ``start``."""
        due = start + allowed
        for index in range(bisect_right(self._ends, start), len(self._ends)):
            begin = self._begins[index]
            if begin > due:
                break
            due += self._ends[index] - max(begin, start)
        return due


class Calms(NamedTuple):
    """Of workers and Kafka, of the vendors of text messages, and of all these. ``by``: of workers, Kafka, and the
    calls to one vendor, whoever that is."""

    ours: Calm
    vendors: Calm
    all: Calm
    by: Mapping[str, Calm]


def calms(evidence: Evidence, terms: Terms) -> Calms:
    """When what was well."""
    recovery = terms.session_timeout + terms.recovery

    def when(*what: str) -> list[Disturbance]:
        return [d for d in evidence.disturbances if d.what in what]

    def calm(disturbances: list[Disturbance]) -> Calm:
        return Calm([(d.begin, d.end) for d in disturbances], recovery)

    ours, every = when("worker", "kafka"), when("vendor")
    calls = [d for d in every if d.provider not in evidence.others]
    news = [d for d in when("news") if d.provider not in evidence.others]
    return Calms(
        calm(ours),
        calm([*calls, *news]),
        calm([*ours, *calls, *news]),
        {
            its: calm([*ours, *(d for d in every if d.provider in (None, its))])
            for its in (*evidence.providers, *evidence.others)
        },
    )

"""Who surely is to hear of what happened, unless a provider keeps them from it."""

from schemas.times import Micros
from tests.oracle.caps import Caps
from tests.oracle.case import Case
from tests.oracle.evidence import Evidence
from tests.oracle.people import People
from tests.oracle.stops import Stops, called_bad


class Hearers:
    """Knows all that may speak against it."""

    def __init__(self, evidence: Evidence, people: People, stops: Stops, caps: Caps) -> None:
        self._people = people
        self._stops = stops
        self._caps = caps
        self._bad = called_bad(evidence)

    def of(self, case: Case, begin: Micros, end: Micros) -> set[str]:
        """The numbers that surely were to hear of a case all the while between the two moments."""
        profiles = self._people.during(case.customer_id, begin, end)
        if len(profiles) != 1 or self._people.erased_by(case.customer_id, end):
            return set()
        if any(at <= end for at, _ in case.settles) or self._caps.may_hold(case, begin, end):
            return set()
        return {n for n in profiles[0].expected(case.kind) if not self._stops.may_hold(n, end) and n not in self._bad}

"""Who surely is to hear of what happened, unless a provider keeps them from it."""

from functools import partial

from schemas.times import Micros
from tests.oracle.caps import Caps
from tests.oracle.case import Case, Opening
from tests.oracle.evidence import Evidence
from tests.oracle.people import People, Version
from tests.oracle.stops import Stops, called_bad


class Hearers:
    """Knows all that may speak against it."""

    def __init__(self, evidence: Evidence, people: People, stops: Stops, caps: Caps) -> None:
        self._people = people
        self._stops = stops
        self._caps = caps
        self._bad = called_bad(evidence)

    def opening(self, case: Case) -> Opening:
        """When something that rings may go by the window and by the customer's quiet hours, where those are sure."""
        profiles = self._people.during(case.customer_id, case.goes_at, case.goes_at)
        if len(profiles) != 1:
            return case.rules.opening
        return partial(_opening, case, profiles[0])

    def of(self, case: Case, begin: Micros, end: Micros) -> set[str]:
        """The numbers that surely were to hear of a case all the while between the two moments."""
        profile = self.sure(case, begin, end)
        numbers = set[str]() if profile is None else profile.expected(case.kind)
        return {number for number in numbers if not self._stops.may_hold(number, end) and number not in self._bad}

    def sure(self, case: Case, begin: Micros, end: Micros) -> Version | None:
        """The profile by which a case surely was to be told all the while between the two moments."""
        profiles = self._people.during(case.customer_id, begin, end)
        if len(profiles) != 1 or self._people.erased_by(case.customer_id, end):
            return None
        if any(at <= end for at, _ in case.settles) or self._caps.may_hold(case, begin, end):
            return None
        return profiles[0]


def _opening(case: Case, profile: Version, at: Micros) -> Micros:
    while at < case.expires_at:
        opens = profile.loud_from(case.rules.opening(at))
        if opens == at:
            break
        at = opens
    return at

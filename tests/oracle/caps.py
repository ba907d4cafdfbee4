"""How many messages of each kind each contact had within a day, and whether those are too many.

Counted is what was accepted, and what is on its way is reserved: so what a provider has refused, or does not know, has
counted only until that was known. Receipts say of which contact and of which kinds a message was.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros
from tests.oracle.attempts import CALL_WITHIN, named
from tests.oracle.case import Case
from tests.oracle.defects import Defects
from tests.oracle.evidence import Attempt, Evidence
from tests.oracle.outputs import Outputs, Receipted
from tests.oracle.people import People
from tests.oracle.terms import Terms

_BEGUN_BEFORE: Micros = MINUTE
"""How long before its first receipt an attempt was reserved at the most, of which the vendor knows nothing."""
_FOUND_AFTER: Micros = 12 * HOUR
"""How long before that it may have been, where nobody was up meanwhile."""


class _Counted(NamedTuple):
    """An attempt, and from when to when it may have counted."""

    since: Micros
    until: Micros
    begun_at: Micros
    taken: bool


class Caps:
    """Knows what counted for each contact and kind."""

    def __init__(self, evidence: Evidence, terms: Terms, people: People, out: Outputs) -> None:
        self._cap = terms.daily_cap
        self._people = people
        self._of: dict[tuple[str, str], dict[str, list[_Counted]]] = defaultdict(lambda: defaultdict(list))
        attempts = {name: attempt for attempt in evidence.attempts if (name := named(attempt.out_id))}
        for name, receipts in out.receipts.items():
            first = receipts[0].receipt
            if first.channel == "inbox":
                continue  # nobody is disturbed by what lies there
            counted = _counted(attempts.get(name), receipts)
            for kind in first.kinds:
                self._of[first.customer_id, kind][first.contact_id].append(counted)

    def judge(self, defects: Defects) -> None:
        """Judges whether anybody was told too often."""
        for (customer_id, kind), contacts in self._of.items():
            for counted in contacts.values():
                taken = sorted(one.begun_at for one in counted if one.taken)
                for first, last in zip(taken, taken[self._cap :], strict=False):
                    if last >= first + DAY - CALL_WITHIN - SECOND or self._people.erased_by(customer_id, last):
                        continue
                    what = f"more than {self._cap} messages of {kind} to one contact within a day"
                    defects.add("forbidden", customer_id, what, first=first, last=last)

    def may_hold(self, case: Case, begin: Micros, end: Micros) -> bool:
        """Whether some contact of the customer may have had enough at some moment between the two."""
        contacts: Mapping[str, Sequence[_Counted]] = self._of.get((case.customer_id, case.kind), {})
        return any(_most(counted, begin, end) >= self._cap for counted in contacts.values())


def _most(counted: Sequence[_Counted], begin: Micros, end: Micros) -> int:
    """How many may have counted at one moment between the two: the most where one of them began, or at first."""
    moments = (begin, *(began for one in counted if begin < (began := one.since - CALL_WITHIN) <= end))
    return max(sum(one.since - CALL_WITHIN <= at <= one.until for one in counted) for at in moments)


def _counted(attempt: Attempt | None, receipts: list[Receipted]) -> _Counted:
    at = {written.receipt.status: written.at for written in receipts}
    if attempt is not None:
        since = begun_at = attempt.begun_at
    else:
        begun_at = receipts[0].at
        since = begun_at - (_FOUND_AFTER if "unknown" in at else _BEGUN_BEFORE)
    refused = at.keys() <= {"unknown", "rejected"} and "rejected" in at
    taken = attempt is not None and attempt.taken
    return _Counted(since, at["rejected"] if refused else begun_at + DAY, begun_at, taken)

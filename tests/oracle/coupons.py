"""Whether a coupon was told wherever it may be: in the first text message that tells a late parcel to its buyer.

Demanded is what can be known from outside: who agreed and is the buyer, and has not replied R; that it is between 08:00
and 20:00 by the shop's clock and the buyer's; that the message is of a vendor who takes coupons, and tells of nothing
else. The defaults have a text for each late parcel, in one segment like the notice alone, at every carrier; it promises
news of the parcel, so there is none where those are switched off. Of a budget for marketing ``Terms`` say nothing, so
runs with one are not judged by this.
"""

from collections.abc import Iterable, Iterator, Sequence

from schemas.customers import Contact, Customer
from schemas.outputs import CouponTold, Outcome
from schemas.times import HOUR, MINUTE, Micros
from tests.oracle.advertising import CALL_WITHIN, ENDS, TAKES_COUPONS, may_go
from tests.oracle.calm import Calms
from tests.oracle.case import Case, Sent
from tests.oracle.defects import Defects
from tests.oracle.evidence import Attempt, Evidence
from tests.oracle.outputs import Outputs
from tests.oracle.people import People
from tests.oracle.stops import Stops
from tests.oracle.terms import Terms
from tests.oracle.ways import way

_LAST_MINUTE: Micros = MINUTE
"""Before 20:00, in which a call may come too late that is begun now."""
_NEWS = "shipment_resumed"
_JUDGED_OVER: Micros = HOUR + 10 * MINUTE
"""How long what became of a text message may count for how well such messages arrive."""
_ENOUGH = 20
"""How many such messages have to be lost until no more are sent that way."""


class Coupons:
    """Judges the text messages of all cases that came with a coupon."""

    def __init__(
        self,
        evidence: Evidence,
        terms: Terms,
        calms: Calms,
        people: People,
        stops: Stops,
        out: Outputs,
        defects: Defects,
    ) -> None:
        self._told = sorted(a.begun_at for a in evidence.attempts if a.text.endswith(ENDS))
        self._news = _NEWS in terms.kinds
        self._calm = calms.all
        self._people = people
        self._stops = stops
        self._granted = {grant.what.command_id: grant.at for grant in out.grants}
        self._defects = defects

    def judge(self, cases: Iterable[Case]) -> None:
        """Each first message of each notification, and what the decision says of it."""
        for case in cases:
            for first in _firsts(case):
                if self._is_due(case, first) and not first.attempt.text.endswith(ENDS):
                    what = "its coupon was not told with it"
                    self._defects.add("missed", case.id, what, begun=first.attempt.begun_at)
            self._as_decided(case)

    def _is_due(self, case: Case, sent: Sent) -> bool:
        attempt, begun = sent.attempt, sent.attempt.begun_at
        return (
            self._granted.get(case.id, begun + 1) <= begun
            and case.kind == "shipment_stalled"
            and self._news
            and len(sent.together) == 1
            and attempt.provider in TAKES_COUPONS
            and self._is_the_first(sent)
            and attempt.text != ""  # refused whatever it says
            and self._is_the_buyers(case, attempt)
            and not self._stops.may_refuse_marketing(attempt.number, begun)
            and self._told_within(begun) < _ENOUGH
        )

    def _is_the_first(self, sent: Sent) -> bool:
        """Whether no attempt was before it: one that nobody has seen may have been let be for a reason."""
        begun = sent.attempt.begun_at
        return sent.number == 1 or self._calm.throughout(begun - MINUTE, begun)

    def _is_the_buyers(self, case: Case, attempt: Attempt) -> bool:
        """Whether it went to who surely is the buyer, agreed, and has the hours of marketing."""
        looked_at = attempt.begun_at - CALL_WITHIN
        until = attempt.begun_at + _LAST_MINUTE
        for version in self._people.during(case.customer_id, looked_at, attempt.begun_at):
            buyer = version.customer
            if buyer is None or buyer.marketing_consent is not True:
                return False
            if any(contact.role != "buyer" for contact in _with_number(buyer, attempt.number)):
                return False
            if not all(may_go(buyer, moment) for moment in (looked_at, until)):
                return False
        return True

    def _told_within(self, begun: Micros) -> int:
        return sum(begun - _JUDGED_OVER <= at < begun for at in self._told)

    def _as_decided(self, case: Case) -> None:
        """A decision by a message that told of the coupon says so."""
        if case.decided is None or case.decided.decision.outcome != Outcome.SENT:
            return
        decision = case.decided.decision
        deciding = [sent for sent in case.sent if sent.notification_id == decision.notification_id]
        advertised = deciding and all(sent.attempt.text.endswith(ENDS) for sent in deciding)
        if advertised and decision.coupon != CouponTold.IN_MESSAGE:
            what = f"a decision says of a coupon that was told: {decision.coupon}"
            self._defects.add("unexplained", case.id, what, decided=case.decided.at)


def _firsts(case: Case) -> Iterator[Sent]:
    """The first text message of each notification that was seen."""
    seen = set[str]()
    for sent in sorted(case.sent, key=lambda sent: sent.number):
        if sent.attempt.channel == "sms" and sent.notification_id not in seen:
            seen.add(sent.notification_id)
            yield sent


def _with_number(customer: Customer, number: str) -> Sequence[Contact]:
    """The contacts that may be reached at a number."""
    ways = ((contact, way(customer, contact, "sms")) for contact in customer.contacts)
    return [contact for contact, found in ways if found is not None and found.address in (number, "")]

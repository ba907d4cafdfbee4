"""Whether each contact's plan was followed: no step too soon, none left out, none after a message had arrived.

A step is taken when all of the one before has failed, or has had its time. What the notice's own rules and the
customer's profile say of a contact may be read in one way only where this is judged.
"""

from schemas.times import MINUTE, SECOND, Micros
from tests.oracle import wishes
from tests.oracle.calm import Calm, Calms
from tests.oracle.case import Case
from tests.oracle.defects import Defects, Promise
from tests.oracle.evidence import Attempt, Evidence
from tests.oracle.failover import COMES_BACK_WITHIN
from tests.oracle.fates import NEVER, Fates
from tests.oracle.hearers import Hearers
from tests.oracle.people import People, Version
from tests.oracle.stops import Stops, called_bad
from tests.oracle.terms import Terms
from tests.oracle.ways import PROVIDER_OF, Reach, Way


class Plans:
    """Judges one case after another."""

    def __init__(
        self,
        evidence: Evidence,
        terms: Terms,
        calms: Calms,
        people: People,
        stops: Stops,
        hearers: Hearers,
        defects: Defects,
    ) -> None:
        self._ended_at = evidence.ended_at
        self._terms = terms
        self.step_wait = terms.step_wait
        self._calms = calms
        self._people = people
        self._stops = stops
        self._hearers = hearers
        self._bad = called_bad(evidence)
        self._defects = defects
        self.fates = Fates(evidence, terms, calms.ours)

    def judge(self, case: Case) -> None:
        """Judges all that was sent, and what was not."""
        profiles = self._people.during(case.customer_id, case.may_ride_at, case.leaves_hold_at)
        if len(profiles) != 1:
            return
        for reach in profiles[0].reaches(case.kind):
            plan = _Plan(self, case, profiles[0], reach)
            for number in range(1, len(reach.steps)):
                for attempt in plan.attempts(number):
                    self._not_too_soon(plan, number, attempt)
                for attempt in plan.by_day(number):
                    self._not_in_vain(plan, number, attempt)
            if reach.steps:
                self._first(plan)
            for number in range(1, len(reach.steps)):
                self._next(plan, number)

    # What must not be.

    def _not_too_soon(self, plan: "_Plan", number: int, attempt: Attempt) -> None:
        case, begun = plan.case, attempt.begun_at
        if len(self._people.during(case.customer_id, case.may_ride_at, begun)) > 1:
            return
        earliest = plan.earliest(number, begun)
        if begun + SECOND < earliest:
            what = f"by {attempt.channel}, before the step before it had failed or had its time"
            self._defects.add("forbidden", case.id, what, begun=begun, earliest=None if earliest == NEVER else earliest)

    def _not_in_vain(self, plan: "_Plan", number: int, attempt: Attempt) -> None:
        for before in range(number):
            for other in plan.attempts(before):
                arrived = self.fates.surely_known_to_have_arrived(other, attempt.begun_at)
                if arrived is not None:
                    what = f"by {attempt.channel}, after it had arrived by {other.channel}"
                    self._defects.add("forbidden", plan.case.id, what, begun=attempt.begun_at, arrived=arrived)
                    return

    # What must be.

    def _first(self, plan: "_Plan") -> None:
        """The first step is taken when the hold ends, unless what rode in another's message arrived before. That of
        text messages is judged elsewhere."""
        for way in plan.reach.steps[0]:
            if way.channel != "sms":
                self._in_time(plan, way, plan.case.goes_at, plan.attempts(0), "the first step was not taken")

    def _next(self, plan: "_Plan", number: int) -> None:
        """A step is taken when that before it has failed, or had its time."""
        before = plan.attempts(number - 1)
        if not before:
            return
        due = min(attempt.begun_at for attempt in before) + self._terms.step_wait
        loud = plan.profile.loud_from(due)
        if loud != due and plan.may_wait_for_day(number - 1, due):
            due = loud + self._terms.step_wait
        if all(self.fates.surely_failed(attempts) for attempts in plan.by_way(number - 1)):
            due = min(due, max(self.fates.failed_at(attempt) for attempt in before))
        due = max(due, plan.case.goes_at)  # it may have ridden in another's message, before its own time
        before_it = [attempt for step in range(number) for attempt in plan.attempts(step)]
        if any(attempt.mistakable for attempt in before_it):
            return  # another's message was taken for it, and may have arrived
        for way in plan.reach.steps[number]:
            self._in_time(plan, way, due, before_it, f"step {number + 1} was not taken")

    def _in_time(self, plan: "_Plan", way: Way, start: Micros, before_it: list[Attempt], what: str) -> None:
        """Something goes on a way from ``start`` on, as soon as it may, unless one of ``before_it`` has arrived."""
        case, calm = plan.case, self._calm(way.channel)
        rings = way.channel in wishes.RINGS
        opening = self._hearers.opening(case) if rings else case.rules.opening
        start = opening(start)
        by = case.deadline(calm, start, self._terms.slack, opening)
        if by >= min(case.expires_at, self._ended_at) or not calm.throughout(start - COMES_BACK_WITHIN, by):
            return
        if any(self.fates.may_have_arrived(attempt, by) for attempt in before_it):
            return
        if self._hearers.sure(case, case.may_ride_at, by) is None or case.notice.command.audience != "buyer":
            return
        if any(address in self._bad for address in way.address.split(" ")):
            return
        if way.channel == "sms" and self._stops.may_hold(way.address, by):
            return
        if way.channel in case.unbegun:
            return  # in doubt like one that began, and so not repeated
        begun = min((attempt.begun_at for attempt in plan.of(way)), default=None)
        if begun is None or begun > by:
            promise: Promise = "missed" if begun is None else "late"
            self._defects.add(promise, case.id, f"{what}, by {way.channel}", due=start, by=by, begun=begun)

    def _calm(self, channel: str) -> Calm:
        if channel == "sms":
            return self._calms.all
        return self._calms.ours if channel == "inbox" else self._calms.by[PROVIDER_OF[channel]]

    def may_be_hindered(self, plan: "_Plan", way: Way, begin: Micros, end: Micros) -> bool:
        """Whether there may be a reason why nothing was begun on a way."""
        case = plan.case
        if way.channel != "sms":
            return True  # there may be no words for it, which the contract leaves open
        return (
            self._stops.may_hold(way.address, end)
            or way.address in self._bad
            or self._hearers.sure(case, case.may_ride_at, end) is None
            or not self._calms.all.throughout(begin - MINUTE, end)
        )


class _Plan:
    """A contact's plan for a case, and what was sent by it."""

    def __init__(self, plans: Plans, case: Case, profile: Version, reach: Reach) -> None:
        self._plans = plans
        self.case = case
        self.profile = profile
        self.reach = reach

    def of(self, way: Way) -> list[Attempt]:
        """What was sent on a way, in order; of several devices some may have proved wrong before."""
        addresses = set(way.address.split(" "))
        sent = [sent.attempt for sent in self.case.sent if sent.attempt.channel == way.channel]
        mine = [attempt for attempt in sent if addresses.issuperset(attempt.number.split(" "))]
        return sorted(mine, key=lambda attempt: attempt.begun_at)

    def by_way(self, number: int) -> list[list[Attempt]]:
        """What was sent by a step, by its ways. What went beside the plan is tried again beside it, by day as well."""
        sent = (self.of(way) for way in self.reach.steps[number])
        return [[] if attempts and self._beside(attempts[0]) else attempts for attempts in sent]

    def attempts(self, number: int) -> list[Attempt]:
        """What was sent by a step."""
        return [attempt for attempts in self.by_way(number) for attempt in attempts]

    def by_day(self, number: int) -> list[Attempt]:
        """The same, and what was tried again by day of what went beside the plan."""
        return [attempt for way in self.reach.steps[number] for attempt in self.of(way) if not self._beside(attempt)]

    def may_wait_for_day(self, number: int, at: Micros) -> bool:
        """Whether something of a step rings and may not have gone by then."""
        ways = zip(self.reach.steps[number], self.by_way(number), strict=True)
        return any(
            way.channel in wishes.RINGS and not any(a.taken and a.begun_at <= at for a in attempts)
            for way, attempts in ways
        )

    def earliest(self, number: int, until: Micros) -> Micros:
        """Before this the step is not taken, by what is known ``until`` then."""
        if number == 0:
            return self.case.may_ride_at
        former = self.earliest(number - 1, until)
        failed = former
        for way, attempts in zip(self.reach.steps[number - 1], self.by_way(number - 1), strict=True):
            begun = [attempt for attempt in attempts if attempt.begun_at < until]
            if begun:
                failed = max(failed, self._plans.fates.may_have_failed_at(begun[-1]))
            elif not self._plans.may_be_hindered(self, way, former, until):
                failed = NEVER
        return min(failed, former + self._plans.step_wait)

    def _beside(self, attempt: Attempt) -> bool:
        """Whether it went silently in quiet hours, beside the plan."""
        if attempt.channel not in wishes.SILENT or self.case.notice.command.urgency != "urgent":
            return False
        return self.profile.loud_from(attempt.begun_at) != attempt.begun_at

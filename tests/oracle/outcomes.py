"""Whether each notice ended in one outcome, in time, and in one that has a cause."""

from schemas.times import MINUTE, SECOND, Micros
from tests.oracle.attempts import CALL_WITHIN
from tests.oracle.calm import Calms
from tests.oracle.caps import Caps
from tests.oracle.case import Case
from tests.oracle.defects import Defects
from tests.oracle.evidence import Attempt, Evidence
from tests.oracle.fates import Fates
from tests.oracle.hearers import Hearers
from tests.oracle.mistaken import mistaken
from tests.oracle.outputs import Outputs
from tests.oracle.people import People, Version, may_be_gone
from tests.oracle.stops import BLOCKED, Stops, called_bad
from tests.oracle.storms import Storms
from tests.oracle.terms import Terms
from tests.oracle.ways import CHANNELS

DOUBT: Micros = 10 * MINUTE
"""How long it is asked what became of a message, at most."""


def _counts(attempt: Attempt) -> bool:
    """Whether the program can have known it as taken."""
    return attempt.taken or attempt.mistakable


class Outcomes:
    """Judges the outcomes of one case after another."""

    def __init__(
        self,
        evidence: Evidence,
        terms: Terms,
        calms: Calms,
        people: People,
        stops: Stops,
        hearers: Hearers,
        caps: Caps,
        storms: Storms,
        out: Outputs,
        defects: Defects,
    ) -> None:
        self._ended_at = evidence.ended_at
        self._terms = terms
        self._calms = calms
        self._people = people
        self._stops = stops
        self._hearers = hearers
        self._caps = caps
        self._storms = storms
        self._bad = called_bad(evidence)
        self._unknown = out.unknown
        self._fates = Fates(evidence, terms, calms.ours)
        self._mistaken = mistaken(evidence.attempts, out)
        self._defects = defects
        self._travel = 2 * terms.slack

    def judge(self, case: Case) -> None:
        """Judges the outcome of a case, and when it came."""
        begin_by = self._begun_in_time(case)
        by = self._decided_by(case, begin_by)
        decided = case.decided
        if decided is None:
            if by < self._ended_at:
                what = f"{case.kind} of event {case.notice.command.event_id} has no outcome"
                self._defects.add("lost", case.id, what, commanded=case.notice.at, by=by)
            return
        if decided.at > by:
            what = f"decided late: {decided.decision.outcome}/{decided.decision.reason}"
            self._defects.add("late", case.id, what, commanded=case.notice.at, by=by, decided=decided.at)
        self._same(case)
        self._caused(case)

    # When.

    def _begun_in_time(self, case: Case) -> Micros | None:
        """By when each that surely was to hear was called; ``None`` where nothing is sure. Who is to hear is looked up
        when the first message goes or none may: what rode in another's goes before its own time, to the numbers of
        then, and a hold ends a little earlier where the command was long on its way."""
        opening = self._hearers.opening(case)
        by = case.deadline(self._calms.all, opening(case.goes_at), self._terms.slack, opening)
        if case.expires_at <= by or not self._calms.vendors.throughout(case.notice.at - DOUBT, by):
            return None
        decided = () if case.decided is None else (case.decided.at,)
        looked_at = min((case.goes_at, *decided, *(sent.attempt.begun_at for sent in case.sent)))
        numbers = self._hearers.of(case, looked_at, by)
        if self._fates.may_have_arrived_beside(case, by):
            return None
        sms = [sent for sent in reversed(case.sent) if sent.attempt.channel == "sms"]
        called = {sent.attempt.number: sent.attempt.begun_at for sent in sms}
        for number in numbers:
            if number in called and called[number] <= by:
                continue
            if by < self._ended_at and not case.unbegun:  # in doubt like one that began, and so not repeated
                what = f"{case.kind} was not told in time to a contact"
                begun = called.get(number)
                self._defects.add(
                    "missed" if begun is None else "late", case.id, what, commanded=case.notice.at, by=by, begun=begun
                )
        return by if numbers else None

    def _deadline(self, case: Case, start: Micros) -> Micros:
        return case.deadline(self._calms.all, start, self._terms.slack)

    def _decided_by(self, case: Case, begin_by: Micros | None) -> Micros:
        """By when there is an outcome."""
        last = max((sent.attempt.begun_at for sent in case.sent), default=case.notice.at)
        by = self._calms.all.deadline(max(case.expires_at, last + DOUBT, case.notice.at), self._terms.clerical)
        slack = self._terms.slack
        for sent in case.sent:
            if sent.attempt.answer == "yes" and sent.attempt.ended_at is not None:
                heard = self._calms.ours.deadline(sent.attempt.ended_at, slack)
                if self._calms.ours.throughout(sent.attempt.ended_at, heard):
                    by = min(by, heard)
        if case.sent or case.unbegun:  # in doubt like one that began, and asked for as long
            return by
        over_at = case.ended_surely_by()
        if over_at is not None:
            by = min(by, self._deadline(case, max(case.goes_at, self._calms.ours.deadline(over_at, self._travel))))
        waited = self._deadline(case, case.goes_at + self._terms.profile_wait + self._travel)
        profiles = self._people.during(case.customer_id, case.notice.at, waited)
        if len(profiles) == 1 and profiles[0].surely_hindered(case.kind):
            by = min(by, waited)
        return by

    # What.

    def _same(self, case: Case) -> None:
        command = case.notice.command
        assert case.decided is not None
        decision = case.decided.decision
        for name in ("event_id", "kind", "order_id", "customer_id", "audience"):
            if getattr(decision, name) != getattr(command, name):
                what = f"its decision has another {name} than its command"
                self._defects.add("unexplained", case.id, what, decided=case.decided.at)

    def _caused(self, case: Case) -> None:
        assert case.decided is not None
        decision, at = case.decided.decision, case.decided.at
        outcome, reason = decision.outcome.value, decision.reason.value
        if outcome in ("sent", "merged"):
            right = self._sent(case)
        elif (outcome, reason) == ("expired", "overtaken"):
            right = at >= case.expires_at
        elif outcome == "settled":
            right = reason in ("resolved", "order_closed", "superseded") and any(s <= at for s, _ in case.settles)
        else:
            right = (outcome, reason) in self._causes(case, at)
        if not right:
            self._blame(case, "no cause for its outcome")
        elif outcome not in ("sent", "merged") and self._accepted(case):
            self._blame(case, "a message of it was accepted, and its outcome")

    def _blame(self, case: Case, what: str) -> None:
        assert case.decided is not None
        decision = case.decided.decision
        untold = decision.outcome in ("sent", "merged") and not any(_counts(sent.attempt) for sent in case.sent)
        what = f"{what} {decision.outcome}/{decision.reason}"
        times = {"commanded": case.notice.at, "decided": case.decided.at}
        self._defects.add("lost" if untold else "unexplained", case.id, what, **times)

    def _sent(self, case: Case) -> bool:
        """A message of its notification was taken before."""
        assert case.decided is not None
        decision, at = case.decided.decision, case.decided.at
        told = decision.notification_id
        counting = any(_counts(s.attempt) and s.attempt.begun_at <= at and s.notification_id == told for s in case.sent)
        mistaken = self._mistaken.intersection(self._unknown.get(case.id, ()))
        return decision.reason == "accepted" and (counting or any(name == told for name, _ in mistaken))

    def _accepted(self, case: Case) -> bool:
        """Whether whoever called heard the vendor's yes, and lived to write it down before the outcome."""
        assert case.decided is not None
        return any(
            sent.attempt.answer == "yes"
            and (ended := sent.attempt.ended_at) is not None
            and ended < case.decided.at
            and self._calms.ours.throughout(ended - 15 * SECOND, ended + self._terms.slack)
            for sent in case.sent
        )

    def _causes(self, case: Case, at: Micros) -> set[tuple[str, str]]:
        """The outcomes that there is a cause for, of those that tell nobody.

        Each message of a notice is looked at by itself, and ends by what is so then. When all have ended, one of these
        ends is the notice's (the contract: "the first that applies"), so what was a cause may be none any more.
        """
        profiles = self._people.during(case.customer_id, case.notice.at, at)
        causes = set().union(*(self._hindrances(case, profile, at) for profile in profiles))
        numbers = {address for one in profiles for its in CHANNELS for address in one.allowed(case.kind, its)}
        if may_be_gone(case.kind, profiles):
            causes |= {("failed", "no_contact"), ("failed", "bad_number"), ("suppressed", "muted")}
        numbers |= {address for sent in case.sent for address in sent.attempt.number.split(" ")}
        if any(self._stops.may_hold(number, at) for number in numbers):
            causes.add(("suppressed", "opted_out"))
        if any(self._bad.get(number, at + 1) <= at for number in numbers):
            causes.add(("failed", "bad_number"))
        capped = self._caps.may_hold(case, min(case.may_go_at, at), at)
        if capped or not self._all_was_well(at - MINUTE, at + CALL_WITHIN):
            causes.add(("suppressed", "capped"))
        if self._storms.may_be_dropped(case, at):
            causes.add(("suppressed", "storm"))
        if any(sent.attempt.code in BLOCKED for sent in case.sent):
            causes.add(("suppressed", "opted_out"))
        refused = any(sent.attempt.answer == "no" for sent in case.sent)
        if refused:
            causes |= {("failed", reason) for reason in ("template_refused", "content_refused", "provider_refused")}
        causes.add(("failed", "template_refused"))  # there may be no text for it: the contract does not say which are
        if case.unbegun or any(self._in_doubt(sent.attempt) for sent in case.sent):
            causes.add(("failed", "in_doubt"))
        return causes

    def _all_was_well(self, begin: Micros, end: Micros) -> bool:
        """Whether what was on its way then, and counted for the caps, went out: else it may have left no trace."""
        return all(calm.throughout(begin, end) for calm in (self._calms.all, *self._calms.by.values()))

    def _hindrances(self, case: Case, profile: Version, at: Micros) -> set[tuple[str, str]]:
        if not profile.known and at < case.notice.detected + self._terms.profile_wait:
            return set()
        return profile.hindrances(case.kind)

    def _in_doubt(self, attempt: Attempt) -> bool:
        if attempt.answer == "neither" or attempt.ended_at is None:
            return True
        heard = attempt.ended_at + self._terms.slack
        return not self._calms.ours.throughout(attempt.begun_at - 15 * SECOND, heard)

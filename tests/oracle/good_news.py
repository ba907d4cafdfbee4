"""Whether good news reached whom the trouble had reached, and nobody else.

By default it goes into the inbox, which is our own: no vendor can delay it, and what was written there has arrived.
"""

from collections.abc import Sequence

from schemas.times import Micros
from tests.oracle.calm import Calms
from tests.oracle.case import Case
from tests.oracle.defects import Defects
from tests.oracle.evidence import Evidence
from tests.oracle.outputs import Outputs
from tests.oracle.people import People
from tests.oracle.terms import GOOD_NEWS, Terms

TROUBLES = {news: trouble for trouble, news in GOOD_NEWS.items()}

_What = tuple[str, str, str, str]


class GoodNews:
    """Judges the outcome of one case of good news after another. ``cases`` are all there are."""

    def __init__(
        self,
        evidence: Evidence,
        terms: Terms,
        calms: Calms,
        people: People,
        cases: Sequence[Case],
        out: Outputs,
        defects: Defects,
    ) -> None:
        self._ended_at = evidence.ended_at
        self._terms = terms
        self._calms = calms
        self._people = people
        self._out = out
        self._defects = defects
        self._asked: dict[_What, list[Case]] = {}
        for case in cases:
            if case.notice.command.audience == "buyer":
                self._asked.setdefault(_what(case, case.kind), []).append(case)

    def judge(self, case: Case) -> None:
        """Whether it has an outcome, in time, and one that has a cause."""
        expected_by = self._expected_by(case)
        decided = case.decided
        if decided is None:
            by = self._calms.all.deadline(max(case.expires_at, case.notice.at), self._terms.clerical)
            if by < self._ended_at:
                self._defects.add("lost", case.id, f"{case.kind} has no outcome", commanded=case.notice.at, by=by)
            return
        outcome, reason = decided.decision.outcome.value, decided.decision.reason.value
        times = {"commanded": case.notice.at, "decided": decided.at}
        if _is_sent(case):
            if not self._trouble_was_told(case):
                self._defects.add("false", case.id, f"{case.kind} of what was never told", **times)
            if decided.decision.notification_id not in self._out.inbox:
                self._defects.add("lost", case.id, "is sent, and lies in no inbox", **times)
        elif expected_by is not None:
            what = f"{case.kind} was not told: {outcome}/{reason}"
            self._defects.add("missed", case.id, what, by=expected_by, **times)
        elif not self._caused(case, outcome, reason, decided.at):
            self._defects.add("unexplained", case.id, f"no cause for its outcome {outcome}/{reason}", **times)
        if expected_by is not None and decided.at > expected_by:
            self._defects.add("late", case.id, f"decided late: {outcome}/{reason}", by=expected_by, **times)

    def _expected_by(self, case: Case) -> Micros | None:
        """By when it surely is to lie in the inbox; ``None`` where something may speak against it."""
        by = case.deadline(self._calms.ours, case.goes_at, self._terms.slack)
        profiles = self._people.during(case.customer_id, case.notice.at, by)
        if len(profiles) != 1 or not profiles[0].expected(case.kind, "inbox") or case.expires_at <= by:
            return None
        if any(at <= by for at, _ in case.settles) or self._people.erased_by(case.customer_id, by):
            return None
        under_way = any(t.decided is None or t.decided.at > case.goes_at for t in self._troubles(case))
        return by if not under_way and self._trouble_was_told(case) and by < self._ended_at else None

    def _trouble_was_told(self, case: Case) -> bool:
        """Whether the trouble was, before it came right and after the last good news of it."""
        news = [_written(other) for other in self._asked[_what(case, case.kind)] if _is_sent(other)]
        since = max((written for written in news if written < _written(case)), default=(0, 0))
        return any(_is_sent(trouble) and since <= _written(trouble) for trouble in self._troubles(case))

    def _troubles(self, case: Case) -> list[Case]:
        """All that was asked to be told of the trouble before."""
        troubles = self._asked.get(_what(case, TROUBLES[case.kind]), ())
        return [trouble for trouble in troubles if _written(trouble) < _written(case)]

    def _caused(self, case: Case, outcome: str, reason: str, at: Micros) -> bool:
        if (outcome, reason) == ("suppressed", "not_told"):
            return not self._trouble_was_told(case) or self._people.erased_by(case.customer_id, at)
        if (outcome, reason) == ("expired", "overtaken"):
            return at >= case.expires_at
        if outcome == "settled":
            return reason in ("resolved", "order_closed") and any(settle <= at for settle, _ in case.settles)
        profiles = self._people.during(case.customer_id, case.notice.at, at)
        return any((outcome, reason) in profile.hindrances(case.kind) for profile in profiles)


def _what(case: Case, kind: str) -> _What:
    """What a trouble and its good news have in common, under the name of ``kind``."""
    command = case.notice.command
    part = command.tracking_no if command.tracking_no is not None else command.facts.get("sku", "")
    return kind, command.customer_id, command.order_id, str(part)


def _written(case: Case) -> tuple[Micros, int]:
    """When and where it was asked for: of what was asked for at once the first stands first."""
    return case.notice.at, case.notice.offset


def _is_sent(case: Case) -> bool:
    return case.decided is not None and case.decided.decision.outcome in ("sent", "merged")

"""What became of messages, as far as whoever sent them can have known it, or surely did."""

from collections import defaultdict
from collections.abc import Sequence

from schemas.times import SECOND, Micros
from tests.oracle.attempts import ASKED_FOR, CALL_WITHIN
from tests.oracle.calm import Calm
from tests.oracle.case import Case
from tests.oracle.evidence import Attempt, Evidence, Reported
from tests.oracle.stops import BLOCKED
from tests.oracle.terms import Terms

NEVER: Micros = 10**18


class Fates:
    """``calm`` is that of workers and Kafka."""

    def __init__(self, evidence: Evidence, terms: Terms, calm: Calm) -> None:
        self._calm = calm
        self._late_news = 2 * terms.slack + CALL_WITHIN
        self._reports = defaultdict[str, list[Reported]](list)
        for report in evidence.reported:
            self._reports[report.out_id].append(report)

    def may_have_arrived(self, attempt: Attempt, by: Micros) -> bool:
        """Whether it had arrived by then, whoever knew of it."""
        reports = self._reports[attempt.out_id]
        return attempt.channel == "inbox" or any(r.delivered and r.reported_at <= by for r in reports)

    def may_have_arrived_beside(self, case: Case, by: Micros) -> bool:
        """Whether what goes by text message may have arrived on another channel of the same step by then."""
        others = (sent.attempt for sent in case.sent if sent.attempt.channel not in ("sms", "inbox"))
        return any(self.may_have_arrived(attempt, by) for attempt in others)

    def surely_known_to_have_arrived(self, attempt: Attempt, by: Micros) -> Micros | None:
        """When it was known to have arrived, if whoever sends surely had that news by then."""
        arrived = self.arrived(attempt)
        return arrived if arrived is not None and self._calm.deadline(arrived, self._late_news) < by else None

    def arrived(self, attempt: Attempt) -> Micros | None:
        """When it surely was known to have arrived."""
        if attempt.channel == "inbox":
            return attempt.begun_at
        if not self.surely_heard(attempt):
            return None
        known = [r.answered_at for r in self._reports[attempt.out_id] if r.delivered and r.answered_at is not None]
        return max(min(known), attempt.ended_at or 0) if known else None

    def may_have_failed_at(self, attempt: Attempt) -> Micros:
        """From when on it may have been taken for failed."""
        if attempt.answer == "no":
            return attempt.begun_at
        failed = [r.reported_at for r in self._reports[attempt.out_id] if not r.delivered]
        at = min(failed) if failed and " " not in attempt.number else NEVER
        if not self.surely_heard(attempt):
            at = min(at, attempt.begun_at + (ASKED_FOR if attempt.channel == "sms" else 0))
        return at

    def surely_failed(self, attempts: Sequence[Attempt]) -> bool:
        """Whether the last of what was sent on one way surely was known to have failed."""
        return bool(attempts) and self.failed_at(attempts[-1]) != NEVER

    def failed_at(self, attempt: Attempt) -> Micros:
        """When it surely was known to have failed: a report may come before the call's own answer, and is kept."""
        if attempt.code in BLOCKED and attempt.ended_at is not None:
            return attempt.ended_at
        if not self.surely_heard(attempt) or " " in attempt.number:
            return NEVER
        known = [r.answered_at for r in self._reports[attempt.out_id] if not r.delivered and r.answered_at is not None]
        return max(min(known), attempt.ended_at or 0) if known else NEVER

    def surely_heard(self, attempt: Attempt) -> bool:
        """Whether whoever heard the answer lived to write it down."""
        ended = attempt.ended_at
        if attempt.answer != "yes" or ended is None:
            return False
        return self._calm.throughout(attempt.begun_at - 15 * SECOND, ended + self._late_news)

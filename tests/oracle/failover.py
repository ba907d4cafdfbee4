"""Whether what one provider could not take went by the other, where that one could take it.

The defaults have a text for each kind at each provider, so either can take whatever it has not refused for good. A
message that is in doubt stays where it is, for silence is better than telling twice.
"""

from collections.abc import Iterator

from schemas.times import MINUTE, SECOND, Micros
from tests.oracle.calm import Calms
from tests.oracle.case import Case
from tests.oracle.defects import Defects
from tests.oracle.evidence import Attempt, Evidence
from tests.oracle.fates import Fates
from tests.oracle.hearers import Hearers
from tests.oracle.terms import Terms

FAILS_OVER_WITHIN: Micros = 20 * SECOND
"""How long it may take until a message has gone by the provider that is well, its time for the other included."""
COMES_BACK_WITHIN: Micros = 20 * MINUTE
"""How long a provider that was not well has to be well until it surely was asked again."""
_PASSES = (
    "isp.",
    "InternalError",
    "Throttling",
    "isv.BUSINESS_LIMIT_CONTROL",
    "isv.DAY_LIMIT_CONTROL",
    "isv.MONTH_LIMIT_CONTROL",
    "isv.AMOUNT_NOT_ENOUGH",
    "isv.OUT_OF_SERVICE",
    "ServiceUnavailable",
    "RequestLimitExceeded",
    "LimitExceeded.",
    "FailedOperation.InsufficientBalanceInSmsPackage",
    "UnauthorizedOperation.ServiceSuspendDueToArrears",
)
"""How the codes of a no begin that is over some time: a trouble of the vendor's own, a limit, an empty account."""
_REFUSED = ("provider_refused", "template_refused", "content_refused", "no_provider")
"""The reasons of a failure that lay with the providers."""


class Failover:
    """Judges one case after another."""

    def __init__(self, evidence: Evidence, terms: Terms, calms: Calms, hearers: Hearers, defects: Defects) -> None:
        self._providers = evidence.providers
        self._ended_at = evidence.ended_at
        self._terms = terms
        self._calms = calms
        self._hearers = hearers
        self._defects = defects
        self._fates = Fates(evidence, terms, calms.ours)

    def judge(self, case: Case) -> None:
        """Judges whether the provider that was well had the message in time, and whether it failed or expired
        although one was well."""
        if "sms" in case.unbegun:
            return  # a call that may have begun leaves a doubt like one that did
        for provider in self._providers:
            if len(self._providers) > 1:
                self._in_time(case, provider)
            self._not_refused(case, provider)
            self._not_expired(case, provider)

    def _in_time(self, case: Case, provider: str) -> None:
        opening = self._hearers.opening(case)
        within = self._terms.slack + FAILS_OVER_WITHIN
        by = case.deadline(self._calms.by[provider], opening(case.goes_at), within, opening)
        if by >= min(case.expires_at, self._ended_at) or not self._calms.by[provider].throughout(case.notice.at, by):
            return
        for number in self._hearers.of(case, case.notice.at, by):
            if any(a.answer != "no" and a.begun_at <= by for a in _to(case, number)):
                continue
            if any(a.provider == provider and _for_good(a) for a in _to(case, number)):
                continue
            if self._fates.may_have_arrived_beside(case, by):
                continue
            what = f"{case.kind} was not told in time, though {provider} was well"
            self._defects.add("late", case.id, what, commanded=case.notice.at, by=by)

    def _not_refused(self, case: Case, provider: str) -> None:
        decided = case.decided
        if decided is None or decided.decision.outcome != "failed" or decided.decision.reason not in _REFUSED:
            return
        for number in self._hearers.of(case, case.notice.at, decided.at):
            attempts = _to(case, number)
            if any(self._in_doubt(attempt) for attempt in attempts):
                continue
            if not any(a.provider == provider and _for_good(a) for a in attempts):
                what = f"failed, {decided.decision.reason}, and {provider} had not refused it"
                self._defects.add("missed", case.id, what, commanded=case.notice.at, decided=decided.at)

    def _not_expired(self, case: Case, provider: str) -> None:
        decided = case.decided
        if decided is None or decided.decision.outcome != "expired":
            return
        for begin, end in self._well(case, provider):
            for number in self._hearers.of(case, case.notice.at, end):
                attempts = _to(case, number)
                if any(a.begun_at < end and self._in_doubt(a) for a in attempts):
                    continue
                if not any(a.provider == provider and _for_good(a) for a in attempts):
                    what = f"expired, and {provider} was well"
                    self._defects.add("missed", case.id, what, since=begin, until=end, decided=decided.at)
                    return

    def _well(self, case: Case, provider: str) -> Iterator[tuple[Micros, Micros]]:
        """Times in which it could have gone by the provider, each long enough."""
        calm, opening = self._calms.by[provider], self._hearers.opening(case)
        for moment in (case.goes_at, *calm.ends):
            begin = opening(max(moment, case.goes_at))
            end = begin + COMES_BACK_WITHIN
            if end < case.expires_at and opening(end) == end and calm.throughout(begin, end):
                yield begin, end

    def _in_doubt(self, attempt: Attempt) -> bool:
        heard = (attempt.ended_at or attempt.begun_at) + self._terms.slack
        return attempt.answer != "no" or not self._calms.ours.throughout(attempt.begun_at - 15 * SECOND, heard)


def _to(case: Case, number: str) -> list[Attempt]:
    return [sent.attempt for sent in case.sent if sent.attempt.number == number]


def _for_good(attempt: Attempt) -> bool:
    """Whether it was refused, and not for something that passes."""
    return attempt.answer == "no" and not attempt.code.startswith(_PASSES)

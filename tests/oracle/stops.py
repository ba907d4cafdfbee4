"""Who said stop, and from when on nothing may be sent to that number."""

import unicodedata
from collections import defaultdict

from schemas.times import SECOND, Micros
from tests.oracle.calm import Calm
from tests.oracle.evidence import Evidence

WORDS = frozenset({"TD", "T", "N", "退订", "回T"})
NO_MORE_MARKETING = "R"
HOLDS_AFTER: Micros = 2 * SECOND
"""A reply holds for each call begun more than this after it was answered."""
REPORTED = frozenset({"MOBILE_IN_BLACK", "USER_REJECT"})
ANSWERED = frozenset({"isv.BLACK_KEY_CONTROL_LIMIT", "isv.CUSTOMER_REFUSED", "FailedOperation.PhoneNumberInBlacklist"})


class Stops:
    """``heard``: since when a number may be taken for stopped. ``holds``: from when on it must be.
    ``advertise_no_more``: from when on nothing that advertises may go there, ``refused`` since when that may be so.

    A code of the vendor's goes through Kafka before it holds, for which ``travel`` is allowed.
    """

    def __init__(self, evidence: Evidence, calm: Calm, travel: Micros) -> None:
        self.heard: dict[str, Micros] = {}
        self.holds: dict[str, Micros] = {}
        self.advertise_no_more: dict[str, Micros] = {}
        self.refused: dict[str, Micros] = {}
        for reply in evidence.replied:
            word = unicodedata.normalize("NFKC", reply.content).strip().upper()
            if word == NO_MORE_MARKETING:
                self.refused[reply.number] = min(reply.said_at, self.refused.get(reply.number, reply.said_at))
            if word in (*WORDS, NO_MORE_MARKETING) and reply.answered_at is not None:
                holds = reply.answered_at + HOLDS_AFTER
                self.advertise_no_more[reply.number] = min(holds, self.advertise_no_more.get(reply.number, holds))
            if word in WORDS:
                self._add(reply.number, reply.said_at, reply.answered_at, HOLDS_AFTER)
        for report in evidence.reported:
            if report.err_code in REPORTED:
                at = report.answered_at
                until = None if at is None else calm.deadline(at, travel)
                self._add(report.number, report.reported_at, until, HOLDS_AFTER)
        for attempt in evidence.attempts:
            if attempt.code in ANSWERED and attempt.answer == "no":
                ended = attempt.ended_at
                certain = ended is not None and calm.throughout(ended, ended + travel)
                until = ended + travel if certain and ended is not None else None
                self._add(attempt.number, attempt.begun_at, until, HOLDS_AFTER)

    def may_hold(self, number: str, at: Micros) -> bool:
        """Whether a number may be taken for stopped by then."""
        return self.heard.get(number, at + 1) <= at

    def may_refuse_marketing(self, number: str, at: Micros) -> bool:
        """Whether a number may be taken by then for one whose owner wants no marketing, or nothing at all."""
        return self.refused.get(number, at + 1) <= at or self.may_hold(number, at)

    def _add(self, number: str, heard: Micros, answered: Micros | None, holds_after: Micros) -> None:
        self.heard[number] = min(heard, self.heard.get(number, heard))
        if answered is not None:
            holds = answered + holds_after
            self.holds[number] = min(holds, self.holds.get(number, holds))


BLOCKED = frozenset({"43004", "43019", "43101"})
"""What WeChat says of a follower that is none, or takes no messages."""
BAD_NUMBER = frozenset(
    {
        "1011",
        "40003",
        "550 5.1.1",
        "isv.MOBILE_NUMBER_ILLEGAL",
        "INVALID_NUMBER",
        "InvalidParameterValue.IncorrectPhoneNumber",
        "FailedOperation.PhoneNumberParseFail",
    }
)


def called_bad(evidence: Evidence) -> dict[str, Micros]:
    """Since when a vendor has said of a number that it does not exist."""
    said = defaultdict[str, list[Micros]](list)
    for attempt in evidence.attempts:
        for address in attempt.number.split(" ") if attempt.code in BAD_NUMBER else ():  # of several devices none is
            said[address].append(attempt.begun_at)
    for report in evidence.reported:
        if report.err_code in BAD_NUMBER:
            said[report.number].append(report.reported_at)
    return {number: min(times) for number, times in said.items()}

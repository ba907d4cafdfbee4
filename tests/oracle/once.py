"""Whether anybody was told twice: only the rules may choose that, where nothing could be learnt, and then once."""

from collections import defaultdict
from itertools import pairwise

from schemas.times import MINUTE, SECOND, Micros
from tests.oracle.attempts import ASKED_FOR, CALL_WITHIN, ENDS_A_NUMBER, TELLS_ABSENCE
from tests.oracle.calm import Calm
from tests.oracle.case import Case, Sent
from tests.oracle.defects import Defects
from tests.oracle.outputs import Outputs
from tests.oracle.terms import Terms

REPEATED_AFTER: Micros = MINUTE
"""How long it is asked at least what became of a message, before it is repeated."""
REPEATED = "repeat_in_doubt"
"""The reason that the receipt of a repeated message gives."""


class Once:
    """Judges one case after another. ``calm`` is that of workers and Kafka."""

    def __init__(self, terms: Terms, calm: Calm, out: Outputs, defects: Defects) -> None:
        self._calm = calm
        self._out = out
        self._defects = defects
        self._late_news = 2 * terms.slack + CALL_WITHIN
        self._call_within = CALL_WITHIN + SECOND

    def judge(self, case: Case) -> None:
        """Judges what was sent to each number."""
        by_number = defaultdict[tuple[str, str], list[Sent]](list)
        for sent in case.sent:
            for address in sent.attempt.number.split(" "):
                by_number[sent.attempt.channel, address].append(sent)
        for all_ in by_number.values():
            if len(all_) > 1:
                self._judge(case, sorted(all_, key=lambda sent: sent.attempt.begun_at))

    def _judge(self, case: Case, all_: list[Sent]) -> None:
        repeated: Sent | None = None
        for first, again in pairwise(all_):
            if self._doubtful(first, again):
                if repeated is None and self._may_repeat(case, first, again):
                    repeated = again
                else:
                    self._twice(case, "called again while the first call was in doubt", first, again)
            refused = first.attempt.answer == "no" and first.attempt.code in ENDS_A_NUMBER
            if refused and self._surely_heard(first):
                times = {"begun": again.attempt.begun_at, "first": first.attempt.begun_at}
                self._defects.add("forbidden", case.id, "sent to a number that a vendor had refused", **times)
        taken = [sent for sent in all_ if sent.attempt.taken]
        for number, (first, again) in enumerate(pairwise(taken)):
            if number or not self._may_repeat(case, first, again):
                self._twice(case, "one number was told twice", first, again)
            elif not self._recorded(again):
                self._defects.add("unexplained", case.id, "repeated, and not recorded", again=again.attempt.begun_at)

    def _doubtful(self, first: Sent, again: Sent) -> bool:
        """Whether it can't have been known that the first was not taken."""
        early = again.attempt.begun_at < first.attempt.begun_at + ASKED_FOR - self._call_within
        return first.attempt.answer == "neither" and (early or first.attempt.provider not in TELLS_ABSENCE)

    def _may_repeat(self, case: Case, first: Sent, again: Sent) -> bool:
        """Whether the rules allow the second message although the first may have been taken."""
        return (
            case.rules.repeat_in_doubt
            and first.notification_id == again.notification_id
            and (first.attempt.answer == "neither" or not self._surely_heard(first))
            and again.attempt.begun_at >= first.attempt.begun_at + REPEATED_AFTER - self._call_within
        )

    def _recorded(self, again: Sent) -> bool:
        """Whether the receipt that says that it was accepted, where there is one, says as well that it is a repeat."""
        receipts = self._out.receipts.get((again.notification_id, again.number), ())
        return all(r.receipt.reason == REPEATED for r in receipts if r.receipt.status == "accepted")

    def _surely_heard(self, sent: Sent) -> bool:
        """Whether whoever heard the answer lived to write it down."""
        ended = sent.attempt.ended_at
        return ended is not None and self._calm.throughout(sent.attempt.begun_at - 15 * SECOND, ended + self._late_news)

    def _twice(self, case: Case, what: str, first: Sent, again: Sent) -> None:
        self._defects.add("twice", case.id, what, first=first.attempt.begun_at, again=again.attempt.begun_at)

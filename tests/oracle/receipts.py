"""Whether receipts tell what became of each message, once, forward, and truthfully."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from schemas.outputs import Receipt
from schemas.times import HOUR, MINUTE, SECOND, Micros
from tests.oracle.attempts import named
from tests.oracle.calm import Calm, Calms
from tests.oracle.case import Case
from tests.oracle.defects import Defects
from tests.oracle.evidence import Attempt, Evidence, Reported
from tests.oracle.mistaken import mistaken
from tests.oracle.outputs import Outputs, Receipted
from tests.oracle.people import People
from tests.oracle.terms import Terms
from tests.oracle.ways import CHANNEL_OF, masks

NO_REPORT_AFTER: Micros = 72 * HOUR
_ID = re.compile(r".{1,4}\*{4}")
_MASKED: Mapping[str, re.Pattern[str]] = {
    "sms": re.compile(r"(\d{3}|\+\d{1,3})\*{4}\d{4}"),
    "push": _ID,
    "wechat": _ID,
    "email": re.compile(r".\*{3}@.+"),
}
_AFTER: dict[str | None, frozenset[str]] = {
    None: frozenset({"accepted", "rejected", "unknown"}),
    "unknown": frozenset({"accepted", "rejected", "delivered", "undelivered", "no_report"}),
    "accepted": frozenset({"delivered", "undelivered", "no_report"}),
}
"""What may follow each state; nothing follows the others."""
_BEGINS_BEFORE: Micros = 30 * SECOND
"""An attempt of which something is known began so long before at the most, unless it was in doubt."""
_FINAL = frozenset({"delivered", "undelivered", "no_report"})
_TAKEN = frozenset({"accepted", *_FINAL})


class Receipts:
    """Judges all receipts, by what the vendor knows of the messages."""

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
        self._evidence = evidence
        self._terms = terms
        self._calm = calms.ours
        self._all_calm = calms.all
        self._by = calms.by
        self._people = people
        self._cases = {case.id: case for case in cases}
        self._out = out
        self._defects = defects
        self._mistaken = mistaken(evidence.attempts, out)
        self._attempts = {name: attempt for attempt in evidence.attempts if (name := named(attempt.out_id))}
        self._reported: dict[tuple[str, int], list[Reported]] = defaultdict(list)
        for report in evidence.reported:
            if name := named(report.out_id):
                self._reported[name].append(report)

    def judge(self) -> None:
        """Judges the receipts of each attempt, and whether each attempt has those that it must have."""
        for name, receipts in self._out.receipts.items():
            if receipts[0].receipt.channel == "inbox":
                self._in_inbox(receipts)
                continue
            attempt = self._attempts.get(name)
            before: str | None = None
            for written in receipts:
                receipt = written.receipt
                if receipt.status not in _AFTER.get(before, ()):
                    what = f"its state moved from {before or 'nothing'} to {receipt.status}"
                    self._defects.add("unexplained", receipt.receipt_id, what, at=written.at)
                before = receipt.status
                self._fields(written, attempt)
                self._true(written, attempt, self._reported.get(name, ()), receipts)
        for name, attempt in self._attempts.items():
            if attempt.taken:
                self._complete(name, attempt, self._out.receipts.get(name, ()))

    def _fields(self, written: Receipted, attempt: Attempt | None) -> None:
        receipt = written.receipt
        checks = {
            "command_ids": bool(receipt.command_ids) and all(self._fits(receipt, c) for c in receipt.command_ids),
            "recipient": _MASKED[receipt.channel].fullmatch(receipt.recipient) is not None
            and (attempt is None or masks(receipt.channel, receipt.recipient, attempt.number)),
            "cost": receipt.cost == self._cost(receipt),
            "segments": receipt.segments == _segments(receipt),
            "channel": attempt is None or receipt.channel == attempt.channel,
            "provider": CHANNEL_OF.get(receipt.provider) == receipt.channel
            and (attempt is None or attempt.provider == receipt.provider),
            "attempt": receipt.attempt >= 1,
        }
        wrong = [name for name, right in checks.items() if not right]
        if wrong:
            self._defects.add("unexplained", receipt.receipt_id, f"wrong in it: {', '.join(wrong)}", at=written.at)

    def _in_inbox(self, receipts: Sequence[Receipted]) -> None:
        """The inbox is our own: what lies there has arrived, at no cost."""
        receipt, at = receipts[0].receipt, receipts[0].at
        message = self._out.inbox.get(receipt.notification_id)
        right = {
            "status": [r.receipt.status for r in receipts] == ["accepted", "delivered"],
            "command_ids": bool(receipt.command_ids) and all(self._fits(receipt, c) for c in receipt.command_ids),
            "provider": receipt.provider == "inbox",
            "cost": receipt.cost == "0",
            "message": message is not None and message.customer_id == receipt.customer_id,
        }
        if wrong := [name for name, fits in right.items() if not fits]:
            self._defects.add("unexplained", receipt.receipt_id, f"wrong in it: {', '.join(wrong)}", at=at)

    def _fits(self, receipt: Receipt, command_id: str) -> bool:
        case = self._cases.get(command_id)
        return (
            case is not None
            and case.customer_id == receipt.customer_id
            and case.notice.command.order_id in receipt.order_ids
            and case.kind in receipt.kinds
        )

    def _cost(self, receipt: Receipt) -> str:
        if receipt.status not in _TAKEN or receipt.channel != "sms":
            return "0"
        return str(Decimal(self._terms.price) * receipt.segments)

    def _true(
        self, written: Receipted, attempt: Attempt | None, reported: Sequence[Reported], all_: Sequence[Receipted]
    ) -> None:
        status, at = written.receipt.status, written.at
        if status in _TAKEN and (written.receipt.notification_id, written.receipt.attempt) in self._mistaken:
            return  # it is the other's
        taken = attempt is not None and (attempt.taken or attempt.mistakable)
        wrong = None
        if attempt is None and self._should_have_begun(written.receipt.provider, status, at):
            wrong = "of a call that never began"
        elif status in _TAKEN and not taken:
            wrong = "of a message that the vendor did not take"
        elif status == "rejected" and attempt is not None and attempt.taken:
            wrong = "of a message that the vendor took"
        elif status in ("delivered", "undelivered"):
            if attempt is not None and attempt.mistakable:
                return  # it is the other's report
            if not any(r.delivered == (status == "delivered") and r.reported_at <= at for r in reported):
                wrong = "which the vendor did not report"
            elif status == "undelivered" and attempt is not None and _is_of_several(attempt):
                wrong = "as one of several devices says nothing of the others"
        elif status == "no_report":
            since = min(r.at for r in all_ if r.receipt.status in ("accepted", "unknown", "no_report"))
            since = since if attempt is None else min(since, attempt.begun_at)
            if at < since + NO_REPORT_AFTER - MINUTE:
                wrong = "too early"
        if wrong:
            self._defects.add("unexplained", written.receipt.receipt_id, f"{status}, {wrong}", at=at)

    def _should_have_begun(self, provider: str, status: str, at: Micros) -> bool:
        """Whether nothing kept the call of an attempt from beginning."""
        calm = self._calm if status == "unknown" else self._calm_of(provider)
        return status in ("unknown", "rejected") and calm.throughout(at - _BEGINS_BEFORE, at)

    def _calm_of(self, provider: str) -> Calm:
        return self._all_calm if CHANNEL_OF[provider] == "sms" else self._by[provider]

    def _complete(self, name: tuple[str, int], attempt: Attempt, receipts: Sequence[Receipted]) -> None:
        if not receipts:  # it was said before that nothing was written of it
            return
        at = {r.receipt.status: r.at for r in receipts}
        ended = attempt.ended_at if attempt.ended_at is not None else attempt.begun_at + 15 * SECOND
        customer_id = receipts[0].receipt.customer_id
        slack = 2 * self._terms.slack
        if attempt.answer == "yes" and "accepted" not in at:
            by = self._calm.deadline(ended, slack)
            undisturbed = self._calm.throughout(attempt.begun_at - 15 * SECOND, by)
            if undisturbed and by < self._evidence.ended_at and not self._people.erased_by(customer_id, by):
                self._lose(name, "was accepted, and no receipt says so", attempt.begun_at)
        final = min((at[status] for status in _FINAL if status in at), default=None)
        for report in self._reported.get(name, ()):
            answered = report.answered_at
            if answered is None or answered > attempt.begun_at + NO_REPORT_AFTER:
                continue
            known = ended if report.echoed else at.get("accepted")
            if known is None or (_is_of_several(attempt) and not report.delivered):
                continue
            by = self._calm.deadline(max(answered, known), slack)
            told = final is not None and final <= by
            if not told and by < self._evidence.ended_at and not self._people.erased_by(customer_id, by):
                self._lose(name, "was reported, and no receipt said so in time", answered)
        if "accepted" in at and final is None:
            by = self._calm.deadline(at["accepted"] + NO_REPORT_AFTER, self._terms.clerical)
            if by < self._evidence.ended_at and not self._people.erased_by(customer_id, by):
                self._lose(name, "was accepted, and nothing ever followed", at["accepted"])

    def _lose(self, name: tuple[str, int], what: str, since: Micros) -> None:
        self._defects.add("lost", f"{name[0]}.{name[1]}", what, since=since)


def _segments(receipt: Receipt) -> int:
    if receipt.channel != "sms" or receipt.text_length <= 70:
        return 1
    return -(-receipt.text_length // 67)


def _is_of_several(attempt: Attempt) -> bool:
    """Whether it went to several devices, of which one that was not reached says nothing."""
    return " " in attempt.number

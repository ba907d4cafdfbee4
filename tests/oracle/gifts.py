"""Whether whom it concerns was given what goes with a notice, once: a human's task, a coupon.

They come with the notice's first step, in its turn, whatever becomes of its messages. What was settled before that
brings neither, and neither has a consignor.
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from schemas.outputs import CouponGrant, ServiceTask
from schemas.times import Micros
from tests.oracle.calm import Calm
from tests.oracle.case import Case
from tests.oracle.defects import Defects
from tests.oracle.outputs import Given, Outputs
from tests.oracle.people import People
from tests.oracle.terms import EXCEPTIONS, Terms


class Gifts:
    """Judges all tasks and coupons. ``calm`` is that of workers and Kafka."""

    def __init__(
        self, terms: Terms, calm: Calm, people: People, cases: Sequence[Case], out: Outputs, defects: Defects
    ) -> None:
        self._terms = terms
        self._calm = calm
        self._people = people
        self._cases = {case.id: case for case in cases}
        self._tasks = _by_command(out.tasks)
        self._coupons: dict[str, list[Given[CouponGrant]]] = defaultdict(list)
        for grant in sorted(out.grants, key=lambda grant: grant.at):
            self._coupons[grant.what.customer_id].append(grant)
        self._defects = defects

    def judge(self) -> None:
        """What was given, and what was not."""
        for tasks in self._tasks.values():
            self._task(*tasks)
        for grants in self._coupons.values():
            for grant in grants:
                self._grant(grant)
            for first, again in pairwise(grants):
                if again.at < first.at + self._terms.coupon_period - self._terms.clerical:
                    what = "a second coupon within the period"
                    self._defects.add("twice", again.what.customer_id, what, first=first.at, again=again.at)
        for case in self._cases.values():
            if case.sent and _is_of_a_buyer(case):
                self._given_in_time(case, min(sent.attempt.begun_at for sent in case.sent))

    def _task(self, task: Given[ServiceTask], *again: Given[ServiceTask]) -> None:
        case = self._cases.get(task.what.command_id)
        for other in again:
            what = "a second task for one command"
            self._defects.add("twice", task.what.command_id, what, first=task.at, again=other.at)
        if case is None or not _is_of_a_buyer(case):
            self._defects.add("false", task.what.command_id, "a task that nothing asks for", at=task.at)
            return
        self._still_due(case, task.at, "a task")
        due = "high_value" if self._is_dear(case) else "vip"
        if due == "vip" and "vip" not in self._tiers(case, task.at):
            self._defects.add("false", case.id, "a task for a customer who is no VIP", at=task.at)
        right = {
            "reason": task.what.reason == due,
            "amount": task.what.amount == case.notice.command.facts.get("amount"),
            "due_by": task.what.due_by > task.what.created_at,
        }
        self._fields(case, task, right)

    def _grant(self, grant: Given[CouponGrant]) -> None:
        case = self._cases.get(grant.what.command_id)
        if case is None or not _is_of_a_buyer(case):
            self._defects.add("false", grant.what.command_id, "a coupon that nothing asks for", at=grant.at)
            return
        self._still_due(case, grant.at, "a coupon")
        if "new" not in self._tiers(case, grant.at):
            self._defects.add("false", case.id, "a coupon for a customer who is not new", at=grant.at)
        right = {
            "amount": Decimal(grant.what.amount) == Decimal(self._terms.coupon_amount),
            "valid_until": grant.what.valid_until > grant.what.created_at,
        }
        self._fields(case, grant, right)

    def _fields(self, case: Case, given: Given[ServiceTask] | Given[CouponGrant], right: dict[str, bool]) -> None:
        command = case.notice.command
        for name in ("kind", "order_id", "customer_id"):
            right[name] = getattr(given.what, name) == getattr(command, name)
        if wrong := [name for name, fits in right.items() if not fits]:
            what = f"wrong in what was given: {', '.join(wrong)}"
            self._defects.add("unexplained", case.id, what, at=given.at)

    def _still_due(self, case: Case, at: Micros, what: str) -> None:
        """Neither before its time, nor of what was known to be over, nor for whom was known to be erased."""
        if at < case.may_ride_at:
            self._defects.add("forbidden", case.id, f"{what} while the notice was to be held", at=at)
        over = case.ended_surely_by()
        if over is not None and self._calm.deadline(over, 2 * self._terms.slack) < at:
            self._defects.add("false", case.id, f"{what} when it was over", over=over, at=at)
        if all(version.erased for version in self._people.during(case.customer_id, at, at)):
            self._defects.add("forbidden", case.id, f"{what} for an erased customer", at=at)

    def _given_in_time(self, case: Case, begun: Micros) -> None:
        """``begun``: the first of its messages was."""
        tiers = self._tiers(case, begun)
        if self._is_dear(case) or tiers == {"vip"}:
            tasks = self._tasks.get(case.id, ())
            if not any(task.at <= begun for task in tasks):
                self._defects.add("missed", case.id, "no task came with it", begun=begun)
        if tiers == {"new"}:
            grants = self._coupons.get(case.customer_id, ())
            if not any(begun - self._terms.coupon_period <= grant.at <= begun for grant in grants):
                self._defects.add("missed", case.id, "no coupon came with it", begun=begun)

    def _tiers(self, case: Case, at: Micros) -> set[str]:
        """Those that the customer may have been taken for, from when the notice could first go until ``at``."""
        versions = self._people.during(case.customer_id, min(case.may_ride_at, at), at)
        return {version.customer.tier if version.customer else "nobody" for version in versions}

    def _is_dear(self, case: Case) -> bool:
        amount = case.notice.command.facts.get("amount")
        return case.kind == "order_cancelled" and amount is not None and Decimal(amount) >= self._terms.high_value


def _is_of_a_buyer(case: Case) -> bool:
    return case.notice.command.audience == "buyer" and case.kind in EXCEPTIONS


def _by_command(tasks: Sequence[Given[ServiceTask]]) -> dict[str, list[Given[ServiceTask]]]:
    found = defaultdict[str, list[Given[ServiceTask]]](list)
    for task in tasks:
        found[task.what.command_id].append(task)
    return found

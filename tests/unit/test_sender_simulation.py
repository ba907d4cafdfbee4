"""Any order of commands, profiles, answers, reports, crashes and time: the promises hold.

The far end is a vendor that knows what it took. It says yes, no or nothing; asked 45 s after the start or later it
tells the truth, before that it may not know yet. Its reports come early, late, twice or never. A seed makes a life of
two customers; a failure names it.
"""

from collections import Counter, defaultdict
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.calls import ErrorClass, QueryResult, SendRequest, SendResult
from schemas.times import DAY, HOUR, MILLISECOND, MINUTE, SECOND
from streams import topics
from streams.operators.sending import gate, queue, retries
from streams.operators.sending.calls import SendCall
from tests.driver import rfc3339
from tests.sending import Post, began

CUSTOMERS = ("c1", "c1", "c1", "c2")
ORDERS = ("A1", "A2", "A3", "A4")
KINDS = ("payment_failed", "stock_shortage", "order_cancelled", "shipment_stalled")
NUMBERS = ("13900000001", "+86 13900000001", "13900000002", "13900000003")
PHONES = (*NUMBERS, *NUMBERS, "010-62345678", None)
SHORT = (20 * MILLISECOND, SECOND, 5 * SECOND, 20 * SECOND, 46 * SECOND)
PAUSES = (*SHORT, *SHORT, *SHORT, 2 * MINUTE, 11 * MINUTE, 3 * HOUR, DAY)
RANK = {"unknown": 0, "rejected": 1, "accepted": 2, "delivered": 3, "undelivered": 3, "no_report": 3}
SLOTS = 6
LASTING = tuple(ErrorClass)
PASSING = (ErrorClass.RETRY_LATER, ErrorClass.UNREACHABLE)


class Life:
    """One sender, two customers and one vendor, by chance."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.post = Post(slots=SLOTS)
        self.commands: list[str] = []
        self.seen: list[SendCall[SendRequest]] = []
        self.told_by: dict[str, set[str]] = {}
        self.took: dict[str, bool] = {}
        """What the vendor took, by the id that it was given."""
        self.cleared: set[str] = set()
        """What the sender may know not to have been taken."""
        self.reported: set[str] = set()
        self.over: set[tuple[str, str]] = set()
        """Commands that were open when what they tell was over."""
        self.last: tuple[Any, Any] | None = None
        for customer in set(CUSTOMERS):
            self.post.profile(*NUMBERS[1:], customer=customer)

    def go(self, steps: int) -> None:
        """Lives so many steps, then until all is over."""
        happens = {
            self.notify: 30,
            self.notify_again: 5,
            self.settle: 6,
            self.close_order: 2,
            self.profile: 14,
            self.erase: 1,
            self.opt_out: 5,
            self.ledger: 4,
            self.time: 60,
            self.answer_a_message: 70,
            self.answer_a_question: 50,
            self.repeat_a_result: 9,
            self.report: 12,
            self.crash: 6,
        }
        for step in self.random.choices(list(happens), list(happens.values()), k=steps):
            step()
            self.look()
        self.judge()
        self.end()

    # What comes.

    def pick(self, among: Any) -> Any:
        return self.random.choice(among)

    def notify(self) -> None:
        command_id = f"n{len(self.commands)}"
        self.commands.append(command_id)
        occurred_at = rfc3339(self.post.now - self.pick((0, 0, 0, HOUR, 23 * HOUR + 50 * MINUTE)))
        own = {"command_id": command_id, "event_id": f"e-{command_id}", "occurred_at": occurred_at}
        self.post.notify(self.pick(KINDS), self.pick(ORDERS), self.pick(CUSTOMERS), **own)

    def notify_again(self) -> None:
        customer, command_id = self.pick(CUSTOMERS), self.pick(self.commands or ["n0"])
        box = self.post.outbox(customer)
        if box is not None and box.knows(command_id):
            self.post.notify(self.pick(KINDS), self.pick(ORDERS), customer, command_id=command_id)

    def settle(self) -> None:
        kind, order, customer = self.pick(KINDS), self.pick(ORDERS), self.pick(CUSTOMERS)
        self.post.settle(kind, order, customer)
        self.is_over(customer, subject=f"{order}:{kind}")

    def close_order(self) -> None:
        order, customer = self.pick(ORDERS), self.pick(CUSTOMERS)
        self.post.settle("*", order, customer)
        self.is_over(customer, order_id=order)

    def erase(self) -> None:
        customer = self.pick(CUSTOMERS)
        self.post.erase(customer)
        self.is_over(customer)

    def is_over(self, customer: str, **which: str) -> None:
        box = self.post.outbox(customer)
        for notice in () if box is None else box.notices:
            if all(getattr(notice, name) == value for name, value in which.items()):
                self.over.add((customer, notice.command_id))

    def profile(self) -> None:
        phones = [self.pick(PHONES) for _ in range(self.pick((0, 1, 2, 2, 2, 3, 3)))]
        muted = {0: ["payment_failed"]} if self.pick((True, False, False, False)) else {}
        self.post.profile(*phones, customer=self.pick(CUSTOMERS), kinds=muted)

    def opt_out(self) -> None:
        number = self.pick(("+8613900000001", "+8613900000002"))
        if self.random.random() < 0.3:
            self.post.ledger.numbers.add(number)
        else:
            self.post.ledger.numbers.discard(number)

    def ledger(self) -> None:
        self.post.ledger.is_fresh = self.pick((True, True, False))

    def time(self) -> None:
        """Mostly up to the next deadline, now and then a pause."""
        deadline = self.post.driver.next_deadline
        if deadline is not None and self.random.random() < 0.7:
            self.post.driver.advance_to(max(self.post.now, min(deadline, self.post.now + DAY)))
        else:
            pause = self.pick(PAUSES)
            self.pass_time(pause if self.post.ledger.is_fresh else min(pause, 5 * SECOND))

    def pass_time(self, by: int) -> None:
        until = self.post.now + by
        while (deadline := self.post.driver.next_deadline) is not None and deadline <= until:
            self.post.driver.advance_to(max(deadline, self.post.now))
            self.look()
        self.post.driver.advance_to(until)

    def crash(self) -> None:
        """All that was under way is lost to the sender; the vendor may have taken it."""
        for call in self.post.sends:
            self.took.setdefault(call.request.out_id, self.pick((True, False)))
        self.post.driver.restart()
        self.last = None

    # What the vendor does.

    def answer_a_message(self) -> None:
        if not self.post.sends:
            return
        call = self.pick(self.post.sends)
        took, result = self.an_answer(call)
        if self.took.setdefault(call.request.out_id, took) != took:
            return  # it was reported before, and then nothing else can be said of it
        if result is None or result.outcome in ("rejected", "not_sent"):
            self.cleared.add(call.request.out_id)
        self.last = (call, result)
        self.post.finish(call, result)

    def an_answer(self, call: SendCall[SendRequest]) -> tuple[bool, SendResult | None]:
        chance = self.random.random()
        if chance < 0.3:
            return True, SendResult(outcome="accepted", message_id=f"m-{call.request.out_id}")
        if chance < 0.55:
            return self.pick((True, False)), SendResult(outcome="unknown", code="timeout")
        if chance < 0.6:
            return False, None
        if chance < 0.65:
            return False, SendResult(outcome="not_sent", error_class=ErrorClass.UNREACHABLE, code="too_late")
        error = self.pick(PASSING if chance < 0.9 else LASTING)
        outcome: Any = "not_sent" if error is ErrorClass.UNREACHABLE else "rejected"
        return False, SendResult(outcome=outcome, error_class=error, code="x")

    def answer_a_question(self) -> None:
        if not self.post.questions:
            return
        question = self.pick(self.post.questions)
        late = question.asked_at >= question.request.sent_at + 45 * SECOND
        found: Any = "absent"
        if self.random.random() < 0.2:
            found = "unanswered"
        elif self.took.setdefault(question.request.out_id, False) and (late or self.pick((True, False))):
            found = self.pick(("waiting", "delivered", "failed"))
        elif late:
            self.cleared.add(question.request.out_id)
        self.last = (question, QueryResult(found=found))
        self.post.finish(question, QueryResult(found=found))

    def repeat_a_result(self) -> None:
        """A turn's commit succeeded and its answer was lost: the same result comes to the next incarnation."""
        if self.last is not None:
            self.post.driver.calls.append(self.last[0])
            self.post.finish(*self.last)

    def report(self) -> None:
        """Of one of the last messages mostly, which the vendor took, or takes right now."""
        if self.seen:
            call = self.pick(self.seen[-4:] if self.random.random() < 0.7 else self.seen)
            if self.took.setdefault(call.request.out_id, call in self.post.sends):
                self.reported.add(call.request.out_id)
                self.post.report(call, self.pick(("delivered", "undelivered")))

    # The promises.

    def look(self) -> None:
        """Judges the calls that have begun since the last look."""
        for call in self.post.sends:
            if call.request.out_id in self.told_by:
                continue
            box = self.post.outbox(call.customer_id)
            notification = None if box is None else box.notification(call.notification_id)
            assert notification is not None
            told = set(notification.command_ids)
            assert call.request.number not in self.post.ledger.numbers
            assert self.post.ledger.is_fresh
            assert not {(call.customer_id, command_id) for command_id in told} & self.over
            may_count = [
                earlier
                for earlier in self.seen
                if self.told_by[earlier.request.out_id] & told and earlier.request.out_id not in self.cleared
            ]
            assert call.request.number not in [earlier.request.number for earlier in may_count]
            assert call.notification_id not in [earlier.notification_id for earlier in may_count]
            self.told_by[call.request.out_id] = told
            self.seen.append(call)
        assert len([call for call in self.post.sends if began(call) > self.post.now - 15 * SECOND]) <= SLOTS

    def judge(self) -> None:
        """Judges what was written."""
        decided = Counter(command for command, _, _ in self.post.decisions)
        assert set(decided) <= set(self.commands)
        assert set(decided.values()) <= {1}
        taken = {out_id for out_id, took in self.took.items() if took}
        for sent in self.post.written(topics.DECISIONS.name):
            if sent.value["outcome"] in ("sent", "merged"):
                attempts = [c for c in self.seen if c.notification_id == sent.value["notification_id"]]
                assert taken & {call.request.out_id for call in attempts}
        ranks: dict[tuple[str, int], list[int]] = defaultdict(list)
        for receipt in self.post.receipts:
            ranks[receipt["notification_id"], receipt["attempt"]].append(RANK[receipt["status"]])
            assert (receipt["cost"] == "0") == (RANK[receipt["status"]] < 2)
            if RANK[receipt["status"]] >= 2:
                assert f"{receipt['customer_id']}.{receipt['notification_id']}.{receipt['attempt']}" in taken
        assert all(moved == sorted(set(moved)) for moved in ranks.values())
        for topic in (topics.DECISIONS.name, topics.RECEIPTS.name, topics.PROVIDER_MESSAGES.name):
            published = msgspec.json.encode([sent.value for sent in self.post.written(topic)]).decode()
            assert "1390000000" not in published
            assert "某路" not in published

    def end(self) -> None:
        """Nobody answers any more: every command has its outcome, and forty days later nothing is left."""
        self.post.ledger.is_fresh = True
        for call in self.post.sends:
            self.took.setdefault(call.request.out_id, False)
        self.pass_time(4 * DAY)
        assert {command for command, _, _ in self.post.decisions} == set(self.commands)
        self.judge()
        self.pass_time(40 * DAY)
        assert set(self.post.driver.entries) <= {retries.KEY, gate.key("aliyun"), queue.key("aliyun")}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_whatever_happens_the_promises_hold(seed: int) -> None:
    Life(seed).go(steps=250)


@pytest.mark.parametrize("seed", range(20))
def test_a_long_life(seed: int) -> None:
    Life(seed).go(steps=600)

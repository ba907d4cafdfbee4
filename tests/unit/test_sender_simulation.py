"""Any order of commands, profiles, answers, reports, crashes and time: the promises hold.

The far end is a vendor that knows what it took. It may answer, say nothing, or be asked; asked 45 s after the start or
later it tells the truth, before that it may not know yet. Its reports come early, late, twice or never.
"""

from collections import Counter, defaultdict
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from schemas.calls import ErrorClass, QueryResult, SendResult
from schemas.times import DAY, HOUR, MILLISECOND, MINUTE, SECOND
from streams import topics
from streams.operators.sending.calls import QueryCall, SendCall
from streams.operators.sending.line import KEY
from tests.driver import rfc3339
from tests.sending import Post

CUSTOMERS = st.sampled_from(["c1", "c2"])
ORDERS = st.sampled_from(["A1", "A2"])
KINDS = st.sampled_from(["payment_failed", "stock_shortage", "order_cancelled", "shipment_stalled"])
PHONES = st.sampled_from(["13900000001", "+86 13900000001", "13900000002", "13900000003", "010-62345678", None])
STEPS = st.sampled_from(
    [
        20 * MILLISECOND,
        SECOND,
        4 * SECOND,
        16 * SECOND,
        31 * SECOND,
        46 * SECOND,
        2 * MINUTE,
        11 * MINUTE,
        3 * HOUR,
        DAY,
    ]
)
RANK = {"unknown": 0, "rejected": 1, "accepted": 2, "delivered": 3, "undelivered": 3, "no_report": 3}
SLOTS = 4


class Simulation(RuleBasedStateMachine):
    """One sender, two customers, one vendor."""

    def __init__(self) -> None:
        super().__init__()
        self.post = Post(slots=SLOTS)
        self.commands: list[str] = []
        self.seen: list[SendCall] = []
        self.command_of: dict[str, str] = {}
        self.took: dict[str, bool] = {}
        self.cleared: set[str] = set()
        self.over: set[tuple[str, str]] = set()
        self.last: tuple[Any, Any] | None = None

    # What comes.

    @initialize(phones=st.lists(PHONES, max_size=3))
    def known_from_the_start(self, phones: list[str | None]) -> None:
        self.post.profile(*phones)

    @rule(customer=CUSTOMERS, order=ORDERS, kind=KINDS, age=st.sampled_from([0, 0, HOUR, 23 * HOUR]))
    def notify(self, customer: str, order: str, kind: str, age: int) -> None:
        command_id = f"n{len(self.commands)}"
        self.commands.append(command_id)
        occurred_at = rfc3339(self.post.now - age)
        self.post.notify(
            kind, order, customer, command_id=command_id, event_id=f"e-{command_id}", occurred_at=occurred_at
        )
        self.look()

    @precondition(lambda self: self.commands)
    @rule(customer=CUSTOMERS, order=ORDERS, kind=KINDS, data=st.data())
    def notify_again(self, customer: str, order: str, kind: str, data: st.DataObject) -> None:
        command_id = data.draw(st.sampled_from(self.commands))
        box = self.post.outbox(customer)
        if box is not None and box.knows(command_id):
            self.post.notify(kind, order, customer, command_id=command_id)
            self.look()

    @rule(customer=CUSTOMERS, order=ORDERS, kind=KINDS)
    def settle(self, customer: str, order: str, kind: str) -> None:
        self.post.settle(kind, order, customer)
        box = self.post.outbox(customer)
        notices = () if box is None else box.notices
        self.over |= {(customer, n.command_id) for n in notices if n.subject == f"{order}:{kind}"}
        self.look()

    @rule(customer=CUSTOMERS, order=ORDERS)
    def close_order(self, customer: str, order: str) -> None:
        self.post.settle("*", order, customer)
        box = self.post.outbox(customer)
        self.over |= {(customer, n.command_id) for n in (() if box is None else box.notices) if n.order_id == order}
        self.look()

    @rule(customer=CUSTOMERS, phones=st.lists(PHONES, max_size=3), muted=st.booleans())
    def change_profile(self, customer: str, phones: list[str | None], muted: bool) -> None:
        self.post.profile(*phones, customer=customer, kinds={0: ["payment_failed"]} if muted else {})
        self.look()

    @rule(customer=CUSTOMERS)
    def erase(self, customer: str) -> None:
        self.post.erase(customer)
        box = self.post.outbox(customer)
        self.over |= {(customer, n.command_id) for n in (() if box is None else box.notices)}
        self.look()

    @rule(number=st.sampled_from(["+8613900000001", "+8613900000002"]), stopped=st.booleans())
    def opt_out(self, number: str, stopped: bool) -> None:
        (self.post.ledger.numbers.add if stopped else self.post.ledger.numbers.discard)(number)

    @rule(fresh=st.booleans())
    def ledger(self, fresh: bool) -> None:
        self.post.ledger.is_fresh = fresh

    @rule(by=STEPS)
    def time_passes(self, by: int) -> None:
        if not self.post.ledger.is_fresh:
            by = min(by, 2 * MINUTE)
        deadline = self.post.driver.next_deadline
        until = self.post.now + by
        while deadline is not None and deadline <= until:
            self.post.driver.advance_to(max(deadline, self.post.now))
            self.look()
            deadline = self.post.driver.next_deadline
        self.post.driver.advance_to(until)
        self.look()

    # What the vendor does.

    @precondition(lambda self: self.post.sends)
    @rule(data=st.data(), what=st.sampled_from(["yes", "no", "not_sent", "lost", "not_begun", *ErrorClass]))
    def answer_a_message(self, data: st.DataObject, what: str) -> None:
        call = data.draw(st.sampled_from(self.post.sends))
        result: SendResult | None
        if what == "yes":
            result, took = SendResult(outcome="accepted", message_id=f"m-{call.request.out_id}"), True
        elif what == "lost":
            result, took = SendResult(outcome="unknown", code="timeout"), data.draw(st.booleans())
        elif what == "not_begun":
            result, took = None, False
        elif what == "not_sent":
            result, took = SendResult(outcome="not_sent", error_class=ErrorClass.UNREACHABLE, code="too_late"), False
        else:
            error = ErrorClass.RETRY_LATER if what == "no" else ErrorClass(what)
            result, took = SendResult(outcome="rejected", error_class=error, code="x"), False
        if self.took.get(call.request.out_id) is not None and took != self.took[call.request.out_id]:
            return  # it has been reported already, so there is no other answer
        self.took[call.request.out_id] = took
        if what not in ("yes", "lost"):
            self.cleared.add(call.request.out_id)
        self.last = (call, result)
        self.post.finish(call, result)
        self.look()

    @precondition(lambda self: self.post.questions)
    @rule(data=st.data(), silent=st.booleans(), known=st.sampled_from(["waiting", "delivered", "failed"]))
    def answer_a_question(self, data: st.DataObject, silent: bool, known: Any) -> None:
        question = data.draw(st.sampled_from(self.post.questions))
        result = QueryResult(found="unanswered") if silent else self.truth(question, known)
        if result.found == "absent" and self.counts(question):
            self.cleared.add(question.request.out_id)
        self.last = (question, result)
        self.post.finish(question, result)
        self.look()

    def truth(self, question: QueryCall, known: Any) -> QueryResult:
        took = self.took.setdefault(question.request.out_id, False)
        return QueryResult(found=known if took and self.counts(question) else "absent")

    def counts(self, question: QueryCall) -> bool:
        """Whether the question was asked late enough for the vendor to know."""
        return question.asked_at >= question.request.sent_at + 45 * SECOND

    @precondition(lambda self: self.last is not None)
    @rule()
    def have_the_last_result_twice(self) -> None:
        assert self.last is not None
        call, result = self.last
        self.post.driver.calls.append(call)
        self.post.finish(call, result)
        self.look()

    @precondition(lambda self: self.seen)
    @rule(data=st.data(), status=st.sampled_from(["delivered", "undelivered"]))
    def report(self, data: st.DataObject, status: str) -> None:
        call = data.draw(st.sampled_from(self.seen))
        if self.took.setdefault(call.request.out_id, call in self.post.sends):
            self.post.report(call, status)
            self.look()

    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        for call in self.post.sends:
            self.took.setdefault(call.request.out_id, data.draw(st.booleans()))
        self.post.driver.restart()
        self.last = None
        self.look()

    # The promises.

    def look(self) -> None:
        """Judges the calls that have begun since the last look."""
        for call in self.post.sends:
            if call in self.seen:
                continue
            box = self.post.outbox(call.customer_id)
            notification = None if box is None else box.notification(call.notification_id)
            assert notification is not None
            (command_id,) = notification.command_ids
            assert call.request.number not in self.post.ledger.numbers
            assert self.post.ledger.is_fresh
            assert (call.customer_id, command_id) not in self.over
            open_still = [
                c for c in self.seen if self.command_of[c.request.out_id] == command_id and not self.is_cleared(c)
            ]
            assert call.request.number not in [c.request.number for c in open_still]
            assert call.notification_id not in [c.notification_id for c in open_still]
            self.command_of[call.request.out_id] = command_id
            self.seen.append(call)

    def is_cleared(self, call: SendCall) -> bool:
        """Whether the sender may know that the call was not taken."""
        return call.request.out_id in self.cleared

    @invariant()
    def one_decision_for_each_command(self) -> None:
        counted = Counter(command for command, _, _ in self.post.decisions)
        assert set(counted) <= set(self.commands)
        assert all(number == 1 for number in counted.values())

    @invariant()
    def sent_means_taken(self) -> None:
        for sent in self.post.written(topics.DECISIONS.name):
            if sent.value["outcome"] == "sent":
                calls = [c for c in self.seen if c.notification_id == sent.value["notification_id"]]
                assert any(self.took.get(call.request.out_id) for call in calls)

    @invariant()
    def receipts_move_forward_and_cost_only_what_was_taken(self) -> None:
        ranks: dict[tuple[str, int], list[int]] = defaultdict(list)
        for receipt in self.post.receipts:
            ranks[receipt["notification_id"], receipt["attempt"]].append(RANK[receipt["status"]])
            assert (receipt["cost"] == "0") == (RANK[receipt["status"]] < 2)
        assert all(moved == sorted(set(moved)) for moved in ranks.values())

    @invariant()
    def what_was_taken_and_known_is_sent(self) -> None:
        accepted = {r["command_ids"][0] for r in self.post.receipts if r["status"] == "accepted"}
        ends = {command: (outcome, reason) for command, outcome, reason in self.post.decisions}
        for command in accepted:
            assert command in ends

    @invariant()
    def nothing_personal_is_published(self) -> None:
        for topic in (topics.DECISIONS.name, topics.RECEIPTS.name, topics.PROVIDER_MESSAGES.name):
            published = msgspec.json.encode([sent.value for sent in self.post.written(topic)]).decode()
            assert "1390000000" not in published
            assert "某路" not in published

    @invariant()
    def no_more_calls_than_slots(self) -> None:
        assert len([c for c in self.post.sends if c.started_at > self.post.now - 15 * SECOND]) <= SLOTS

    def teardown(self) -> None:
        """In the end every command has its outcome, and forty days later nothing is left."""
        self.post.ledger.is_fresh = True
        for call in self.post.sends:
            self.took.setdefault(call.request.out_id, False)
        self.post.driver.calls.clear()
        self.time_passes(4 * DAY)
        assert {command for command, _, _ in self.post.decisions} == set(self.commands)
        self.one_decision_for_each_command()
        self.receipts_move_forward_and_cost_only_what_was_taken()
        self.time_passes(40 * DAY)
        assert set(self.post.driver.entries) <= {KEY}


Simulation.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestSimulation = Simulation.TestCase

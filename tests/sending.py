"""A sender at work in memory: what upstream tells it, what providers answer, and what it then wrote."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from agents import sender
from schemas.calls import ErrorClass, QueryResult, Request, SendRequest, SendResult
from schemas.opt_outs import Scope
from schemas.times import HOUR, MINUTE, SECOND, Micros
from streams import topics
from streams.engine.turn import Record
from streams.operators.sending.calls import QueryCall, SendCall
from streams.operators.sending.desk import State
from streams.operators.sending.journal import CALL_WITHIN
from streams.operators.sending.outbox import Outbox
from streams.policy.opt_outs import Hasher
from streams.policy.rules import Rules
from tests.driver import NOON, START, Driver, Sent, record, rfc3339
from tests.unit.rules import RULES

ANN = "13900000001"
BOB = "13900000002"

FACTS: Mapping[str, dict[str, Any]] = {
    "payment_failed": {"reason": "insufficient_funds"},
    "stock_shortage": {"sku": "s1", "name": "羊毛大衣"},
    "address_undeliverable": {"address": "某路 1 号"},
    "order_cancelled": {"cancelled_by": "merchant", "reason": "缺货"},
    "shipment_stalled": {"last_update_at": rfc3339(START), "hours": 24, "carrier": "sf"},
    "stock_replenished": {"sku": "s1", "item_name": "羊毛大衣"},
    "shipment_resumed": {"carrier": "sf"},
}


FOR_NOW = SendResult(outcome="rejected", error_class=ErrorClass.RETRY_LATER, code="isp.SYSTEM_ERROR")
ABSENT = QueryResult(found="absent")


def began(call: SendCall[SendRequest]) -> Micros:
    """When the attempt of ``call`` began."""
    return call.request.call_by - CALL_WITHIN


def accepted(message_id: str = "m-1") -> SendResult:
    """The vendor's yes."""
    return SendResult(outcome="accepted", message_id=message_id)


class Ledger:
    """The opt-out ledger, as the test has it."""

    def __init__(self) -> None:
        self.numbers: set[str] = set()
        self.against_marketing: set[str] = set()
        self.is_fresh = True
        self.holds_all = False

    def stopped(self, number: str) -> bool:
        return number in self.numbers

    def stopped_marketing(self, number: str) -> bool:
        return number in self.numbers | self.against_marketing

    def holds(self, number_key: str, scope: Scope, at: Micros) -> bool:
        return self.holds_all

    def fresh(self, now: Micros) -> bool:
        return self.is_fresh


class Known:
    """The customers are known up to now, or, when a test stops it, up to ``stopped_at``."""

    def __init__(self) -> None:
        self.now: Callable[[], Micros] = lambda: 0
        self.stopped_at: Micros | None = None

    def customers_known_until(self) -> Micros:
        return self.now() if self.stopped_at is None else self.stopped_at


class Post:
    """One sender task, its ports, and a short way to say what happens."""

    def __init__(
        self,
        *,
        rules: Rules = RULES,
        now: Micros = NOON,
        providers: tuple[str, ...] = ("aliyun",),
        slots: int = sender.SLOTS,
    ) -> None:
        self.ledger = Ledger()
        self.known = Known()
        self.kind = sender.kind(self.ledger, self.known, providers, Hasher("secret"), 1, slots)
        self.driver: Driver[State] = Driver(self.kind, rules, now=now)
        self.known.now = lambda: self.driver.wall

    # What comes.

    @property
    def now(self) -> Micros:
        return self.driver.wall

    def wait(self, by: Micros) -> None:
        self.driver.advance(by)

    def notify(self, kind: str = "payment_failed", order: str = "A1", customer: str = "c1", **fields: Any) -> str:
        """A notify command; gives its id."""
        stalled = kind == "shipment_stalled"
        command: dict[str, Any] = {
            "command_id": f"{order}-{kind}",
            "action": "notify",
            "kind": kind,
            "subject": f"{order}:{kind}",
            "audience": "buyer",
            "urgency": "delayed" if stalled else "urgent",
            "customer_id": customer,
            "order_id": order,
            "facts": FACTS[kind],
            "event_id": f"e-{order}-{kind}",
            "occurred_at": rfc3339(self.now),
            "detected_at": rfc3339(self.now),
            "notify_by": rfc3339(self.now + (HOUR if stalled else 5 * MINUTE)),
            "rules": "r",
        }
        if stalled:
            command["tracking_no"] = f"T-{order}"
        command |= fields
        self._come(record(topics.COMMANDS.name, customer, command, self.now))
        return str(command["command_id"])

    def settle(self, kind: str = "payment_failed", order: str = "A1", customer: str = "c1", **fields: Any) -> None:
        """A settle command, of kind ``*`` too."""
        command: dict[str, Any] = {
            "command_id": f"settle-{order}-{kind}-{self.now}",
            "action": "settle",
            "kind": kind,
            "subject": f"{order}:{kind}",
            "audience": "buyer",
            "urgency": "urgent",
            "customer_id": customer,
            "order_id": order,
            "facts": {},
            "event_id": f"s-{order}-{kind}",
            "occurred_at": rfc3339(self.now),
            "detected_at": rfc3339(self.now),
            "settles_before": rfc3339(self.now),
            "rules": "r",
        } | fields
        self._come(record(topics.COMMANDS.name, customer, command, self.now))

    def profile(
        self,
        *phones: str | None,
        customer: str = "c1",
        kinds: Mapping[int, list[str]] | None = None,
        tier: str = "regular",
    ) -> None:
        """The customer's profile: a contact for each number, ``k0``, ``k1``, .."""
        contacts = [
            {"contact_id": f"k{n}", "role": "buyer", "phone": phone, "kinds": (kinds or {}).get(n)}
            for n, phone in enumerate(phones)
        ]
        self.customer(*contacts, customer=customer, tier=tier)

    def customer(self, *contacts: dict[str, Any], customer: str = "c1", tier: str = "regular", **fields: Any) -> None:
        """The customer's profile with contacts as they are given."""
        value = {"customer_id": customer, "tier": tier, "contacts": list(contacts)} | fields
        self._come(record(topics.PROFILES.name, customer, value, self.now))

    def erase(self, customer: str = "c1") -> None:
        self._come(record(topics.PROFILES.name, customer, None, self.now))

    def report(self, call: SendCall[Any] | QueryCall, status: str = "delivered", **fields: Any) -> None:
        """A delivery report for the attempt of ``call``."""
        report = {
            "customer_id": call.customer_id,
            "notification_id": call.notification_id,
            "attempt": call.attempt,
            "provider": call.provider,
            "provider_message_id": "m-1",
            "status": status,
            "reported_at": rfc3339(self.now),
        } | fields
        self._come(record(topics.MESSAGE_REPORTS.name, call.customer_id, report, self.now))

    def _come(self, *records: Record) -> None:
        self.driver.feed(*records)
        assert not self.written(topics.DEAD_LETTERS.name)

    # What providers are asked, and answer.

    @property
    def sends(self) -> list[SendCall[SendRequest]]:
        """The text messages under way."""
        return [
            call for call in self.driver.calls if isinstance(call, SendCall) and call.provider in ("aliyun", "tencent")
        ]

    @property
    def others(self) -> list[SendCall[Request]]:
        """The messages under way on other channels."""
        return [
            call
            for call in self.driver.calls
            if isinstance(call, SendCall) and call.provider in ("jpush", "wechat", "smtp")
        ]

    @property
    def questions(self) -> list[QueryCall]:
        """The questions under way."""
        return [call for call in self.driver.calls if isinstance(call, QueryCall)]

    def send(self) -> SendCall[SendRequest]:
        """The one message under way."""
        (call,) = self.sends
        return call

    def finish(self, call: SendCall[Request] | QueryCall, result: SendResult | QueryResult | None) -> None:
        self.driver.finish(call, result)

    def accept(self, call: SendCall[SendRequest] | None = None, message_id: str = "m-1") -> SendCall[SendRequest]:
        """The vendor's yes, to the one message under way."""
        call = call or self.send()
        self.finish(call, accepted(message_id))
        return call

    def accept_all(
        self, within: Micros = 2 * SECOND, but: Collection[SendCall[SendRequest]] = ()
    ) -> list[SendCall[SendRequest]]:
        """The vendors' yes to whatever goes within this time, soon after it went; gives what was accepted."""
        until, taken = self.now + within, list[SendCall[SendRequest]]()
        while self.now < until:
            for call in [call for call in self.sends if call not in but]:
                taken.append(self.accept(call, f"m-{call.request.out_id}"))
            self.wait(SECOND // 20)
        return taken

    def refuse(self, error: ErrorClass, outcome: Any = "rejected", code: str = "isv.NO") -> SendCall[SendRequest]:
        """A no, to the one message under way."""
        call = self.send()
        self.finish(call, SendResult(outcome=outcome, error_class=error, code=code))
        return call

    def refuse_for_now(self) -> SendCall[SendRequest]:
        """A no that does not last."""
        call = self.send()
        self.finish(call, FOR_NOW)
        return call

    def no_answer(self) -> SendCall[SendRequest]:
        """A time-out of the one message under way."""
        call = self.send()
        self.finish(call, SendResult(outcome="unknown", code="timeout"))
        return call

    def answer(self, found: Any, **fields: Any) -> QueryCall:
        """What the vendor says to the one question under way."""
        (question,) = self.questions
        self.finish(question, QueryResult(found=found, **fields))
        return question

    # What was written.

    def written(self, topic: str) -> list[Sent]:
        return [sent for sent in self.driver.sent if sent.topic == topic]

    @property
    def decisions(self) -> list[tuple[str, str, str]]:
        """Each decision: command, outcome, reason."""
        values = [sent.value for sent in self.written(topics.DECISIONS.name)]
        return [(value["command_id"], value["outcome"], value["reason"]) for value in values]

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        """Each decision without its command."""
        return [(outcome, reason) for _, outcome, reason in self.decisions]

    @property
    def receipts(self) -> list[dict[str, Any]]:
        return [sent.value for sent in self.written(topics.RECEIPTS.name)]

    @property
    def inbox(self) -> list[dict[str, Any]]:
        return [sent.value for sent in self.written(topics.INBOX.name)]

    @property
    def tasks(self) -> list[dict[str, Any]]:
        return [sent.value for sent in self.written(topics.SERVICE_TASKS.name)]

    @property
    def coupons(self) -> list[dict[str, Any]]:
        return [sent.value for sent in self.written(topics.COUPON_GRANTS.name)]

    @property
    def states(self) -> list[tuple[int, str, str | None]]:
        """Each receipt: attempt, status, reason."""
        return [(r["attempt"], r["status"], r.get("reason")) for r in self.receipts]

    def outbox(self, customer: str = "c1") -> Outbox | None:
        entry = self.driver.entries.get(customer.encode())
        assert entry is None or isinstance(entry, Outbox)
        return entry

    def held(self) -> "Post":
        """Past the hold of whatever is held, but no further than that."""
        self.wait(90 * SECOND)
        return self

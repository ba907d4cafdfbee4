"""Evidence made by hand, for the oracle to judge: small runs in which all is well, until a test spoils something.

Times are seconds after the start, which is midnight in Shanghai.
"""

from collections import Counter
from typing import Any

import msgspec

from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros, instant
from tests.clock import START
from tests.oracle import Defect, Evidence, Terms, judge
from tests.oracle.evidence import Attempt, Disturbance, Published, Replied, Reported, Said, Written
from tests.oracle.terms import GOOD_NEWS, KINDS

NUMBER = "13900000001"
MORNING = 10 * 3_600.0
"""Ten o'clock, when anything may be sent."""
NO_GOOD_NEWS = Terms(kinds={kind: its for kind, its in KINDS.items() if kind not in GOOD_NEWS.values()})
"""The contract's terms, but that nobody is told when what was wrong comes right: most tests are not about that."""
HELD = {"payment_failed": 90.0, "shipment_stalled": 60.0}
WITHIN = {"shipment_stalled": HOUR}
KIND_OF = {
    "payment.failed": "payment_failed",
    "stock.shortage": "stock_shortage",
    "address.undeliverable": "address_undeliverable",
    "order.cancelled": "order_cancelled",
}
FIELDS: dict[str, dict[str, Any]] = {
    "payment.failed": {"reason": "card_error"},
    "stock.shortage": {"sku": "S1", "name": "大衣"},
    "stock.replenished": {"sku": "S1"},
    "address.undeliverable": {"address": "某路 1 号"},
    "address.corrected": {"address": "某路 2 号"},
    "order.cancelled": {"cancelled_by": "merchant", "reason": "缺货"},
    "order.placed": {"items": [], "amount": "88.00"},
    "shipment.dispatched": {"order_id": "A-1", "customer_id": "C1", "carrier": "sf"},
    "shipment.delay_reported": {"reason": "weather"},
}


def moment(seconds: float) -> Micros:
    """Seconds after the start as micros."""
    return START + round(seconds * SECOND)


def told_at(seconds: float) -> str:
    """The same as records carry it."""
    return instant(moment(seconds)).isoformat()


class HandMade:
    """A run. One customer, C1, has one telephone from the start; what else is known of the run is added."""

    def __init__(self, *, profile: bool = True) -> None:
        self.published: list[Published] = []
        self.written: list[Written] = []
        self.attempts: list[Attempt] = []
        self.reported: list[Reported] = []
        self.replied: list[Replied] = []
        self.disturbances: list[Disturbance] = []
        self.left: dict[str, list[str]] = {}
        self.providers = ["aliyun"]
        self.answers: list[Said] = []
        self.others: list[str] = []
        self.ended_after = 45 * DAY
        self._offsets: Counter[str] = Counter()
        if profile:
            self.profile(0, NUMBER)

    # What happens.

    def publish(
        self, topic: str, key: bytes | None, value: Any, at: float, stamp: float | None = None
    ) -> tuple[str, int, int]:
        """A record; ``value`` is bytes, ``None``, or what JSON holds. Its topic, partition and offset."""
        data = value if value is None or isinstance(value, bytes) else msgspec.json.encode(value)
        offset = self._next(topic)
        timestamp = moment(at if stamp is None else stamp)
        self.published.append(Published(topic, 0, offset, timestamp, key, data, moment(at)))
        return topic, 0, offset

    def profile(
        self,
        at: float,
        *phones: str | None,
        customer_id: str = "C1",
        tier: str = "regular",
        preferences: dict[str, Any] | None = None,
        **fields: Any,
    ) -> None:
        """A profile with a contact for each telephone; ``fields`` are of each contact."""
        contacts = [{"contact_id": f"K{i}", "role": "buyer", "phone": p} | fields for i, p in enumerate(phones)]
        value = {"customer_id": customer_id, "tier": tier, "contacts": contacts, "preferences": preferences}
        self.publish("customers", customer_id.encode(), value, at)

    def erase(self, at: float) -> None:
        """C1 is erased."""
        self.publish("customers", b"C1", None, at)

    def order(
        self, event_id: str, kind: str, at: float, occurred: float | None = None, order_id: str = "A-1", **fields: Any
    ) -> None:
        """An event of an order of C1."""
        common = self._common(event_id, kind, at, occurred) | {"order_id": order_id, "customer_id": "C1"}
        self.publish("orders", order_id.encode(), common | FIELDS.get(kind, {}) | fields, at)

    def parcel(
        self,
        event_id: str,
        kind: str,
        at: float,
        occurred: float | None = None,
        stamp: float | None = None,
        **fields: Any,
    ) -> None:
        """An event of the parcel P-1, unless ``fields`` name another."""
        common = self._common(event_id, f"shipment.{kind}", at, occurred) | {"tracking_no": "P-1"}
        event = common | FIELDS.get(f"shipment.{kind}", {}) | fields
        self.publish("logistics", event["tracking_no"].encode(), event, at, stamp)

    def disturb(self, what: Any, begin: float, end: float, provider: str | None = None) -> None:
        """Something is wrong."""
        self.disturbances.append(Disturbance(what, moment(begin), moment(end), provider))

    def reply(self, content: str, at: float, number: str = NUMBER) -> None:
        """The owner of a number writes back, and is answered at once."""
        self.replied.append(Replied(number, content, moment(at), moment(at)))

    # What Orderbell writes.

    def notify(
        self, event_id: str, kind: str, at: float, occurred: float | None = None, command_id: str = "", **fields: Any
    ) -> str:
        """The command for an event. Its id."""
        command_id = command_id or f"cmd-{event_id}"
        stall = kind == "shipment_stalled"
        value = {
            "command_id": command_id,
            "action": "notify",
            "kind": kind,
            "subject": f"A-1:{kind}",
            "audience": "buyer",
            "urgency": "delayed" if stall else "urgent",
            "customer_id": "C1",
            "order_id": "A-1",
            "facts": {"carrier": "sf"} if stall else {"sku": "S1"},
            "event_id": event_id,
            "occurred_at": told_at(at if occurred is None else occurred),
            "detected_at": told_at(at),
            "notify_by": instant(moment(at) + WITHIN.get(kind, 5 * MINUTE)).isoformat(),
            "rules": "r1",
        }
        extra = {"tracking_no": "P-1"} if stall else {}
        self.write("notification-commands", fields.get("customer_id", "C1"), value | extra | fields, at)
        return command_id

    def settle(self, event_id: str, kind: str, at: float, before: float | None = None, **fields: Any) -> None:
        """The command that says that what occurred up to ``before`` is over."""
        before = at if before is None else before
        value = {
            "command_id": f"cmd-{event_id}-{kind}",
            "action": "settle",
            "kind": kind,
            "subject": f"A-1:{kind}",
            "audience": "buyer",
            "urgency": "urgent",
            "customer_id": "C1",
            "order_id": "A-1",
            "facts": {},
            "event_id": event_id,
            "occurred_at": told_at(before),
            "detected_at": told_at(at),
            "settles_before": told_at(before),
            "rules": "r1",
        }
        extra = {"tracking_no": "P-1"} if kind == "shipment_stalled" else {}
        self.write("notification-commands", fields.get("customer_id", "C1"), value | extra | fields, at)

    def decide(self, event_id: str, kind: str, outcome: str, reason: str, at: float, **fields: Any) -> None:
        """The outcome of an event."""
        value = {
            "command_id": f"cmd-{event_id}",
            "event_id": event_id,
            "kind": kind,
            "order_id": "A-1",
            "customer_id": "C1",
            "audience": "buyer",
            "outcome": outcome,
            "reason": reason,
            "rules": "r1",
            "decided_at": told_at(at),
        }
        self.write("notification-decisions", fields.get("customer_id", "C1"), value | fields, at)

    def receipt(self, event_id: str, kind: str, status: str, at: float, attempt: int = 1, **fields: Any) -> None:
        """A receipt of the event's notification."""
        taken = status not in ("unknown", "rejected")
        value = {
            "receipt_id": f"n-{event_id}.{attempt}.{status}",
            "notification_id": f"n-{event_id}",
            "command_ids": [f"cmd-{event_id}"],
            "customer_id": "C1",
            "contact_id": "K0",
            "order_ids": ["A-1"],
            "kinds": [kind],
            "channel": "sms",
            "provider": "aliyun",
            "recipient": "139****0001",
            "template_id": "t1",
            "text_length": 50,
            "segments": 1,
            "cost": "0.045" if taken else "0",
            "status": status,
            "status_at": told_at(at),
            "attempt": attempt,
            "rules": "r1",
        }
        self.write("delivery-receipts", f"n-{event_id}", value | fields, at)

    def laid(self, message_id: str, order_ids: list[str], kind: str, at: float, **fields: Any) -> None:
        """A message in the inbox, of no notification."""
        value = {
            "message_id": message_id,
            "notification_id": message_id,
            "customer_id": "C1",
            "contact_id": "K0",
            "order_ids": order_ids,
            "kinds": [kind],
            "title": "请看",
            "body": "您的订单A-1有新情况。",
            "actions": [{"label": "查看", "action": "view"}],
            "created_at": told_at(at),
        }
        self.write("inbox-messages", "C1", value | fields, at)

    def write(self, topic: str, key: str, value: dict[str, Any], at: float) -> None:
        """Any record."""
        encoded = msgspec.json.encode(value)
        self.written.append(Written(topic, 0, self._next(topic), key.encode(), encoded, moment(at)))

    # What the vendor knows.

    def call(
        self,
        event_id: str,
        at: float,
        answer: Any = "yes",
        *,
        taken: bool | None = None,
        attempt: int = 1,
        number: str = NUMBER,
        text: str = "【寄卖行】订单A-1",
        lasts: float = 0.1,
        code: str = "",
        provider: str = "aliyun",
        notification_id: str | None = None,
        channel: str = "sms",
    ) -> None:
        """An attempt of the event's notification, or of another."""
        taken = answer == "yes" if taken is None else taken
        out_id = f"C1.{notification_id or f'n-{event_id}'}.{attempt}"
        ended = moment(at + lasts)
        self.attempts.append(Attempt(out_id, number, text, moment(at), ended, taken, answer, code, provider, channel))

    def report(self, event_id: str, at: float, err_code: str = "DELIVERED", attempt: int = 1) -> None:
        """The vendor's report, answered at once."""
        out_id = f"C1.n-{event_id}.{attempt}"
        when = moment(at)
        self.reported.append(Reported(out_id, NUMBER, err_code == "DELIVERED", err_code, when, when))

    # Whole stories.

    def told(self, event_id: str, kind: str, at: float, occurred: float | None = None, **fields: Any) -> float:
        """What was published ``at`` is told as it should be. When the message was sent."""
        self.notify(event_id, kind, at, occurred, **fields)
        sent = at + HELD.get(kind, 5.0)
        self.message(event_id, kind, sent)
        return sent

    def message(self, event_id: str, kind: str, sent: float) -> None:
        """A message that is taken, decided, and delivered ten seconds later."""
        self.call(event_id, sent)
        self.decide(event_id, kind, "sent", "accepted", sent + 0.1, notification_id=f"n-{event_id}")
        self.receipt(event_id, kind, "accepted", sent + 0.1)
        self.report(event_id, sent + 10)
        self.receipt(event_id, kind, "delivered", sent + 10.1)

    # The end.

    def evidence(self) -> Evidence:
        """All of it."""
        return Evidence(
            published=self.published,
            written=sorted(self.written, key=lambda record: record.at),
            attempts=self.attempts,
            reported=self.reported,
            replied=self.replied,
            disturbances=self.disturbances,
            began_at=START,
            closed_at=START + 3 * DAY,
            ended_at=START + self.ended_after,
            left=self.left,
            providers=self.providers,
            said=self.answers,
            others=self.others,
        )

    def defects(self, terms: Terms | None = None) -> list[Defect]:
        """What the oracle says."""
        return judge(self.evidence(), terms or NO_GOOD_NEWS)

    def broken(self, terms: Terms | None = None) -> set[str]:
        """The promises that it says were broken."""
        return {defect.promise for defect in self.defects(terms)}

    def said(self, terms: Terms | None = None) -> str:
        """All of it in words."""
        return "\n".join(f"{d.promise}: {d.subject}: {d.what}" for d in self.defects(terms))

    def _common(self, event_id: str, kind: str, at: float, occurred: float | None) -> dict[str, Any]:
        return {"event_id": event_id, "type": kind, "occurred_at": told_at(at if occurred is None else occurred)}

    def _next(self, topic: str) -> int:
        self._offsets[topic] += 1
        return self._offsets[topic] - 1


def shortage(at: float = MORNING) -> HandMade:
    """A shortage that is told."""
    run = HandMade()
    run.order("e1", "stock.shortage", at)
    run.told("e1", "stock_shortage", at)
    return run

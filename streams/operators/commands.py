"""What the detecting agents write: commands that tell or settle, and decisions where no command is made.

Every id follows from the source event alone, so a replay gives the same ones.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Literal

import msgspec

from schemas.outputs import Command, Decision
from schemas.times import Micros, instant
from schemas.words import Audience, RuledKind, Urgency
from streams.policy.rules import Rules
from streams.policy.verdict import Verdict

ALL: Literal["*"] = "*"
"""The kind of a settle that ends everything pending on its order."""

_URGENCY: Mapping[RuledKind, Urgency] = {
    "payment_failed": "urgent",
    "stock_shortage": "urgent",
    "address_undeliverable": "urgent",
    "order_cancelled": "urgent",
    "shipment_stalled": "delayed",
    "stock_replenished": "routine",
    "shipment_resumed": "routine",
}


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An exception or good news as it was found, for one of those who are to hear: ``audience`` and ``customer_id``.

    ``part`` is what its subject has beside order and kind: the sku of a shortage, the tracking number of a stall.
    ``occurred_at`` is, of a stall, the time of the update that it counts from, and ``event_id`` that update's.
    """

    kind: RuledKind
    part: str | None = None
    audience: Audience = "buyer"
    order_id: str
    customer_id: str
    tracking_no: str | None = None
    merchant_id: str | None = None
    event_id: str
    occurred_at: Micros
    facts: dict[str, Any]

    @property
    def command_id(self) -> str:
        """The id of the command that tells of it, made or not."""
        return _id(self.tracking_no or self.order_id, self.event_id, self.kind, *_whom(self))

    @property
    def subject(self) -> str:
        """What repeats and settles of it are matched by."""
        return subject(self.order_id, self.kind, self.part)

    @property
    def consignor(self) -> str | None:
        """The consignor who is to hear; ``None``: it is the buyer."""
        return self.customer_id if self.audience == "consignor" else None


def subject(order_id: str, kind: RuledKind | Literal["*"], part: str | None = None) -> str:
    """What repeats and settles are matched by. No id has a colon, so no two subjects share a name."""
    return f"{order_id}:{kind}" if part is None else f"{order_id}:{kind}:{part}"


def notify(found: Found, detected_at: Micros, rules: Rules) -> Command:
    """The command that tells of it."""
    kind = rules.kinds[found.kind]
    opening = kind.window.next_allowed(detected_at, rules.time_zone)
    return Command(
        command_id=found.command_id,
        action="notify",
        kind=found.kind,
        subject=found.subject,
        audience=found.audience,
        urgency=_URGENCY[found.kind],
        customer_id=found.customer_id,
        order_id=found.order_id,
        tracking_no=found.tracking_no,
        merchant_id=found.merchant_id,
        facts=found.facts,
        event_id=found.event_id,
        occurred_at=instant(found.occurred_at),
        detected_at=instant(detected_at),
        notify_by=instant(opening + kind.within),
        rules=rules.hash,
    )


class Settling(msgspec.Struct, frozen=True, kw_only=True):
    """What an event settles for the buyer or a consignor: the exceptions of a subject that occurred at or before
    ``before``.

    ``event_id`` and ``occurred_at`` are the settling event's.
    """

    kind: RuledKind | Literal["*"]
    part: str | None = None
    audience: Audience = "buyer"
    order_id: str
    customer_id: str
    tracking_no: str | None = None
    merchant_id: str | None = None
    event_id: str
    occurred_at: Micros
    before: Micros

    def to(self, consignor: str) -> "Settling":
        """The same for a consignor."""
        return msgspec.structs.replace(self, audience="consignor", customer_id=consignor)


def settle(settling: Settling, detected_at: Micros, rules: Rules) -> Command:
    """The command that settles."""
    settled = subject(settling.order_id, settling.kind, settling.part)
    return Command(
        command_id=_id("settle", settled, settling.event_id, *_whom(settling)),
        action="settle",
        kind=settling.kind,
        subject=settled,
        audience=settling.audience,
        urgency="urgent" if settling.kind == ALL else _URGENCY[settling.kind],
        customer_id=settling.customer_id,
        order_id=settling.order_id,
        tracking_no=settling.tracking_no,
        merchant_id=settling.merchant_id,
        facts={},
        event_id=settling.event_id,
        occurred_at=instant(settling.occurred_at),
        detected_at=instant(detected_at),
        settles_before=instant(settling.before),
        rules=rules.hash,
    )


def decision(found: Found, verdict: Verdict, decided_at: Micros, rules: Rules) -> Decision:
    """How an exception ended of which no command was made."""
    return Decision(
        command_id=found.command_id,
        event_id=found.event_id,
        kind=found.kind,
        order_id=found.order_id,
        customer_id=found.customer_id,
        audience=found.audience,
        outcome=verdict.outcome,
        reason=verdict.reason,
        rules=rules.hash,
        decided_at=instant(decided_at),
    )


def _whom(one: Found | Settling) -> tuple[str, ...]:
    """What tells the ids of one event's commands apart: it has one buyer, and may have several consignors."""
    return (one.audience,) if one.audience == "buyer" else (one.audience, one.customer_id)


def _id(*source: str) -> str:
    return "cmd_" + blake2b("\0".join(source).encode(), digest_size=16).hexdigest()

"""What Orderbell wrote, decoded and put in order."""

from collections.abc import Iterable
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from schemas.outputs import Command, CouponGrant, DeadLetter, Decision, InboxMessage, Receipt, ServiceTask
from schemas.times import Micros, micros
from tests.oracle.defects import Defects
from tests.oracle.evidence import Written

T = TypeVar("T", ServiceTask, CouponGrant)


class Notice(NamedTuple):
    """A command that asks for an exception to be told. ``at``: when it was written, and ``offset`` where."""

    command: Command
    at: Micros
    occurred: Micros
    detected: Micros
    notify_by: Micros
    offset: int


class Settle(NamedTuple):
    """A command that says what is over."""

    command: Command
    at: Micros


class Decided(NamedTuple):
    """A decision. ``at``: when it was written."""

    decision: Decision
    at: Micros


class Receipted(NamedTuple):
    """A receipt. ``at``: when it was written."""

    receipt: Receipt
    at: Micros


class Given(NamedTuple, Generic[T]):
    """A task for a human or a coupon. ``at``: when it was written."""

    what: T
    at: Micros


class Outputs(NamedTuple):
    """All that was written. ``notices`` and ``decided`` by command, ``receipts`` by notification and attempt."""

    notices: dict[str, Notice]
    settles: list[Settle]
    decided: dict[str, Decided]
    receipts: dict[tuple[str, int], list[Receipted]]
    dead: list[tuple[DeadLetter, Written]]
    inbox: dict[str, InboxMessage]
    """By notification."""
    laid_at: dict[str, Micros]
    """When each of them was written."""
    commands_of: dict[str, set[str]]
    """The commands of each notification."""
    unknown: dict[str, list[tuple[str, int]]]
    """The attempts in doubt of each command."""
    partitions: dict[str, int]
    """The partition of each customer's commands."""
    tasks: list[Given[ServiceTask]]
    grants: list[Given[CouponGrant]]


_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    "notification-commands": msgspec.json.Decoder(Command),
    "notification-decisions": msgspec.json.Decoder(Decision),
    "delivery-receipts": msgspec.json.Decoder(Receipt),
    "dead-letters": msgspec.json.Decoder(DeadLetter),
    "service-tasks": msgspec.json.Decoder(ServiceTask),
    "coupon-grants": msgspec.json.Decoder(CouponGrant),
    "inbox-messages": msgspec.json.Decoder(InboxMessage),
}


def gather(written: Iterable[Written], defects: Defects) -> Outputs:
    """Decodes everything; what comes twice is kept once, and is a defect."""
    out = Outputs({}, [], {}, {}, [], {}, {}, {}, {}, {}, [], [])
    settled: set[tuple[str, ...]] = set()
    receipt_ids: set[str] = set()
    given_ids: set[str] = set()
    for record in written:
        decoder = _DECODERS.get(record.topic)
        if decoder is None:
            continue
        try:
            value = decoder.decode(record.value or b"")
        except msgspec.MsgspecError:
            defects.add("unexplained", record.topic, f"offset {record.offset} can't be read", at=record.at)
            continue
        if isinstance(value, DeadLetter):
            out.dead.append((value, record))
            continue
        key = value.notification_id if isinstance(value, Receipt) else value.customer_id
        if record.key != key.encode():
            defects.add("unexplained", key, f"its record on {record.topic} has another key", at=record.at)
        if isinstance(value, ServiceTask | CouponGrant):
            _given(value, record.at, out, given_ids, defects)
            continue
        if isinstance(value, InboxMessage):
            _inbox(value, record.at, out, defects)
            continue
        if not value.rules:
            defects.add("unexplained", key, f"its record on {record.topic} names no rules", at=record.at)
        if isinstance(value, Command):
            _command(value, record, out, settled, defects)
        elif isinstance(value, Decision):
            _decision(value, record.at, out, defects)
        else:
            _receipt(value, record.at, out, receipt_ids, defects)
    return out


def _command(command: Command, record: Written, out: Outputs, settled: set[tuple[str, ...]], defects: Defects) -> None:
    out.partitions[command.customer_id] = record.partition
    if command.action == "settle":
        key = (command.event_id, command.kind, command.subject, command.audience, command.customer_id)
        if key in settled:
            defects.add("twice", command.subject, f"settled twice by event {command.event_id}", at=record.at)
        settled.add(key)
        out.settles.append(Settle(command, record.at))
    elif command.notify_by is None:
        defects.add("unexplained", command.command_id, "has no notify_by", at=record.at)
    elif command.command_id in out.notices:
        first = out.notices[command.command_id].at
        defects.add("twice", command.command_id, f"commanded twice for {command.subject}", first=first, again=record.at)
    else:
        times = micros(command.occurred_at), micros(command.detected_at), micros(command.notify_by)
        out.notices[command.command_id] = Notice(command, record.at, *times, record.offset)


def _inbox(message: InboxMessage, at: Micros, out: Outputs, defects: Defects) -> None:
    if message.notification_id in out.inbox:
        defects.add("twice", message.message_id, "lies in the inbox twice", again=at)
        return
    out.inbox[message.notification_id] = message
    out.laid_at[message.notification_id] = at


def _decision(decision: Decision, at: Micros, out: Outputs, defects: Defects) -> None:
    known = out.decided.get(decision.command_id)
    if known is not None:
        what = f"decided twice: {known.decision.outcome}, then {decision.outcome}"
        defects.add("twice", decision.command_id, what, first=known.at, again=at)
        return
    out.decided[decision.command_id] = Decided(decision, at)
    if decision.notification_id is not None:
        out.commands_of.setdefault(decision.notification_id, set()).add(decision.command_id)


def _given(value: ServiceTask | CouponGrant, at: Micros, out: Outputs, given_ids: set[str], defects: Defects) -> None:
    given_id = value.task_id if isinstance(value, ServiceTask) else value.grant_id
    if given_id in given_ids:
        defects.add("twice", given_id, "this was written twice", again=at)
        return
    given_ids.add(given_id)
    if isinstance(value, ServiceTask):
        out.tasks.append(Given(value, at))
    else:
        out.grants.append(Given(value, at))


def _receipt(receipt: Receipt, at: Micros, out: Outputs, receipt_ids: set[str], defects: Defects) -> None:
    if receipt.receipt_id in receipt_ids:
        defects.add("twice", receipt.receipt_id, "this receipt was written twice", again=at)
        return
    receipt_ids.add(receipt.receipt_id)
    out.receipts.setdefault((receipt.notification_id, receipt.attempt), []).append(Receipted(receipt, at))
    out.commands_of.setdefault(receipt.notification_id, set()).update(receipt.command_ids)
    if receipt.status == "unknown":
        for command_id in receipt.command_ids:
            out.unknown.setdefault(command_id, []).append((receipt.notification_id, receipt.attempt))

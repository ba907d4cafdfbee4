"""The journal of a notification's attempts: each change of an attempt's state, with all that follows from it.

The states move up only: ``sending``, then ``unknown``, ``rejected`` or ``accepted``, then what was reported. Of an
attempt that can no longer change nothing is kept; what comes of it later finds nothing.
"""

from decimal import Decimal
from typing import Literal

import msgspec

from schemas.calls import ErrorClass
from schemas.outputs import CouponTold, InboxMessage
from schemas.reports import ProviderMessage
from schemas.times import SECOND, Micros, instant
from streams import topics
from streams.metrics import TEN_THOUSANDTHS
from streams.operators.sending import addresses, counted, outcome, receipts, riders, share, spend
from streams.operators.sending.calls import SendCall
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import HEARD, NAMED, Attempt, Bar, Heard, Named, Notification, Remarks
from streams.operators.sending.route import Way
from streams.policy import retry
from streams.policy.asking import ASKING
from streams.policy.carriers import carrier_of
from streams.policy.contacts import Reached
from streams.policy.echo import echo
from streams.policy.inbox import InboxText
from streams.policy.masking import masked
from streams.policy.text import units
from streams.policy.verdict import Verdict

CALL_WITHIN: Micros = 5 * SECOND
"""How long after ``sending`` is written the first byte may still go."""


def begin(desk: Desk, notification: Notification, address: str, way: Way, saved: int, remarks: Remarks) -> None:
    """Writes ``sending``, and has the call begin once that is committed. ``saved``: see ``Attempt``; ``remarks`` are
    what to say of the message if it is taken."""
    provider, message = way
    attempt = Attempt(
        attempt=notification.tried + 1,
        provider=provider,
        started_at=desk.now,
        recipient=masked(notification.channel, address),
        template_id=message.template_id,
        carrier=carrier_of(address) if notification.channel == "sms" else None,
        text_length=message.units,
        segments=message.segments,
        cost=format(message.price, "f"),
        rules=desk.rules.hash,
        saved=saved,
        coupon=remarks.coupon,
        packed=remarks.packed,
    )
    notification = msgspec.structs.replace(
        notification, address=address, tried=attempt.attempt, attempts=(*notification.attempts, attempt)
    )
    desk.box.keep(notification)
    counted.reserve(desk, notification, attempt)
    request = message.write(
        echo(desk.customer_id, notification.notification_id, attempt.attempt), desk.now + CALL_WITHIN
    )
    distance = SECOND * desk.ways.tasks // desk.rules.rate(provider)
    desk.keep_gate(provider, desk.gate(provider).taken(desk.now, request.out_id, distance))
    desk.retries = desk.retries.went(desk.now, again=bool(notification.bars))
    desk.turn.call(
        SendCall(
            provider=provider,
            customer_id=desk.customer_id,
            notification_id=notification.notification_id,
            attempt=attempt.attempt,
            request=request,
        )
    )


def put_in_inbox(desk: Desk, notification: Notification, to: Reached, text: InboxText) -> None:
    """Writes the message into the customer's inbox. That is ours, so with the turn it has been taken, and delivered."""
    message_id = f"{notification.notification_id}.inbox"
    attempt = Attempt(
        attempt=1,
        provider="inbox",
        started_at=desk.now,
        message_id=message_id,
        recipient=masked("inbox", to.address),
        template_id=text.template_id,
        text_length=units(text.title) + units(text.body),
        segments=1,
        cost="0",
        rules=desk.rules.hash,
    )
    message = InboxMessage(
        message_id=message_id,
        notification_id=notification.notification_id,
        customer_id=desk.customer_id,
        contact_id=to.contact_id,
        order_ids=list(notification.order_ids),
        kinds=list(notification.kinds),
        title=text.title,
        body=text.body,
        actions=list(text.actions),
        created_at=instant(desk.now),
    )
    desk.turn.emit(topics.INBOX.name, desk.customer_id, message)
    notification = msgspec.structs.replace(
        notification, contact_id=to.contact_id, address=to.address, tried=1, arrived="delivered"
    )
    receipts.write(desk, notification, attempt, "accepted", desk.now)
    receipts.write(desk, notification, attempt, "delivered", desk.now)
    outcome.sent(desk, notification, Remarks(CouponTold.CHANNEL))


def taken(
    desk: Desk, notification: Notification, attempt: Attempt, at: Micros, message_id: str | None = None
) -> tuple[Notification, Attempt]:
    """The provider took the message: by its own word, by a report's or by an answer's.

    The attempt may have been given up or counted as not taken before: money was spent all the same.
    """
    if attempt.status == "accepted":
        return notification, attempt
    accepted = msgspec.structs.replace(
        attempt, status="accepted", ask_at=None, place=0, message_id=message_id or attempt.message_id
    )
    notification = change(desk, notification, attempt, accepted)
    counted.reserve(desk, notification, attempt)
    receipts.write(desk, notification, accepted, "accepted", at)
    spend.paid(desk.turn, attempt.provider, notification.merchant_id, Decimal(attempt.cost))
    desk.turn.count("segments", attempt.provider, times=attempt.segments)
    desk.turn.count("cost", attempt.provider, times=int(Decimal(attempt.cost) * TEN_THOUSANDTHS))
    desk.turn.count("segments_saved", times=attempt.saved)
    if attempt.status != "sending":
        desk.turn.count("doubts", attempt.provider, "taken")
    share.accepted(desk.turn, attempt.provider, attempt.carrier, attempt.template_id, attempt.started_at)
    if accepted.message_id is not None:
        _name_message(desk, notification, accepted, accepted.message_id)
    notification = outcome.sent(desk, notification, accepted.remarks)
    riders.taken_after_all(desk, notification, accepted)
    return notification, accepted


def reported(
    desk: Desk,
    notification: Notification,
    attempt: Attempt,
    status: Literal["delivered", "undelivered", "no_report"],
    at: Micros,
    reason: str | None = None,
) -> Notification:
    """The last that is heard of an attempt."""
    receipts.write(desk, notification, attempt, status, at, reason)
    share.reported(
        desk.turn, attempt.provider, attempt.carrier, attempt.template_id, attempt.started_at, status, reason
    )
    if reason == ErrorClass.BAD_NUMBER:
        addresses.proved_wrong(desk, notification, attempt)
    if status != "no_report":
        notification = msgspec.structs.replace(notification, arrived=status)
    if attempt.provider in ASKING and not ASKING[attempt.provider].echoes:
        heard = Heard(attempt.provider, attempt.message_id, attempt.recipient, desk.now + HEARD)
        desk.box.heard = (*desk.box.heard, heard)
    return change(desk, notification, attempt, None)


def refused(desk: Desk, notification: Notification, attempt: Attempt, reason: str, then: Bar | Verdict | None) -> None:
    """The provider said no, or could not be reached: it is barred from this notification, or that ends, or goes on."""
    if reason == ErrorClass.BAD_NUMBER:
        addresses.proved_wrong(desk, notification, attempt)
    receipts.write(desk, notification, attempt, "rejected", desk.now, reason)
    counted.release(desk, notification, attempt)
    notification = change(desk, notification, attempt, None)
    if isinstance(then, Bar):
        _go_on(desk, _bar(notification, then))
    else:
        _go_on(desk, notification, then)


def not_begun(desk: Desk, notification: Notification, attempt: Attempt, end: Verdict | None = None) -> None:
    """We ourselves let the call be. Nobody was asked anything, so there is no receipt, unless one is to be amended."""
    if attempt.status == "unknown":
        receipts.write(desk, notification, attempt, "rejected", desk.now, "not_begun")
    counted.release(desk, notification, attempt)
    _go_on(desk, change(desk, notification, attempt, None), end)


def not_taken(desk: Desk, notification: Notification, attempt: Attempt) -> None:
    """The provider, asked late enough, doesn't know the message. It stays known here, lest a report comes."""
    desk.turn.count("doubts", attempt.provider, "not_taken")
    receipts.write(desk, notification, attempt, "rejected", desk.now, "not_taken")
    counted.release(desk, notification, attempt)
    changed = msgspec.structs.replace(attempt, status="not_taken", ask_at=None)
    notification = change(desk, notification, attempt, changed)
    lost = sum((a.provider, a.status) == (attempt.provider, "not_taken") for a in notification.attempts)
    _go_on(desk, _bar(notification, Bar(attempt.provider, lost, desk.now + retry.when_lost(lost))))


def given_up(desk: Desk, notification: Notification, attempt: Attempt) -> None:
    """What became of it can't be learnt. It stays unknown, and this contact hears nothing more of it.

    An erased customer's ends so: nobody is left to whom a doubt would matter.
    """
    notification = _ask_no_more(desk, notification, attempt)
    if notification.verdict is None:
        erased = any(halt.verdict == outcome.ERASED for halt in notification.halted)
        outcome.end(desk, notification, outcome.ERASED if erased else outcome.IN_DOUBT)


def repeated(desk: Desk, notification: Notification, attempt: Attempt) -> None:
    """What became of it can't be learnt, and the rules would rather have it sent twice than not at all."""
    notification = _ask_no_more(desk, notification, attempt)
    again = msgspec.structs.replace(notification, doubted=attempt.attempt, address=None, next_at=desk.now)
    desk.box.keep(again)
    desk.turn.count("repeats_in_doubt", attempt.provider)


def _ask_no_more(desk: Desk, notification: Notification, attempt: Attempt) -> Notification:
    desk.turn.count("doubts", attempt.provider, "given_up")
    return change(desk, notification, attempt, msgspec.structs.replace(attempt, ask_at=None, place=0))


def change(desk: Desk, notification: Notification, former: Attempt, changed: Attempt | None) -> Notification:
    """Puts a changed attempt in the place of the former one, or forgets it."""
    attempts = (changed if a.attempt == former.attempt else a for a in notification.attempts)
    notification = msgspec.structs.replace(notification, attempts=tuple(a for a in attempts if a is not None))
    desk.box.keep(notification)
    return notification


def _bar(notification: Notification, bar: Bar) -> Notification:
    others = (b for b in notification.bars if b.provider != bar.provider)
    return msgspec.structs.replace(notification, bars=(*others, bar))


def _go_on(desk: Desk, notification: Notification, end: Verdict | None = None) -> None:
    """After an attempt that was not taken: what had halted a command ends it now, or ``end`` does; else it goes on."""
    halted = {halt.command_id: halt.verdict for halt in notification.halted}
    notification = msgspec.structs.replace(notification, address=None, next_at=desk.now, halted=())
    desk.box.keep(notification)
    if notification.verdict is not None:
        return
    for part in riders.apart(desk, notification):
        verdict = halted.get(part.command_ids[0], end)
        if verdict is not None:
            outcome.end(desk, part, verdict)


def _name_message(desk: Desk, notification: Notification, attempt: Attempt, message_id: str) -> None:
    message = ProviderMessage(
        provider=attempt.provider,
        message_id=message_id,
        customer_id=desk.customer_id,
        notification_id=notification.notification_id,
        attempt=attempt.attempt,
    )
    desk.turn.emit(topics.PROVIDER_MESSAGES.name, message.key, message)
    desk.box.named = (*desk.box.named, Named(message.key, desk.now + NAMED))

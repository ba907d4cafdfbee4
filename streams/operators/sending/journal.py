"""The journal of a notification's attempts: each change of an attempt's state, with all that follows from it.

The states move up only: ``sending``, then ``unknown``, ``rejected`` or ``accepted``, then what was reported. Of an
attempt that can no longer change nothing is kept; what comes of it later finds nothing.
"""

from decimal import Decimal
from typing import Literal

import msgspec

from schemas.calls import SendRequest
from schemas.reports import ProviderMessage
from schemas.rules import SmsProvider
from schemas.times import SECOND, Micros
from streams import topics
from streams.operators.sending import counted, outcome, receipts, share
from streams.operators.sending.calls import SendCall
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import HEARD, Attempt, Bar, Heard, Notification
from streams.policy import retry
from streams.policy.asking import ASKING
from streams.policy.carriers import carrier_of
from streams.policy.contacts import mask
from streams.policy.echo import echo
from streams.policy.text import Text
from streams.policy.verdict import Verdict

CALL_WITHIN: Micros = 5 * SECOND
"""How long after ``sending`` is written the first byte may still go."""


def begin(desk: Desk, notification: Notification, number: str, provider: SmsProvider, text: Text) -> None:
    """Writes ``sending``, and has the call begin once that is committed."""
    attempt = Attempt(
        attempt=notification.tried + 1,
        provider=provider,
        started_at=desk.now,
        recipient=mask(number),
        template_id=text.template_id,
        carrier=carrier_of(number),
        text_length=text.units,
        segments=text.segments,
        cost=_cost(desk.rules.price, text.segments),
        rules=desk.rules.hash,
    )
    notification = msgspec.structs.replace(
        notification, number=number, tried=attempt.attempt, attempts=(*notification.attempts, attempt)
    )
    desk.box.keep(notification)
    counted.reserve(desk, notification, attempt)
    request = SendRequest(
        number=number,
        signature=desk.rules.signature,
        template=text.provider_template,
        variables=text.variables,
        out_id=echo(desk.customer_id, notification.notification_id, attempt.attempt),
        call_by=desk.now + CALL_WITHIN,
    )
    distance = SECOND * desk.ways.tasks // desk.rules.limits[provider].rate
    desk.keep_gate(provider, desk.gate(provider).taken(desk.now, request.out_id, distance))
    desk.line = desk.line.went(desk.now, again=bool(notification.bars))
    desk.turn.call(
        SendCall(
            provider=provider,
            customer_id=desk.customer_id,
            notification_id=notification.notification_id,
            attempt=attempt.attempt,
            request=request,
        )
    )


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
    share.accepted(desk.turn, attempt.provider, attempt.carrier, attempt.template_id, attempt.started_at)
    if accepted.message_id is not None:
        _name_message(desk, notification, accepted, accepted.message_id)
    return outcome.sent(desk, notification), accepted


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
    if not ASKING[attempt.provider].echoes:
        heard = Heard(attempt.provider, attempt.message_id, attempt.recipient, desk.now + HEARD)
        desk.box.heard = (*desk.box.heard, heard)
    return change(desk, notification, attempt, None)


def refused(desk: Desk, notification: Notification, attempt: Attempt, reason: str, then: Bar | Verdict) -> None:
    """The provider said no, or could not be reached: it is barred from this notification, or that ends."""
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
        erased = notification.halted == outcome.ERASED
        outcome.end(desk, notification, outcome.ERASED if erased else outcome.IN_DOUBT)


def repeated(desk: Desk, notification: Notification, attempt: Attempt) -> None:
    """What became of it can't be learnt, and the rules would rather have it sent twice than not at all."""
    notification = _ask_no_more(desk, notification, attempt)
    again = msgspec.structs.replace(notification, doubted=attempt.attempt, number=None, next_at=desk.now)
    desk.box.keep(again)
    desk.turn.count("repeats_in_doubt", attempt.provider)


def _ask_no_more(desk: Desk, notification: Notification, attempt: Attempt) -> Notification:
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
    """After an attempt that was not taken: what had halted the plan ends it now, or ``end`` does; else it goes on."""
    notification = msgspec.structs.replace(notification, number=None, next_at=desk.now)
    desk.box.keep(notification)
    if notification.verdict is not None:
        return
    if notification.halted is not None:
        outcome.end(desk, notification, notification.halted)
    elif end is not None:
        outcome.end(desk, notification, end)


def _name_message(desk: Desk, notification: Notification, attempt: Attempt, message_id: str) -> None:
    message = ProviderMessage(
        provider=attempt.provider,
        message_id=message_id,
        customer_id=desk.customer_id,
        notification_id=notification.notification_id,
        attempt=attempt.attempt,
    )
    desk.turn.emit(topics.PROVIDER_MESSAGES.name, message.key, message)


def _cost(price: Decimal, segments: int) -> str:
    return format(price * segments, "f")

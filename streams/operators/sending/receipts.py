"""What analysts are told of a message: one receipt for each change of an attempt's state."""

from schemas.outputs import Receipt, Status
from schemas.times import Micros, instant
from streams import topics
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import Attempt, Notification

_PAID: tuple[Status, ...] = ("accepted", "delivered", "undelivered", "no_report")


def write(
    desk: Desk, notification: Notification, attempt: Attempt, status: Status, at: Micros, reason: str | None = None
) -> None:
    """Writes the receipt of a change to ``status``. What was accepted has to be paid, delivered or not.

    Without another reason that of an attempt that repeats one in doubt says so.
    """
    if reason is None and 0 < notification.doubted < attempt.attempt:
        reason = "repeat_in_doubt"
    receipt = Receipt(
        receipt_id=f"{notification.notification_id}.{attempt.attempt}.{status}",
        notification_id=notification.notification_id,
        command_ids=[*notification.command_ids, *(rider.command_id for rider in attempt.riders)],
        customer_id=desk.customer_id,
        contact_id=notification.contact_id,
        order_ids=list(dict.fromkeys((*notification.order_ids, *(rider.order_id for rider in attempt.riders)))),
        kinds=list(dict.fromkeys((*notification.kinds, *(rider.kind for rider in attempt.riders)))),
        merchant_id=notification.merchant_id,
        channel=notification.channel,
        provider=attempt.provider,
        provider_message_id=attempt.message_id,
        recipient=attempt.recipient,
        template_id=attempt.template_id,
        text_length=attempt.text_length,
        segments=attempt.segments,
        cost=attempt.cost if status in _PAID else "0",
        status=status,
        status_at=instant(at),
        reason=reason,
        attempt=attempt.attempt,
        rules=attempt.rules,
    )
    desk.turn.emit(topics.RECEIPTS.name, notification.notification_id, receipt)
    desk.turn.count("receipts", attempt.provider, status)

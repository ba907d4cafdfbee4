"""Asking a provider what became of a message: in what words, and at what pace.

The account may ask so many questions a second, of which each task has its part. Who finds no room gets a place in the
line, and asks when that has come. What is in doubt has a line of its own and most of the rate: somebody may
not have been told, where what lacks a report was taken.
"""

from typing import Literal

import msgspec

from schemas.calls import QueryRequest
from schemas.times import SECOND, Micros
from streams.operators.sending.calls import QueryCall
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import Attempt, Notification
from streams.operators.sending.queue import Queue, key
from streams.policy.asking import ASKING
from streams.policy.echo import echo

Why = Literal["doubt", "report"]
_SHARES: dict[Why, tuple[int, int]] = {"doubt": (3, 4), "report": (1, 4)}
"""Their parts of the rate."""


def place(desk: Desk, attempt: Attempt, why: Why) -> Micros:
    """When the next question may be asked: now, or at a place that nobody else is given."""
    found = desk.turn.get(key(attempt.provider))
    queue = found if isinstance(found, Queue) else Queue()
    part, of = _SHARES[why]
    distance = SECOND * desk.ways.tasks * of // (ASKING[attempt.provider].a_second * part)
    at = max(desk.now, (queue.doubt if why == "doubt" else queue.report) + distance)
    desk.turn.put(key(attempt.provider), msgspec.structs.replace(queue, **{why: at}))
    return at


def ask(desk: Desk, notification: Notification, attempt: Attempt) -> None:
    """Asks once, if the provider can be asked and the address is still known."""
    if notification.address is None or attempt.provider not in desk.ways.providers:
        return
    others, alone = _others(desk, attempt, notification.notification_id)
    question = QueryRequest(
        number=notification.address,
        out_id=echo(desk.customer_id, notification.notification_id, attempt.attempt),
        sent_at=attempt.started_at,
        message_id=attempt.message_id,
        others=others,
        alone=alone,
    )
    desk.turn.call(
        QueryCall(
            provider=attempt.provider,
            customer_id=desk.customer_id,
            notification_id=notification.notification_id,
            attempt=attempt.attempt,
            asked_at=desk.now,
            request=question,
        )
    )


def _others(desk: Desk, mine: Attempt, notification_id: str) -> tuple[frozenset[str], bool]:
    """The ids of the customer's other messages by the same provider, and whether each that may have gone to the same
    number has one. Numbers are compared as the receipts show them, so some that differ count as the same."""
    if ASKING[mine.provider].echoes:
        return frozenset(), False
    others = [
        (attempt.message_id, attempt.recipient)
        for notification in desk.box.notifications
        for attempt in notification.attempts
        if attempt.provider == mine.provider
        and (notification.notification_id, attempt.attempt) != (notification_id, mine.attempt)
    ]
    others += [(heard.message_id, heard.recipient) for heard in desk.box.heard if heard.provider == mine.provider]
    ids = frozenset(message_id for message_id, _ in others if message_id is not None)
    return ids, all(message_id is not None or recipient != mine.recipient for message_id, recipient in others)

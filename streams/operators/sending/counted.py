"""How much a contact has been sent: what caps and vendors' limits go by.

A message counts from ``sending`` on, so that several on their way at once can't be too many together, and for a day.
What the provider refused, or never had, counts no more.
"""

from schemas.times import Micros
from schemas.words import NoticeKind
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import COUNTED, Attempt, Notification, Submitted


def reserve(desk: Desk, notification: Notification, attempt: Attempt) -> None:
    """Counts an attempt for each kind that it tells of, once."""
    if attempt.started_at + COUNTED <= desk.now:
        return
    for kind in notification.kinds:
        entry = Submitted(
            contact_id=notification.contact_id,
            kind=kind,
            provider=attempt.provider,
            template_id=attempt.template_id,
            notification_id=notification.notification_id,
            attempt=attempt.attempt,
            until=attempt.started_at + COUNTED,
        )
        if entry not in desk.box.submitted:
            desk.box.submitted = tuple(sorted((*desk.box.submitted, entry), key=_until))


def release(desk: Desk, notification: Notification, attempt: Attempt) -> None:
    """Counts an attempt no more: it was not taken."""
    given_up = (notification.notification_id, attempt.attempt)
    desk.box.submitted = tuple(s for s in desk.box.submitted if (s.notification_id, s.attempt) != given_up)


def capped(desk: Desk, contact_id: str, kind: NoticeKind) -> bool:
    """Whether the contact has had as many messages of the kind as the rules allow in 24 hours."""
    had = sum((s.contact_id, s.kind) == (contact_id, kind) for s in desk.box.submitted if s.until > desk.now)
    return had >= desk.rules.daily_cap


def free_at(desk: Desk, contact_id: str, provider: str, template_id: str, limit: int) -> Micros:
    """When the provider takes the contact's next message in a template, of which it takes ``limit`` in 24 hours.

    0: at once. Vendors count what they took, whatever became of it (Aliyun's documentation).
    """
    same = (contact_id, provider, template_id)
    calls = {
        (s.until, s.notification_id, s.attempt)
        for s in desk.box.submitted
        if (s.contact_id, s.provider, s.template_id) == same and s.until > desk.now
    }
    ends = sorted(until for until, _, _ in calls)
    return ends[len(ends) - limit] if len(ends) >= limit else 0


def _until(submitted: Submitted) -> Micros:
    return submitted.until

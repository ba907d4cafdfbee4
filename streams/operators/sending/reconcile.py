"""An accepted attempt of which no report came: the provider is asked, ever more rarely, until its time is over.

Vendors push a report a few times and then never again, so one that could not be taken is lost.
"""

import msgspec

from schemas.times import MINUTE, Micros
from streams.operators.sending import journal, questions
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import REPORTED, Attempt, Notification
from streams.policy.asking import ASKING

FIRST: Micros = 30 * MINUTE
"""How long after its start an attempt without a report is first asked for; each further question waits longer."""


def due_at(notification: Notification, attempt: Attempt) -> Micros:
    """When an attempt whose fate is not open next needs a look: for a question, or because its time is over."""
    over = attempt.started_at + REPORTED
    if attempt.status != "accepted" or notification.address is None or attempt.provider not in ASKING:
        return over
    return min(attempt.place or attempt.reconcile_at or attempt.started_at + FIRST, over)


def look(desk: Desk, notification: Notification, attempt: Attempt) -> None:
    """Asks, or takes a place in the line for it."""
    over = attempt.started_at + REPORTED
    at = attempt.place or min(questions.place(desk, attempt, "report"), over)
    if at > desk.now:
        journal.change(desk, notification, attempt, msgspec.structs.replace(attempt, place=at))
        return
    next_at = _next(attempt.started_at, desk.now)
    journal.change(desk, notification, attempt, msgspec.structs.replace(attempt, place=0, reconcile_at=next_at))
    questions.ask(desk, notification, attempt)


def _next(started_at: Micros, now: Micros) -> Micros:
    after = FIRST
    while started_at + after <= now:
        after *= 2
    return started_at + after

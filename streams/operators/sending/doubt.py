"""An attempt of which nobody knows whether the provider took it: asking, and giving up.

It is asked for at 5, 15 and 45 s after its start and then every 30 s. What the provider knows was taken. Whether what
it doesn't know was not taken is the provider's own (``streams.policy.asking``). When the time for asking is over the
attempt stays unknown for ever and is not repeated, since silence is better than telling twice, unless the rules of its
kind say otherwise (``repeat_in_doubt``): then once.
"""

import msgspec

from schemas.times import MINUTE, SECOND, Micros
from streams.operators.sending import hold, journal, questions, receipts
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import Attempt, Notification
from streams.policy import asking

OWNER_DEAD: Micros = 20 * SECOND
"""How long after its start an attempt without a result is in doubt: ``call_by`` and 15 s."""

_ASKED: tuple[Micros, ...] = (5 * SECOND, 15 * SECOND, 45 * SECOND)
_THEN_EVERY: Micros = 30 * SECOND
_LAST_QUESTION: Micros = 30 * SECOND
"""What a doubt that is found late, after a long absence of ours, is given for one question at least."""


def begins(desk: Desk, notification: Notification, attempt: Attempt, reason: str) -> None:
    """The call ended without an answer, or its owner died."""
    receipts.write(desk, notification, attempt, "unknown", desk.now, reason)
    desk.turn.count("doubts", attempt.provider, "begun")
    if attempt.provider not in asking.ASKING:
        asked = msgspec.structs.replace(attempt, status="unknown")
        journal.given_up(desk, journal.change(desk, notification, attempt, asked), asked)
        return
    changed = msgspec.structs.replace(
        attempt,
        status="unknown",
        ask_at=max(desk.now, attempt.started_at + _ASKED[0]),
        give_up_at=max(desk.now + _LAST_QUESTION, _give_up_at(desk, notification, attempt)),
    )
    journal.change(desk, notification, attempt, changed)


def _give_up_at(desk: Desk, notification: Notification, attempt: Attempt) -> Micros:
    """Until when to ask: of what is urgent until a minute before it would be too late, of all else ten minutes."""
    told = [notice for notice in desk.box.notices if notice.command_id in notification.command_ids]
    if any(notice.urgency == "urgent" for notice in told):
        return max(min(notice.notify_by for notice in told) - MINUTE, attempt.started_at + MINUTE)
    return attempt.started_at + 10 * MINUTE


def due_at(attempt: Attempt) -> Micros:
    """When an attempt whose fate is open next needs a look."""
    if attempt.ask_at is None:
        return attempt.started_at + OWNER_DEAD
    return min(attempt.place or attempt.ask_at, attempt.give_up_at)


def look(desk: Desk, notification: Notification, attempt: Attempt) -> None:
    """Does what is due for an attempt whose fate is open."""
    if attempt.ask_at is None:
        begins(desk, notification, attempt, "no_result")
    elif attempt.give_up_at <= desk.now:
        (journal.repeated if _repeats(desk, notification) else journal.given_up)(desk, notification, attempt)
    else:
        _ask(desk, notification, attempt)


def not_taken(attempt: Attempt, asked_at: Micros) -> bool:
    """Whether it follows from the provider's "not known" to a question that began at ``asked_at``."""
    can_say = asking.ASKING.get(attempt.provider)
    counts_from = None if can_say is None else can_say.absence_counts_from
    return attempt.under_way and counts_from is not None and asked_at >= attempt.started_at + counts_from


def _repeats(desk: Desk, notification: Notification) -> bool:
    """Whether the rules want it sent once more: not what has been stopped or is too late, and no second time."""
    if notification.doubted or notification.verdict is not None or notification.halted:
        return False
    if len(notification.command_ids) > 1:
        return False  # what rode along would be repeated as well, whatever the rules of its kind
    told = [notice for notice in desk.box.notices if notice.command_id in notification.command_ids]
    return all(
        hold.rules_of(notice, desk.rules).repeat_in_doubt and desk.now < hold.expires_at(notice, desk.rules)
        for notice in told
    )


def _ask(desk: Desk, notification: Notification, attempt: Attempt) -> None:
    at = attempt.place or questions.place(desk, attempt, "doubt")
    if at > desk.now:
        journal.change(desk, notification, attempt, msgspec.structs.replace(attempt, place=at))
        return
    next_at = _next_question(attempt.started_at, desk.now)
    journal.change(desk, notification, attempt, msgspec.structs.replace(attempt, ask_at=next_at, place=0))
    questions.ask(desk, notification, attempt)
    for former in notification.attempts:
        if former.status == "not_taken" and former.provider == attempt.provider:
            # A provider that is late with what it knows may know it by now: then no third message goes.
            questions.ask(desk, notification, former)


def _next_question(started_at: Micros, now: Micros) -> Micros:
    """The first of the moments for asking that lies after ``now``."""
    for after in _ASKED:
        if started_at + after > now:
            return started_at + after
    last = started_at + _ASKED[-1]
    return last + ((now - last) // _THEN_EVERY + 1) * _THEN_EVERY

"""How a notice ends: with its first acceptance, or when its plan has ended for every contact."""

import msgspec

from schemas.outputs import Outcome, Reason
from schemas.times import SECOND
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import Notice, Notification
from streams.policy.verdict import Verdict, weightiest

SENT = Verdict(Outcome.SENT, Reason.ACCEPTED)
IN_DOUBT = Verdict(Outcome.FAILED, Reason.IN_DOUBT)
ERASED = Verdict(Outcome.SUPPRESSED, Reason.ERASED)


def end_unplanned(desk: Desk, notice: Notice, verdict: Verdict) -> None:
    """Ends a notice that has no notifications."""
    desk.decide(notice, verdict)
    _remove(desk, notice)


def end(desk: Desk, notification: Notification, verdict: Verdict) -> None:
    """Ends a plan for its contact. What was under way must have been resolved.

    One that may have been taken, and was to be repeated, ends in doubt whatever kept the repetition from going.
    """
    desk.box.keep(msgspec.structs.replace(notification, verdict=IN_DOUBT if notification.doubted else verdict))


def halt(desk: Desk, notification: Notification, verdict: Verdict) -> None:
    """Ends a plan for its contact unless its attempt under way is taken. The first to halt it says why."""
    if notification.verdict is not None:
        return
    if notification.under_way is None:
        end(desk, notification, verdict)
    elif notification.halted is None:
        desk.box.keep(msgspec.structs.replace(notification, halted=verdict))


def sent(desk: Desk, notification: Notification) -> Notification:
    """A provider took the message: that decides its commands, once."""
    changed = msgspec.structs.replace(notification, verdict=SENT, halted=None)
    desk.box.keep(changed)
    for notice in desk.box.notices:
        if notice.command_id in notification.command_ids and not notice.decided:
            desk.decide(notice, SENT, notification.notification_id)
            seconds = (desk.now - notice.occurred_at) / SECOND
            desk.turn.count("time_to_provider", notice.kind, f"{seconds:.3f}")
            desk.change(notice, decided=True)
    return changed


def close_notices(desk: Desk) -> None:
    """Ends the notices that are over for every contact."""
    still_open = {
        command_id
        for notification in desk.box.notifications
        if notification.verdict is None or notification.under_way is not None
        for command_id in notification.command_ids
    }
    for notice in desk.box.notices:
        if notice.planned and notice.command_id not in still_open:
            ended = desk.box.of(notice)
            if not notice.decided:
                _decide_without_acceptance(desk, notice, ended)
            _remove(desk, notice)


def _decide_without_acceptance(desk: Desk, notice: Notice, ended: tuple[Notification, ...]) -> None:
    verdict = weightiest(n.verdict for n in ended if n.verdict is not None)
    deciding = next(n for n in ended if n.verdict == verdict)
    desk.decide(notice, verdict, deciding.notification_id if deciding.tried else None)


def _remove(desk: Desk, notice: Notice) -> None:
    desk.box.notices = tuple(n for n in desk.box.notices if n.command_id != notice.command_id)

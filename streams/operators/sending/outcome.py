"""How a notice is decided, with its first acceptance, and how it ends, when its plan has ended for every contact."""

import msgspec

from schemas.outputs import CouponTold, Outcome, Reason
from schemas.times import SECOND
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import REMEMBERED, Halt, Notice, Notification, Once, Remarks
from streams.policy.good_news import TROUBLE, trouble_of
from streams.policy.verdict import Verdict, weightiest

MERGED = Verdict(Outcome.MERGED, Reason.ACCEPTED)
SENT = Verdict(Outcome.SENT, Reason.ACCEPTED)
IN_DOUBT = Verdict(Outcome.FAILED, Reason.IN_DOUBT)
ERASED = Verdict(Outcome.SUPPRESSED, Reason.ERASED)


def end_unplanned(desk: Desk, notice: Notice, verdict: Verdict) -> None:
    """Ends a notice that has no notifications."""
    desk.decide(notice, verdict)
    _remove(desk, notice)


def end(desk: Desk, notification: Notification, verdict: Verdict) -> None:
    """Ends a message for its contact. What was under way must have been resolved.

    One that may have been taken, and was to be repeated, ends in doubt whatever kept the repetition from going.
    """
    desk.box.keep(msgspec.structs.replace(notification, verdict=IN_DOUBT if notification.doubted else verdict))


def halt(desk: Desk, notification: Notification, notice: Notice, verdict: Verdict) -> None:
    """Ends what a message tells of a notice, unless its attempt under way is taken. The first to halt it says why."""
    if notification.verdict is not None:
        return
    if notification.under_way is None:
        end(desk, notification, verdict)
    elif all(halt.command_id != notice.command_id for halt in notification.halted):
        halted = (*notification.halted, Halt(notice.command_id, verdict))
        desk.box.keep(msgspec.structs.replace(notification, halted=halted))


def sent(desk: Desk, notification: Notification, remarks: Remarks) -> Notification:
    """A provider took the message: that decides its commands, each once. The earliest is sent, the others with it.

    A coupon of which nothing was remarked was given with a command that was planned only when it rode along.
    """
    if remarks.coupon is None:
        remarks = remarks._replace(coupon=CouponTold.WITH_OTHERS)
    changed = msgspec.structs.replace(notification, verdict=SENT, halted=())
    desk.box.keep(changed)
    told = [notice for notice in desk.box.notices if notice.command_id in notification.command_ids]
    earliest = min(told, key=lambda notice: notice.occurred_at, default=None)
    for notice in told:
        verdict = SENT if notice is earliest else MERGED
        told_first(desk, notice, verdict, notification.notification_id, remarks)
    return changed


def told_first(desk: Desk, notice: Notice, verdict: Verdict, notification_id: str, remarks: Remarks) -> None:
    """Decides a notice that a message tells of, unless another has done so before. For the rest see ``sent``.

    Only the first makes news of a trouble's end: what is found out later of another may come after that news.
    """
    if notice.decided:
        return
    if notice.kind in TROUBLE.values() and notice.audience == "buyer":
        desk.box.told = _with(desk.box.told, Once(notice.subject, desk.now + REMEMBERED))
    elif (trouble := trouble_of(notice.kind, notice.subject)) is not None:
        desk.box.told = tuple(once for once in desk.box.told if once.what != trouble)  # until it is told again
    desk.decide(notice, verdict, notification_id, remarks)
    seconds = (desk.now - notice.occurred_at) / SECOND
    desk.turn.count("in_time", notice.kind, "yes" if desk.now <= notice.notify_by else "no")
    desk.turn.count("time_to_provider", notice.kind, f"{seconds:.3f}")
    desk.change(notice, decided=True)


def _with(told: tuple[Once, ...], subject: Once) -> tuple[Once, ...]:
    return (*(other for other in told if other.what != subject.what), subject)


def close_notices(desk: Desk) -> None:
    """Ends the notices that are over for every contact."""
    still_open = {
        command_id
        for notification in desk.box.notifications
        if notification.verdict is None or notification.under_way is not None
        for command_id in notification.command_ids
    }
    for notice in desk.box.notices:
        if notice.planned and not notice.plans and notice.command_id not in still_open:
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

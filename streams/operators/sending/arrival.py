"""What comes in from outside: commands, profiles, reports."""

from schemas.outputs import Command
from schemas.reports import MessageReport
from schemas.times import micros
from streams.errors import Invalid
from streams.operators.sending import journal, outcome, plan, settling, storm
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import MOST_OPEN, Notice
from streams.policy.rules import Rules

_LEAST_URGENT_FIRST = ("routine", "delayed", "urgent")


def check(command: Command, rules: Rules) -> None:
    """Raises ``Invalid`` for a command whose fields don't go together."""
    if command.action == "notify":
        if command.kind not in rules.kinds:
            raise Invalid("bad_value", "no exception of this kind can be told")
        if command.notify_by is None:
            raise Invalid("missing_field", "a notify has no notify_by")
    elif command.kind != "*" and command.settles_before is None:
        raise Invalid("missing_field", "a settle has no settles_before")


def notify(desk: Desk, command: Command) -> None:
    """An exception to be told. It is held, unless it is known, or was over before it came."""
    if desk.box.knows(command.command_id):
        desk.turn.count("commands_skipped", "known")
        return
    notice = _notice(command, desk)
    verdict = settling.known(desk, notice)
    if verdict is not None:
        desk.decide(notice, verdict)
        return
    desk.box.erased = False  # if it was, that is so long ago that the customer is like one never seen
    storm.arrived(desk, notice)
    desk.box.notices = (*desk.box.notices, notice)
    _bound(desk)


def settle(desk: Desk, command: Command) -> None:
    """What is over need not be told."""
    if command.kind == "*":
        settling.close_order(desk, command.order_id, command.event_id)
    elif command.settles_before is not None:
        spared = command.event_id if command.kind == "shipment_stalled" else ""
        settling.settle_subject(desk, command.subject, micros(command.settles_before), spared)


def profile(desk: Desk, erased: bool) -> None:
    """The customer's profile came, changed, or was erased: who waited for it is looked at."""
    if erased:
        settling.erase(desk)
        return
    desk.box.erased, desk.box.erased_until = False, 0
    for notice in desk.box.notices:
        if not notice.planned:
            desk.change(notice, not_before=0)


def report(desk: Desk, report: MessageReport) -> None:
    """A delivery report. It may come twice, and before the acceptance, which is then written with it."""
    notification = desk.box.notification(report.notification_id)
    attempt = None if notification is None else notification.find(report.attempt)
    if notification is None or attempt is None or attempt.provider != report.provider:
        desk.turn.count("reports_skipped", report.provider)
        return
    reported_at = micros(report.reported_at)
    sent_at = reported_at if report.sent_at is None else micros(report.sent_at)
    notification, attempt = journal.taken(desk, notification, attempt, sent_at, report.provider_message_id)
    reason = (report.reason or report.code) if report.status == "undelivered" else None
    journal.reported(desk, notification, attempt, report.status, reported_at, reason)
    outcome.close_notices(desk)


def _notice(command: Command, desk: Desk) -> Notice:
    detected_at = micros(command.detected_at)
    return Notice(
        command_id=command.command_id,
        kind=command.kind,  # type: ignore[arg-type]  # check() lets no "*" through
        subject=command.subject,
        audience=command.audience,
        urgency=command.urgency,
        order_id=command.order_id,
        tracking_no=command.tracking_no,
        merchant_id=command.merchant_id,
        facts=command.facts,
        event_id=command.event_id,
        occurred_at=micros(command.occurred_at),
        detected_at=detected_at,
        notify_by=detected_at if command.notify_by is None else micros(command.notify_by),
        arrived_at=desk.now,
    )


def _bound(desk: Desk) -> None:
    """Of too many open notices the oldest of the least urgent that has nothing under way goes."""
    if len(desk.box.notices) <= MOST_OPEN:
        return
    idle = [n for n in desk.box.notices if all(m.under_way is None for m in desk.box.of(n))]
    oldest = min(idle, key=lambda notice: _LEAST_URGENT_FIRST.index(notice.urgency))
    settling.stop(desk, oldest, plan.OVERFLOW)

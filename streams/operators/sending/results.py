"""What came of the calls: a provider's answers to messages and to questions.

A result that comes twice, or after its attempt was settled by other news, changes nothing.
"""

from schemas.calls import ErrorClass, QueryResult, Request, SendRequest, SendResult
from schemas.opt_outs import OptOut
from schemas.outputs import CouponTold
from schemas.times import Micros, instant
from streams import topics
from streams.operators.sending import doubt, journal, outcome, recipient, route
from streams.operators.sending.calls import QueryCall, SendCall
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import Attempt, Bar, Notification
from streams.policy import retry
from streams.policy.opt_outs import ledger_key
from streams.policy.retry import Retry
from streams.policy.verdict import Verdict

_LET_BE = frozenset({"too_late", "ledger_stale", "connection_spoilt", "marketing_stopped"})
"""The words for a call that we ourselves let be, for now."""


def of_sending(desk: Desk, call: SendCall[Request], result: SendResult | None) -> None:
    """``None``: the call was not begun. Its slot is free now, and not before: a report does not end the call."""
    _free(desk, call, result)
    desk.turn.count("calls", call.provider, _said(result))
    notification, attempt = _find(desk, call)
    if notification is None or attempt is None:
        return
    if result is not None and result.outcome == "accepted":
        journal.taken(desk, notification, attempt, desk.now, result.message_id)
    elif not attempt.under_way:
        return
    elif result is None or _let_be(result):
        journal.not_begun(desk, notification, attempt)
    elif result.outcome == "unknown":
        if attempt.status == "sending":
            doubt.begins(desk, notification, attempt, result.code or "unknown")
    else:
        _refused(desk, notification, attempt, call.request, result)
    outcome.close_notices(desk)


def _said(result: SendResult | None) -> str:
    """A word for the metrics: a no says its class, which may be ``unknown`` too, so a doubt has a word of its own."""
    if result is None or _let_be(result):
        return "not_begun"
    return "in_doubt" if result.outcome == "unknown" else result.error_class or result.outcome


def _let_be(result: SendResult) -> bool:
    return result.outcome == "not_sent" and result.code in _LET_BE


def _free(desk: Desk, call: SendCall[Request], result: SendResult | None) -> None:
    former = desk.gate(call.provider)
    gate = former.freed(desk.now, call.request.out_id, result)
    desk.keep_gate(call.provider, gate)
    if gate.breaker.closed != former.breaker.closed:
        desk.turn.count("breakers", call.provider, "closed" if gate.breaker.closed else "opened")
        if gate.breaker.closed:
            desk.turn.say("breaker_closed", provider=call.provider)
        else:
            code = {} if result is None or result.code is None else {"code": result.code}
            desk.turn.warn("breaker_opened", provider=call.provider, last=_said(result), **code)


def of_asking(desk: Desk, call: QueryCall, result: QueryResult | None) -> None:
    """What the provider knows was taken; what it does not know, asked late enough, was not."""
    notification, attempt = _find(desk, call)
    if result is None or notification is None or attempt is None:
        return
    desk.turn.count("queries", call.provider, result.found, result.known_by or "")
    if result.found == "absent":
        if doubt.not_taken(attempt, call.asked_at):
            journal.not_taken(desk, notification, attempt)
    elif result.found != "unanswered":
        _found(desk, notification, attempt, call, result)
    outcome.close_notices(desk)


def _find(desk: Desk, call: SendCall[Request] | QueryCall) -> tuple[Notification | None, Attempt | None]:
    notification = desk.box.notification(call.notification_id)
    return notification, None if notification is None else notification.find(call.attempt)


def _refused(desk: Desk, notification: Notification, attempt: Attempt, request: Request, result: SendResult) -> None:
    refusal = result.error_class or ErrorClass.UNKNOWN
    if refusal is ErrorClass.OPTED_OUT and result.outcome == "not_sent":
        journal.not_begun(desk, notification, attempt, recipient.OPTED_OUT)
        return
    if refusal is ErrorClass.OPTED_OUT and isinstance(request, SendRequest):
        _stop_number(desk, request.number, attempt.provider, desk.now)
    journal.refused(desk, notification, attempt, refusal, _what_follows(desk, notification, attempt, refusal))


def _what_follows(
    desk: Desk, notification: Notification, attempt: Attempt, refusal: ErrorClass
) -> Bar | Verdict | None:
    """``None``: perhaps only the advertisement was refused, so the notice by itself may go at once."""
    if attempt.coupon is CouponTold.IN_MESSAGE and retry.of_the_advertisement(refusal):
        return None
    told = (notice for notice in desk.box.notices if notice.command_id in notification.command_ids)
    notify_by = min((notice.notify_by for notice in told), default=desk.now)
    former = route.barred(notification, attempt.provider)
    times = 1 if former is None else former.times + 1
    then = retry.at_provider(refusal, notification.notification_id, times, desk.now, notify_by)
    if isinstance(then, Retry):
        return Bar(attempt.provider, times, then.at)
    return then if retry.everywhere(refusal) else Bar(attempt.provider, times, desk.now, then)


def _stop_number(desk: Desk, number: str, provider: str, at: Micros) -> None:
    """The provider knows that the number's owner said stop: that holds at every provider.

    What the ledger holds, or a later word has overtaken, is not written again: see ``agents.web.intake``.
    """
    named = desk.ways.hasher(number)
    if desk.ways.opt_outs.holds(named, "all", at):
        return
    stop = OptOut(scope="all", stopped=True, at=instant(at), source="call", provider=provider)
    desk.turn.emit(topics.OPT_OUTS.name, ledger_key(named, "all"), stop)
    desk.turn.count("opt_outs", provider, "call")


def _found(desk: Desk, notification: Notification, attempt: Attempt, call: QueryCall, result: QueryResult) -> None:
    sent_at = desk.now if result.sent_at is None else result.sent_at
    reported_at = desk.now if result.reported_at is None else result.reported_at
    notification, attempt = journal.taken(desk, notification, attempt, sent_at, result.message_id)
    if result.found == "delivered":
        journal.reported(desk, notification, attempt, "delivered", reported_at)
    elif result.found == "failed":
        journal.reported(desk, notification, attempt, "undelivered", reported_at, result.error_class or result.code)
        if result.error_class is ErrorClass.OPTED_OUT:
            _stop_number(desk, call.request.number, attempt.provider, min(reported_at, desk.now))

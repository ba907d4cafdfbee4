"""What stops a notice: the end of what it tells, the end of its order, the erasure of its customer.

These are folded into the outbox when they come, so that whatever still waits there may be told. What is under way
can't be called back: it is marked, and ends so if it turns out not to have been taken.
"""

import msgspec

from schemas.outputs import Outcome, Reason
from schemas.times import Micros
from streams.operators.sending import addresses, outcome, storm
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import REMEMBERED, Closed, Notice, Settled
from streams.policy.verdict import Verdict

RESOLVED = Verdict(Outcome.SETTLED, Reason.RESOLVED)
ORDER_CLOSED = Verdict(Outcome.SETTLED, Reason.ORDER_CLOSED)


def known(desk: Desk, notice: Notice) -> Verdict | None:
    """What had already stopped a notice when it came. A cancellation is told although it closes its order.

    A stall is found when nothing newer is known, so what was settled before is another one, be it of the same instant.
    """
    box = desk.box
    if any(c.order_id == notice.order_id and c.event_id != notice.event_id for c in box.closed):
        return ORDER_CLOSED
    settled = any(s.ends(notice.subject, notice.occurred_at, notice.event_id) for s in box.settles)
    if settled and notice.kind != "shipment_stalled":
        return RESOLVED
    return outcome.ERASED if box.erased_until > desk.now else None


def close_order(desk: Desk, order_id: str, event_id: str) -> None:
    """A settle of kind ``*``: the order is over, and all that it had pending, whatever occurred when."""
    others = (c for c in desk.box.closed if (c.order_id, c.event_id) != (order_id, event_id))
    desk.box.closed = (*others, Closed(order_id, event_id, desk.now + REMEMBERED))
    for notice in desk.box.notices:
        if notice.order_id == order_id and notice.event_id != event_id:
            stop(desk, notice, ORDER_CLOSED)


def settle_subject(desk: Desk, subject: str, before: Micros, event_id: str) -> None:
    """A settle of one subject by an event: what occurred at or before that moment is over."""
    settled = Settled(subject, before, desk.now + REMEMBERED, event_id)
    former = [s for s in desk.box.settles if s.subject == subject]
    desk.box.settles = (*(s for s in desk.box.settles if s.subject != subject), max([settled, *former], key=_reach))
    for notice in desk.box.notices:
        if settled.ends(notice.subject, notice.occurred_at, notice.event_id):
            storm.settled(desk, notice)
            stop(desk, notice, RESOLVED)


def _reach(settled: Settled) -> Micros:
    return settled.before


def erase(desk: Desk) -> None:
    """The customer is no more: nothing that waits goes, no number is kept or asked about, and the erasure
    is remembered. What else is of no more use then goes with the turn (``nameless``)."""
    desk.box.erased = True
    desk.box.erased_until = desk.now + REMEMBERED
    desk.box.told = ()
    desk.box.done = tuple(once for once in desk.box.done if not addresses.names_one(once))
    for notice in desk.box.notices:
        stop(desk, notice, outcome.ERASED)
    for notification in desk.box.notifications:
        desk.box.keep(msgspec.structs.replace(notification, address=None))


def stop(desk: Desk, notice: Notice, verdict: Verdict) -> None:
    """Ends a notice with ``verdict`` for every contact, where nothing under way turns out to have been taken."""
    if not notice.planned:
        outcome.end_unplanned(desk, notice, verdict)
        return
    notice = desk.change(notice, plans=())
    for notification in desk.box.of(notice):
        outcome.halt(desk, notification, notice, verdict)
    outcome.close_notices(desk)

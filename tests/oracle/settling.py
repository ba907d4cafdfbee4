"""Whether a settle was written wherever a notice of its subject had been, and nowhere without a reason.

A closing event writes one of kind ``*``. That a second one of the same order does so, too, is not asked for: whether a
repeated cancellation may end the notice of the first, the contract does not say.
"""

from collections import defaultdict
from collections.abc import Iterator

from schemas.logistics import ShipmentDelivered, ShipmentReturned
from schemas.outputs import Command
from schemas.times import DAY, Micros, micros
from tests.oracle.calm import Calm
from tests.oracle.defects import Defects
from tests.oracle.detection import Known
from tests.oracle.evidence import Evidence
from tests.oracle.outputs import Notice, Outputs
from tests.oracle.shipments import Shipment
from tests.oracle.terms import GOOD_NEWS, Terms

REMEMBERED: Micros = 6 * DAY
"""That something was asked for is known for so long at least."""


def judge(evidence: Evidence, terms: Terms, calm: Calm, known: Known, out: Outputs, defects: Defects) -> None:
    """Judges all settle commands."""
    written: dict[tuple[str, str, str], list[tuple[Command, Micros]]] = defaultdict(list)
    for command, at in out.settles:
        written[command.event_id, command.audience, command.customer_id].append((command, at))
    reasons: dict[str, tuple[str, Micros | None]] = {}

    def expect(
        event_id: str, customer_id: str, kinds: set[str], at: Micros, subject: str, audience: str = "buyer"
    ) -> None:
        by = calm.deadline(at, terms.slack)
        mine = [when for command, when in written.get((event_id, audience, customer_id), ()) if command.kind in kinds]
        if not mine and by < evidence.ended_at:
            defects.add("lost", subject, f"no settle was written for event {event_id}", published=at)
        elif mine and min(mine) > by:
            defects.add("late", subject, f"the settle of event {event_id}", published=at, by=by, written=min(mine))

    for order_id, order in known.orders.items():
        for settling in order.settlings:
            event, at = settling.heard.event, settling.heard.record.at
            reasons[event.event_id] = order_id, settling.heard.occurred
            if settling.closes and settling.heard is not order.closings[0]:
                continue
            for exception in settling.ends:
                if at < exception.heard.record.at + REMEMBERED:
                    kinds, audience = {exception.kind, "*"}, exception.audience
                    expect(event.event_id, exception.customer_id, kinds, at, order_id, audience)
            if settling.closes:
                expect(event.event_id, event.customer_id, {"*"}, at, order_id)
    stalls = _stalls(out)
    for tracking_no, shipment in known.shipments.items():
        for update in shipment.updates:
            event_id = update.heard.event.event_id
            reasons[event_id] = tracking_no, None
            over = update.over_by
            if over is not None:
                for notice in stalls.get((tracking_no, event_id), ()):
                    customer_id = notice.command.customer_id
                    at = max(over.record.at, notice.at)
                    expect(over.event.event_id, customer_id, {"shipment_stalled", "*"}, at, tracking_no)
        for notice, by_event, at in _no_longer_true(tracking_no, shipment, out):
            customer_id = notice.command.customer_id
            expect(by_event, customer_id, {"shipment_resumed", "*"}, max(at, notice.at), tracking_no)
    consignors = {(n.command.order_id, n.command.customer_id) for n in _to_consignors(out)}
    for command, at in out.settles:
        if command.audience == "consignor" and (command.order_id, command.customer_id) not in consignors:
            what = f"a settle for event {command.event_id}, for a consignor who was told nothing of the order"
            defects.add("unexplained", command.subject, what, at=at)
        of, before = reasons.get(command.event_id, (None, None))
        if of not in (command.order_id, command.tracking_no) or of is None:
            what = f"a settle for event {command.event_id}, which settles nothing there"
            defects.add("unexplained", command.subject, what, at=at)
        elif command.settles_before is None or (
            before is not None and micros(command.settles_before) != before - (command.kind in GOOD_NEWS.values())
        ):
            defects.add("unexplained", command.subject, "a settle with another time than its event's", at=at)


def _no_longer_true(tracking_no: str, shipment: Shipment, out: Outputs) -> Iterator[tuple[Notice, str, Micros]]:
    """The good news of a shipment that its next stall, or its end, has overtaken: by which event, and when."""
    updates = [update.heard for update in shipment.updates]
    ends = [heard for heard in updates if isinstance(heard.event, ShipmentDelivered | ShipmentReturned)]
    mine = sorted((n for n in out.notices.values() if n.command.tracking_no == tracking_no), key=lambda n: n.at)
    stalls = [notice for notice in mine if notice.command.kind == "shipment_stalled"]
    for notice in mine:
        if notice.command.kind != "shipment_resumed":
            continue
        if again := next((stall for stall in stalls if stall.at > notice.at), None):
            yield notice, again.command.event_id, again.at
        elif ends:
            yield notice, ends[0].event.event_id, ends[0].record.at


def _to_consignors(out: Outputs) -> Iterator[Notice]:
    return (notice for notice in out.notices.values() if notice.command.audience == "consignor")


def _stalls(out: Outputs) -> dict[tuple[str, str], list[Notice]]:
    stalls: dict[tuple[str, str], list[Notice]] = defaultdict(list)
    for notice in out.notices.values():
        command = notice.command
        if command.kind == "shipment_stalled" and command.tracking_no is not None:
            stalls[command.tracking_no, command.event_id].append(notice)
    return stalls

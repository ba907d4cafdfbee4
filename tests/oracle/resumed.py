"""Whether a parcel that was told to be silent is told to move again: once, when it does, and while that is so."""

from collections.abc import Iterator, Sequence

from schemas.logistics import ShipmentDelivered, ShipmentDispatched, ShipmentReturned, ShipmentScanned
from schemas.times import Micros
from tests.oracle.calm import Calm
from tests.oracle.defects import Defects
from tests.oracle.evidence import Evidence
from tests.oracle.outputs import Notice
from tests.oracle.shipments import Shipment, Update
from tests.oracle.stalls import Stalls
from tests.oracle.terms import Terms

_KIND = "shipment_resumed"


class Resumed:
    """``calm`` is that of workers and Kafka."""

    def __init__(self, evidence: Evidence, terms: Terms, calm: Calm, stalls: Stalls, defects: Defects) -> None:
        self._ended_at = evidence.ended_at
        self._terms = terms
        self._calm = calm
        self._stalls = stalls
        self._defects = defects

    def judge(
        self,
        tracking_no: str,
        shipment: Shipment,
        stalled: Sequence[list[Notice]],
        moves: Sequence[list[Notice]],
    ) -> Iterator[tuple[Notice, list[tuple[Micros, bool]]]]:
        """Judges what was told of the updates by what was told of the silences; yields it with what may end it."""
        owed: Notice | None = None
        for update, silence, told in zip(shipment.updates, stalled, moves, strict=True):
            ends = isinstance(update.heard.event, ShipmentDelivered | ShipmentReturned)
            if ends:
                owed = None
            if not shipment.adrift:
                self._judge(tracking_no, shipment, update, owed, told)
            for notice in told:
                yield notice, self._settles(shipment, stalled, update, notice)
            if told:
                owed = None
            owed = silence[0] if silence else owed

    def _judge(
        self, tracking_no: str, shipment: Shipment, update: Update, owed: Notice | None, told: list[Notice]
    ) -> None:
        event, at = update.heard.event, update.heard.record.at
        by = self._calm.deadline(at, self._terms.slack)
        what = f"that it moves again by event {event.event_id}"
        moves = update.newest and isinstance(event, ShipmentScanned | ShipmentDispatched)
        if owed is None or not moves or _KIND not in self._terms.kinds:
            for notice in told:
                self._defects.add("false", tracking_no, what, published=at, commanded=notice.at)
            return
        stale_from = update.counts_from + self._terms.longest_after(shipment.carriers)
        surely = update.counts_from + self._terms.shortest_after(shipment.carriers) > by
        if not told and surely and _of_one_order(shipment) and by < self._ended_at:
            self._defects.add("missed", tracking_no, what, published=at, by=by)
        for again in told[1:]:
            self._defects.add("twice", tracking_no, what, first=told[0].at, again=again.at)
        for notice in told:
            if stale_from <= min(update.heard.record.timestamp, at):
                self._defects.add("false", tracking_no, f"{what}, long ago", published=at, commanded=notice.at)
            if notice.at > by:
                self._defects.add("late", tracking_no, what, published=at, by=by, commanded=notice.at)
            if wrong := self._wrong(shipment, update, owed, notice):
                self._defects.add("unexplained", tracking_no, f"{what}: wrong: {', '.join(wrong)}", at=notice.at)

    def _wrong(self, shipment: Shipment, update: Update, owed: Notice, notice: Notice) -> list[str]:
        command, trouble, rules = notice.command, owed.command, self._terms.kinds[_KIND]
        openings = {max(rules.opening(notice.detected + shift), notice.detected) for shift in (-1, 0)}
        checks = {
            "order_id": command.order_id == trouble.order_id,
            "customer_id": command.customer_id == trouble.customer_id,
            "audience": command.audience == "buyer",
            "urgency": command.urgency == "routine",
            "carrier": command.facts.get("carrier") in shipment.carriers,
            "occurred_at": notice.occurred == update.counts_from,
            "notify_by": notice.notify_by - rules.within in openings,
            "detected_at": notice.detected <= notice.at,
        }
        return [name for name, right in checks.items() if not right]

    def _settles(
        self, shipment: Shipment, stalled: Sequence[list[Notice]], update: Update, notice: Notice
    ) -> list[tuple[Micros, bool]]:
        later = [u.heard for u in shipment.updates if u.heard.record.offset > update.heard.record.offset]
        ends = [h.record.at for h in later if isinstance(h.event, ShipmentDelivered | ShipmentReturned)]
        again = [stall.at for told in stalled for stall in told if stall.at >= notice.at]
        return [*((at, True) for at in ends[:1]), *((at, False) for at in again), *self._stalls.closings(notice)]


def _of_one_order(shipment: Shipment) -> bool:
    return len({(heard.event.order_id, heard.event.customer_id) for heard in shipment.dispatches}) == 1

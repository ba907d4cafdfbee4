"""Whether silence was told when, and only when, the carrier was silent."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from schemas.times import DAY, Micros
from tests.oracle.calm import Calm
from tests.oracle.defects import Defects
from tests.oracle.evidence import Evidence
from tests.oracle.orders import Order
from tests.oracle.outputs import Notice
from tests.oracle.shipments import FORGOTTEN, Shipment, Update
from tests.oracle.terms import Terms

REMEMBERED: Micros = 30 * DAY
"""A closed order is known for so long."""


class Stalls:
    """``calm`` is that of workers and Kafka: a vendor delays no detection."""

    def __init__(
        self, evidence: Evidence, terms: Terms, calm: Calm, orders: dict[str, Order], defects: Defects
    ) -> None:
        self._ended_at = evidence.ended_at
        self._terms = terms
        self._calm = calm
        self._orders = orders
        self._defects = defects
        self._stamps = _Stamps(evidence)

    def judge(
        self, tracking_no: str, shipment: Shipment, asked: Sequence[list[Notice]]
    ) -> Iterator[tuple[Notice, list[tuple[Micros, bool]]]]:
        """Judges what was asked for after each update; yields it with what may end it."""
        for update, notices in zip(shipment.updates, asked, strict=True):
            if not notices:
                self._expect(tracking_no, shipment, update)
            for again in notices[1:]:
                self._defects.add("twice", tracking_no, _after(update), first=notices[0].at, again=again.at)
            for notice in notices:
                self._check(tracking_no, shipment, update, notice)
                yield notice, self._settles(update, notice)

    def _expect(self, tracking_no: str, shipment: Shipment, update: Update) -> None:
        due = shipment.due(update, self._terms)
        if shipment.adrift or due is None or not update.newest or due >= update.counts_from + FORGOTTEN:
            return
        by = self._calm.deadline(due, self._terms.slack)
        if by < self._ended_at and (update.over_at is None or update.over_at > by):
            self._defects.add("missed", tracking_no, _after(update), due=due, by=by, next_update=update.over_at)

    def _check(self, tracking_no: str, shipment: Shipment, update: Update, notice: Notice) -> None:
        times = {"last_update": update.counts_from, "detected": notice.detected, "commanded": notice.at}
        if shipment.adrift:
            return
        if not (update.newest or update.doubtful):
            self._defects.add("false", tracking_no, f"{_after(update)}, which was not the last", **times)
        elif notice.detected < update.counts_from + self._terms.shortest_after(shipment.carriers):
            self._defects.add("false", tracking_no, f"{_after(update)}, too early", **times)
        elif self._refuted(update, notice):
            self._defects.add("false", tracking_no, _after(update), **times, next_update=update.over_at)
        due = shipment.due(update, self._terms)
        if due is not None and notice.at > (by := self._calm.deadline(due, self._terms.slack)):
            self._defects.add("late", tracking_no, _after(update), due=due, by=by, commanded=notice.at)
        if wrong := self._wrong(shipment, update, notice):
            what = f"{_after(update)}: wrong in its command: {', '.join(wrong)}"
            self._defects.add("unexplained", tracking_no, what, commanded=notice.at)

    def _refuted(self, update: Update, notice: Notice) -> bool:
        """Whether something newer had come, and must have been seen, when the partition's clock stood at detection."""
        over = update.over_by
        if over is None or over.record.at >= notice.detected - self._terms.slack:
            return False
        # A record may be dated later than it came. Where one was read before the newer update, the clock may stand
        # at its time, and the newer update still be unread.
        return self._stamps.newest_before(over.record.partition, over.record.offset) < notice.detected

    def _wrong(self, shipment: Shipment, update: Update, notice: Notice) -> list[str]:
        command, rules = notice.command, self._terms.kinds["shipment_stalled"]
        causes = shipment.causes(update)
        cause = command.facts.get("cause")
        dispatches = [d.event for d in shipment.dispatches]
        openings = {rules.opening(notice.detected + shift) for shift in (-1, 0)}
        checks = {
            "order_id": any(d.order_id == command.order_id for d in dispatches),
            "customer_id": any(d.customer_id == command.customer_id for d in dispatches),
            "carrier": command.facts.get("carrier") in shipment.carriers,
            "audience": command.audience == "buyer",
            "notify_by": notice.notify_by in {max(o, notice.detected) + rules.within for o in openings},
            "detected_at": notice.detected <= notice.at,
            "cause": cause in causes,
        }
        return [name for name, right in checks.items() if not right]

    def _settles(self, update: Update, notice: Notice) -> list[tuple[Micros, bool]]:
        settles = [(at, False) for at in update.older or ()]
        if update.over_at is not None:
            settles.append((update.over_at, True))
        return settles + self.closings(notice)

    def closings(self, notice: Notice) -> list[tuple[Micros, bool]]:
        """The ends of the notice's order: when each was published, and whether it surely ends the notice."""
        settles = list[tuple[Micros, bool]]()
        order = self._orders.get(notice.command.order_id)
        for heard in order.closings if order else ():
            at = heard.record.at
            known = self._calm.deadline(at, 2 * self._terms.slack) <= notice.at < at + REMEMBERED
            same = heard.event.customer_id == notice.command.customer_id
            settles.append((at, same and (known or (at >= notice.at and heard.occurred >= notice.occurred))))
        return settles


class _Stamps:
    """The newest timestamp in a partition of ``logistics`` up to some offset."""

    def __init__(self, evidence: Evidence) -> None:
        self._records = [r for r in evidence.published if r.topic == "logistics"]
        self._newest: dict[int, tuple[list[int], list[Micros]]] | None = None

    def newest_before(self, partition: int, offset: int) -> Micros:
        """Of the records before ``offset``; 0 if there are none."""
        if self._newest is None:
            self._newest = {}
            for record in self._records:
                offsets, newest = self._newest.setdefault(record.partition, ([], []))
                offsets.append(record.offset)
                newest.append(max(record.timestamp, newest[-1] if newest else 0))
        offsets, newest = self._newest[partition]
        index = bisect_right(offsets, offset - 1)
        return newest[index - 1] if index else 0


def _after(update: Update) -> str:
    return f"silence after event {update.heard.event.event_id}"

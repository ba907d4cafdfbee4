"""Whether what was detected is what happened: orders exactly, silences within what the clocks leave open."""

from collections import defaultdict
from typing import NamedTuple

from schemas.outputs import Command, Decision
from schemas.times import Micros
from tests.oracle.calm import Calm
from tests.oracle.case import Case
from tests.oracle.defects import Defects
from tests.oracle.evidence import Evidence
from tests.oracle.orders import DUPLICATE, Mishap, Order
from tests.oracle.outputs import Decided, Notice, Outputs
from tests.oracle.resumed import Resumed
from tests.oracle.shipments import Shipment
from tests.oracle.stalls import Stalls
from tests.oracle.terms import GOOD_NEWS, KINDS, Terms
from tests.oracle.upstream import Upstream


class Known(NamedTuple):
    """What upstream told, in the partitions' order."""

    orders: dict[str, Order]
    shipments: dict[str, Shipment]


def known(upstream: Upstream, terms: Terms) -> Known:
    """Takes every event."""
    orders: dict[str, Order] = {}
    for order_id, events in upstream.orders.items():
        order = orders[order_id] = Order(terms)
        for heard in events:
            order.take(heard)
    shipments: dict[str, Shipment] = {}
    for tracking_no, events in upstream.logistics.items():
        shipment = shipments[tracking_no] = Shipment()
        for heard in events:
            shipment.take(heard)
    return Known(orders, shipments)


class Detection:
    """Judges commands and the detecting agents' decisions. ``calm`` is that of workers and Kafka."""

    def __init__(
        self, evidence: Evidence, terms: Terms, calm: Calm, known: Known, out: Outputs, defects: Defects
    ) -> None:
        self._evidence = evidence
        self._terms = terms
        self._calm = calm
        self._known = known
        self._out = out
        self._defects = defects
        self._notices: dict[tuple[str, str], list[Notice]] = defaultdict(list)
        for notice in out.notices.values():
            self._notices[notice.command.event_id, notice.command.kind].append(notice)
        self._decided: dict[tuple[str, str], list[Decided]] = defaultdict(list)
        for decided in out.decided.values():
            if decided.decision.command_id not in out.notices:
                self._decided[decided.decision.event_id, decided.decision.kind].append(decided)

    def cases(self) -> list[Case]:
        """All that the sender was asked for, judged as far as detection goes."""
        cases: list[Case] = []
        for order in self._known.orders.values():
            for exception in order.exceptions:
                notices, decided = self._of_order(exception)
                self._judge(exception, notices, decided)
                cases += [self._case(notice, exception.settles) for notice in notices]
        stalls = Stalls(self._evidence, self._terms, self._calm, self._known.orders, self._defects)
        resumed = Resumed(self._evidence, self._terms, self._calm, stalls, self._defects)
        for tracking_no, shipment in self._known.shipments.items():
            stalled, moves = (
                [self._pop(tracking_no, update.heard.event.event_id, kind) for update in shipment.updates]
                for kind in ("shipment_stalled", "shipment_resumed")
            )
            asked = stalls.judge(tracking_no, shipment, stalled)
            news = resumed.judge(tracking_no, shipment, stalled, moves)
            cases += [self._case(notice, settles) for notice, settles in (*asked, *news)]
        self._unasked(cases)
        return cases

    def _of_order(self, exception: Mishap) -> tuple[list[Notice], list[Decided]]:
        event = exception.heard.event
        key = event.event_id, exception.kind
        mine = [n for n in self._notices.get(key, ()) if _is_of(n.command, exception)]
        decided = [d for d in self._decided.get(key, ()) if _is_of(d.decision, exception)]
        for notice in mine:
            self._notices[key].remove(notice)
        for decision in decided:
            self._decided[key].remove(decision)
        return mine, decided

    def _pop(self, tracking_no: str, event_id: str, kind: str) -> list[Notice]:
        key = event_id, kind
        mine = [n for n in self._notices.get(key, ()) if n.command.tracking_no == tracking_no]
        for notice in mine:
            self._notices[key].remove(notice)
        return mine

    def _judge(self, exception: Mishap, notices: list[Notice], decided: list[Decided]) -> None:
        event, at = exception.heard.event, exception.heard.record.at
        subject = f"{event.order_id} {exception.kind} {exception.audience}"
        by = self._calm.deadline(at, self._terms.slack)
        if len(notices) + len(decided) > 1:
            self._defects.add("twice", subject, f"event {event.event_id} was judged more than once", published=at)
        if not notices and not decided:
            if exception.sure and by < self._evidence.ended_at:
                self._defects.add("lost", subject, f"event {event.event_id} has no outcome", published=at)
            return
        for judged in [*(notice.at for notice in notices), *(decision.at for decision in decided)]:
            if judged > by:
                what = f"event {event.event_id} was judged late"
                self._defects.add("late", subject, what, published=at, by=by, judged=judged)
        for notice in notices:
            if not exception.told:
                what = f"event {event.event_id} is to be told, and should be {_words(exception)}"
                repeated = DUPLICATE in exception.verdicts
                self._defects.add("twice" if repeated else "false", subject, what, published=at, commanded=notice.at)
            self._check(notice, exception)
        for decision in decided:
            verdict = decision.decision.outcome.value, decision.decision.reason.value
            if verdict not in exception.verdicts:
                what = f"event {event.event_id} was found {'/'.join(verdict)}, and should be {_words(exception)}"
                times = {"published": at, "decided": decision.at}
                self._defects.add("missed" if exception.told else "unexplained", subject, what, **times)
            if decision.decision.customer_id != exception.customer_id:
                self._defects.add("unexplained", subject, "decided for another customer", decided=decision.at)

    def _check(self, notice: Notice, exception: Mishap) -> None:
        command, heard, rules = notice.command, exception.heard, self._terms.kinds[exception.kind]
        openings = {max(rules.opening(notice.detected + shift), notice.detected) for shift in (-1, 0)}
        sku = getattr(heard.event, "sku", None)
        wrong = [
            name
            for name, right in (
                ("customer_id", command.customer_id == exception.customer_id),
                ("occurred_at", notice.occurred == heard.occurred),
                ("urgency", command.urgency == ("routine" if exception.kind in GOOD_NEWS.values() else "urgent")),
                ("notify_by", notice.notify_by - rules.within in openings),
                ("detected_at", notice.detected <= notice.at),
                ("facts", sku is None or command.facts.get("sku") == sku),
            )
            if not right
        ]
        if wrong:
            what = f"wrong in its command: {', '.join(wrong)}"
            self._defects.add("unexplained", command.command_id, what, commanded=notice.at)

    def _case(self, notice: Notice, settles: list[tuple[Micros, bool]]) -> Case:
        kind = self._terms.kinds.get(notice.command.kind) or KINDS[notice.command.kind]
        return Case(notice, settles, self._out.decided.get(notice.command.command_id), kind)

    def _unasked(self, cases: list[Case]) -> None:
        """What stands for nothing that happened."""
        for notices in self._notices.values():
            for notice in notices:
                command = notice.command
                what = f"{command.kind} from event {command.event_id}, of which nothing was to be told"
                self._defects.add("false", command.command_id, what, commanded=notice.at)
                cases.append(self._case(notice, []))
        for decisions in self._decided.values():
            for decided in decisions:
                what = f"decided for event {decided.decision.event_id}, and nothing asked for it"
                self._defects.add("unexplained", decided.decision.command_id, what, decided=decided.at)


def _is_of(asked: Command | Decision, exception: Mishap) -> bool:
    """Whether it tells or ends the exception for whom it is judged. An order has one buyer, whoever is named."""
    return (
        asked.order_id == exception.heard.event.order_id
        and asked.audience == exception.audience
        and (asked.audience == "buyer" or asked.customer_id == exception.customer_id)
    )


def _words(exception: Mishap) -> str:
    return " or ".join(sorted(v if isinstance(v, str) else "/".join(v) for v in exception.verdicts))

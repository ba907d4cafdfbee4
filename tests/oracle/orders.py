"""What the events of one order come to, taken in their partition's order.

An exception is told, a repeat of one that was told, over before it came, or of an order that is closed. Where the
contract leaves it open which, each is allowed. It is judged apart for the buyer and for each consignor. Goods that are
back are good news where the shortage was told and nothing else ends it; goods that are short once more end that.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from schemas.orders import (
    AddressCorrected,
    AddressUndeliverable,
    OrderCancelled,
    OrderCompleted,
    OrderPaid,
    OrderPlaced,
    PaymentFailed,
    StockReplenished,
    StockShortage,
)
from schemas.times import Micros
from tests.oracle.terms import GOOD_NEWS, Terms
from tests.oracle.upstream import Heard

TOLD = "told"
DUPLICATE = ("duplicate", "repeated")
RESOLVED = ("settled", "resolved")
ORDER_CLOSED = ("settled", "order_closed")
Verdict = str | tuple[str, str]

Subject = tuple[str, str]
"""Kind, and sku of a shortage."""


@dataclass(slots=True)
class Mishap:
    """Something went wrong, as far as the order's own events tell; ``customer_id`` is to hear of it as the buyer or
    as a consignor. ``settles``: what came after it and ends it.

    Each of those is when it was published and whether it surely ends it. ``sure``: it has an outcome at all. Of whose
    goods an order was that is over need not be known.
    """

    heard: Heard
    kind: str
    subject: Subject
    audience: str
    customer_id: str
    verdicts: frozenset[Verdict]
    sure: bool = True
    settles: list[tuple[Micros, bool]] = field(default_factory=list)

    @property
    def told(self) -> bool:
        """Whether it was to be told."""
        return TOLD in self.verdicts


@dataclass(slots=True)
class Settling:
    """An event that ends what went wrong. ``ends``: what it is the first to end surely."""

    heard: Heard
    closes: bool
    ends: list[Mishap]


class Order:
    """Takes the events of one order, and knows what is to be made of them."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._seen: set[str] = set()
        self._settled: dict[Subject, Micros] = {}
        self._opened: dict[tuple[Subject, str], Micros] = {}
        """By the subject and the consignor, who is nobody for the buyer."""
        self._placed: Heard | None = None
        self.closings: list[Heard] = []
        self.exceptions: list[Mishap] = []
        self.settlings: list[Settling] = []

    def take(self, heard: Heard) -> None:
        """The next event of the order. One that came before is nothing."""
        event = heard.event
        if event.event_id in self._seen:
            return
        self._seen.add(event.event_id)
        if isinstance(event, OrderPlaced) and (self._placed is None or _age(heard) > _age(self._placed)):
            self._placed = heard
        subject = _goes_wrong(event)
        if subject is not None:
            self._judge(heard, subject, "buyer", event.customer_id)
            for consignor in self._consignors(event):
                self._judge(heard, subject, "consignor", consignor)
        elif (ends := _comes_right(event)) is not None:
            self._settle(heard, ends)
        if isinstance(event, OrderCancelled | OrderCompleted):
            self._close(heard)

    def _consignors(self, event: Any) -> list[str]:
        """Whose goods are concerned: the event says so, or the newest placing of the order does."""
        if getattr(event, "consignor_id", None):
            return [event.consignor_id]
        items = [item for item in (self._placed.event.items if self._placed else ()) if item.consignor_id]
        match event:
            case StockShortage():
                return [item.consignor_id for item in items if item.sku == event.sku][:1]
            case OrderCancelled():
                return list(dict.fromkeys(item.consignor_id for item in items))
        return []

    def _judge(self, heard: Heard, subject: Subject, audience: str, customer_id: str) -> None:
        opens = subject, customer_id if audience == "consignor" else ""
        verdicts = self._verdicts(heard.occurred, *opens)
        sure = audience == "buyer" or not self.closings or getattr(heard.event, "consignor_id", None) is not None
        exception = Mishap(heard, subject[0], subject, audience, customer_id, verdicts, sure)
        self.exceptions.append(exception)
        if exception.told:
            self._opened[opens] = max(heard.occurred, self._opened.get(opens, heard.occurred))
            news = GOOD_NEWS.get(subject[0], ""), subject[1]
            if audience == "buyer" and self._opened.pop((news, ""), None) is not None:
                self._end(heard, [e for e in self._asked_for() if e.subject == news], closes=False)

    def _verdicts(self, occurred: Micros, subject: Subject, consignor: str) -> frozenset[Verdict]:
        if self.closings:
            return frozenset({ORDER_CLOSED})
        window = self._terms.kinds[subject[0]].repeat_window
        opened = self._opened.get((subject, consignor))
        repeated = opened is not None and abs(occurred - opened) < window
        settled = self._settled.get(subject)
        if settled is not None and occurred <= settled:
            return frozenset({RESOLVED, DUPLICATE}) if repeated else frozenset({RESOLVED})
        return frozenset({DUPLICATE}) if repeated else frozenset({TOLD})

    def _settle(self, heard: Heard, subject: Subject) -> None:
        at = heard.occurred
        opened = self._opened.get((subject, ""))
        back = opened is not None and opened <= at and not self.closings
        self._settled[subject] = max(at, self._settled.get(subject, at))
        self._opened = {opens: since for opens, since in self._opened.items() if opens[0] != subject or since > at}
        over = [e for e in self._asked_for() if e.subject == subject and e.heard.occurred <= at]
        self._end(heard, over, closes=False)
        news = GOOD_NEWS.get(subject[0], ""), subject[1]
        if back and news[0] in self._terms.kinds:
            told = frozenset[Verdict]({TOLD})
            self.exceptions.append(Mishap(heard, news[0], news, "buyer", heard.event.customer_id, told))
            self._opened[news, ""] = at

    def _close(self, heard: Heard) -> None:
        self.closings.append(heard)
        others = [e for e in self._asked_for() if e.heard is not heard]
        for exception in others:
            if exception.heard.occurred > heard.occurred or self._may_be_excepted(exception, heard):
                exception.settles.append((heard.record.at, False))
        self._end(
            heard,
            [e for e in others if e.heard.occurred <= heard.occurred and not self._may_be_excepted(e, heard)],
            closes=True,
        )

    @staticmethod
    def _may_be_excepted(exception: Mishap, heard: Heard) -> bool:
        """A cancellation settles everything else: whether that takes in another cancellation is not said."""
        return exception.kind == "order_cancelled" and isinstance(heard.event, OrderCancelled)

    def _end(self, heard: Heard, over: list[Mishap], *, closes: bool) -> None:
        first = [exception for exception in over if not any(surely for _, surely in exception.settles)]
        for exception in over:
            exception.settles.append((heard.record.at, True))
        self.settlings.append(Settling(heard, closes, first))

    def _asked_for(self) -> Iterator[Mishap]:
        return (exception for exception in self.exceptions if exception.told)


def _age(heard: Heard) -> tuple[Micros, str]:
    return heard.occurred, heard.event.event_id


def _goes_wrong(event: Any) -> Subject | None:
    match event:
        case PaymentFailed():
            return "payment_failed", ""
        case StockShortage():
            return "stock_shortage", event.sku
        case AddressUndeliverable():
            return "address_undeliverable", ""
        case OrderCancelled() if event.cancelled_by != "customer":
            return "order_cancelled", ""
    return None


def _comes_right(event: Any) -> Subject | None:
    match event:
        case OrderPaid():
            return "payment_failed", ""
        case StockReplenished():
            return "stock_shortage", event.sku
        case AddressCorrected():
            return "address_undeliverable", ""
    return None

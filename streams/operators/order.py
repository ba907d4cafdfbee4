"""What is known of an order: what was placed, whether it was paid and is over, and what came of its exceptions."""

from collections.abc import Mapping

import msgspec

from schemas.orders import Event, OrderCancelled, OrderCompleted, OrderPaid, OrderPlaced
from schemas.times import DAY, Micros, micros
from streams.operators.repeats import Subject

REMEMBERED: Micros = 30 * DAY
"""How long an order is known after its last news."""
MOST_SEEN = 500
"""How many event ids, and how many subjects, of one order are kept; the oldest leave first."""


class Item(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One line of the order, in so far as it decides or is told."""

    sku: str
    name: str
    consignor_id: str | None = None
    unique: bool | None = None


class Placed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the newest ``order.placed`` says."""

    at: Micros
    event_id: str
    amount: str
    items: tuple[Item, ...]


class Order(msgspec.Struct, array_like=True, gc=False):
    """What is known of an order. ``news_at`` is when an event of it last came; ``closed``: completed or cancelled.

    Of a closed order nothing is told, so what was placed isn't kept.
    """

    news_at: Micros = 0
    seen: tuple[str, ...] = ()
    placed: Placed | None = None
    merchant_id: str | None = None
    paid: bool = False
    closed: bool = False
    subjects: Mapping[str, Subject] = {}

    def learn(self, event: Event, now: Micros) -> None:
        """Takes in what ``event`` says of the order itself."""
        self.news_at = max(self.news_at, now)
        self.seen = (*self.seen, event.event_id)[-MOST_SEEN:]
        self.merchant_id = event.merchant_id or self.merchant_id
        self.paid = self.paid or isinstance(event, OrderPaid)
        if isinstance(event, OrderPlaced) and not self.closed:
            self._place(event)

    def _place(self, event: OrderPlaced) -> None:
        at = micros(event.occurred_at)
        if self.placed is None or (at, event.event_id) > (self.placed.at, self.placed.event_id):
            items = tuple(Item(item.sku, item.name, item.consignor_id, item.unique) for item in event.items)
            self.placed = Placed(at, event.event_id, event.amount, items)

    def close(self) -> None:
        """Ends the order."""
        self.closed = True
        self.placed = None

    def subject(self, name: str) -> Subject:
        """What is known of the exceptions of a subject."""
        return self.subjects.get(name, _NOTHING)

    def remember(self, name: str, subject: Subject) -> None:
        """Puts what is known now of a subject in the place of what was."""
        kept = {other: known for other, known in self.subjects.items() if other != name} | {name: subject}
        self.subjects = dict(list(kept.items())[-MOST_SEEN:])

    def consignors_told(self) -> tuple[str, ...]:
        """The consignors to whom an exception of the order was let through."""
        return tuple(dict.fromkeys(told for subject in self.subjects.values() for told in subject.consignors))

    @property
    def items(self) -> tuple[Item, ...]:
        """The lines of the order, where they are known."""
        return self.placed.items if self.placed else ()

    def item(self, sku: str) -> Item | None:
        """The line of ``sku``, where the order is known."""
        return next((item for item in self.items if item.sku == sku), None)


_NOTHING = Subject()


def closes(event: Event) -> bool:
    """Whether the order is over with ``event``."""
    return isinstance(event, OrderCancelled | OrderCompleted)

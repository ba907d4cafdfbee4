"""Stories of orders: something goes wrong, comes right, goes wrong again, is called off, is heard twice."""

from collections.abc import Callable
from random import Random
from typing import Any

from schemas.times import SECOND
from tests.soak import rules
from tests.soak.acts import Act, Event, Person, Story, order_event

_HOLD = rules.HOLD / SECOND
_REPEATS = rules.REPEATS / SECOND
_CONSIGNORS = (None, None, "c1", "c2", "c3")
"""Customers have goods of their own sold, too."""
_MATTERS = (
    ("payment.failed", "order.paid"),
    ("stock.shortage", "stock.replenished"),
    ("address.undeliverable", "address.corrected"),
)


class Order:
    """One order of ``person``, whose events gather in ``story``."""

    def __init__(self, random: Random, order_id: str, person: Person, story: Story) -> None:
        self.random = random
        self.id = order_id
        self.story = story
        self._person = person

    def tell(self, after: float, kind: str, *, ago: float = 0, **more: Any) -> Event:
        """Something becomes of it."""
        fields = (_FIELDS[kind](self.random) if kind in _FIELDS else {}) | more
        event = order_event(self.random, kind, self.id, self._person.customer_id, ago=ago, **fields)
        self.story.append(Act(after, event))
        return event

    def settled(self, after: float) -> float:
        """A moment after an exception at which it may come right: in its hold, at its end, or once it was told."""
        random = self.random
        waits = random.choice(
            (random.uniform(0, _HOLD), random.uniform(_HOLD - 0.2, _HOLD + 0.3), 3 + 20 * random.random())
        )
        return after + waits


def order_story(random: Random, order_id: str, person: Person) -> Story:
    """What becomes of one order."""
    order = Order(random, order_id, person, [])
    order.tell(0, "order.placed")
    begins = random.uniform(0, 3)
    random.choices(list(_PLOTS), list(_PLOTS.values()))[0](order, begins)
    if random.random() < 0.1:  # heard twice
        act = random.choice(order.story)
        order.story.append(act._replace(after=act.after + random.choice((0, 2, 70)) * random.random()))
    return order.story


def _all_is_well(order: Order, at: float) -> None:
    order.tell(at, "order.paid")
    order.tell(at + 5, "order.completed")


def _once(order: Order, at: float) -> None:
    fails, settles = order.random.choice(_MATTERS)
    order.tell(at, fails)
    match order.random.randrange(6):
        case 0 | 1:
            order.tell(order.settled(at), settles)
        case 2:
            order.tell(at - 0.5 * order.random.random(), settles, ago=-1)  # it overtakes what it settles
        case 3:
            order.tell(order.settled(at), order.random.choice(("order.completed", "order.cancelled")))


def _again(order: Order, at: float) -> None:
    fails, settles = order.random.choice(_MATTERS)
    order.tell(at, fails, sku="s1")
    for _ in range(order.random.randint(1, 3)):
        at += order.random.choice((1, 10, _REPEATS - 1, _REPEATS + 1, _REPEATS + 10)) * order.random.uniform(0.9, 1)
        order.tell(at, fails, sku="s1", ago=order.random.choice((0, 0, 0.5)))
        if order.random.random() < 0.3:
            order.tell(order.settled(at), settles, sku="s1")


def _called_off(order: Order, at: float) -> None:
    if order.random.random() < 0.5:
        order.tell(at, order.random.choice(_MATTERS)[0])
    order.tell(at + order.random.choice((0, 0.5, 4)), "order.cancelled")
    if order.random.random() < 0.3:
        order.tell(at + 8, order.random.choice(_MATTERS)[0])


def _everything(order: Order, at: float) -> None:
    for _ in range(order.random.randint(3, 6)):
        fails, settles = order.random.choice(_MATTERS)
        order.tell(at + order.random.uniform(0, 6), order.random.choice((fails, fails, settles)))


_PLOTS: dict[Callable[[Order, float], None], int] = {
    _all_is_well: 2,
    _once: 12,
    _again: 5,
    _called_off: 4,
    _everything: 2,
}


def _placed(random: Random) -> dict[str, Any]:
    items = [
        {"sku": sku, "name": "风衣", "quantity": 1, "unit_price": "88.00", "consignor_id": random.choice(_CONSIGNORS)}
        for sku in ("s1", "s2")
    ]
    return {"items": items, "amount": f"{random.randint(10, 9000)}.00"}


def _shortage(random: Random) -> dict[str, Any]:
    return {"sku": random.choice(("s1", "s2")), "name": "风衣", "restock_at": random.choice((None, "2030-01-02"))}


def _cancelled(random: Random) -> dict[str, Any]:
    by = random.choice(("merchant", "system", "merchant", "customer"))
    return {
        "cancelled_by": by,
        "reason": "库存核对有误",
        "amount": "88.00",
        "refund_days": random.choice((None, 3, "3-5")),
    }


_FIELDS: dict[str, Callable[[Random], dict[str, Any]]] = {
    "order.placed": _placed,
    "payment.failed": lambda random: {"reason": random.choice(("insufficient_funds", "card_error", "other", "无此词"))},
    "stock.shortage": _shortage,
    "stock.replenished": lambda random: {"sku": random.choice(("s1", "s2"))},
    "address.undeliverable": lambda random: {"address": "某街一号"},
    "address.corrected": lambda random: {"address": "某街二号"},
    "order.cancelled": _cancelled,
}

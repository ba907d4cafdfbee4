"""One order: what can go wrong with it, and what its events say."""

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros
from tests.simulation.plan import Publish
from tests.simulation.stories import words
from tests.simulation.stories.moments import written
from tests.simulation.stories.people import Person
from tests.simulation.stories.teller import Teller


class Matter(NamedTuple):
    """What can go wrong with an order, what ends it, for how long it counts as the same, and how long it is held."""

    fails: str
    ends: str
    window: Micros
    hold: Micros


PAYMENT = Matter("payment.failed", "order.paid", HOUR, 90 * SECOND)
SHORTAGE = Matter("stock.shortage", "stock.replenished", DAY, 5 * SECOND)
ADDRESS = Matter("address.undeliverable", "address.corrected", DAY, 5 * SECOND)
CANCELLED = Matter("order.cancelled", "order.completed", DAY, 5 * SECOND)
MATTERS = (PAYMENT, PAYMENT, SHORTAGE, SHORTAGE, ADDRESS)


class Order:
    """One order of ``person``, in the words of ``teller``."""

    def __init__(self, teller: Teller, person: Person, suffix: str = "") -> None:
        self.teller = teller
        self.person = person
        self.id = _order_id(teller.random, f"{teller.name}{suffix}")
        self.sku = "S1"

    @property
    def consignor(self) -> str:
        """Whose goods are sold, which may be the buyer's own."""
        random = self.teller.random
        other = random.choice(self.teller.scene.consignors).customer_id
        return self.person.customer_id if random.random() < 0.1 else other

    def tell(self, kind: str, at: Micros, occurred: Micros | None = None, **fields: Any) -> Publish:
        """An event of the order, with some of the fields that it may have."""
        return self.teller.order(
            kind, at, self.id, self.person.customer_id, occurred, **(self.fields(kind, at) | fields)
        )

    def fields(self, kind: str, at: Micros) -> dict[str, Any]:
        """What such an event says beside what all say."""
        return _FIELDS[kind](self, at) if kind in _FIELDS else {}


def _order_id(random: Random, name: str) -> str:
    match random.randrange(8):
        case 0:
            return f"{name}-{'ZX09' * 16}"[:64]  # the longest
        case 1:
            return f"20251125-{name}_SH"
        case _:
            return f"A-{name}"


def _some(random: Random, fields: dict[str, Any]) -> dict[str, Any]:
    """Some of the fields that may be there; one that is not is absent or null."""
    if random.random() < 0.4:
        return {}
    return {name: value for name, value in fields.items() if random.random() < 0.6}


def _placed(order: Order, at: Micros) -> dict[str, Any]:
    random = order.teller.random
    items = [
        {"sku": sku, "name": words.goods(random), "quantity": random.choice((1, 1, 2, 0)), "unit_price": "88.00"}
        | _some(random, {"consignor_id": order.consignor, "category": "女装", "unique": True})
        for sku in ("S1", "S2")[: random.choice((1, 1, 2, 0))]
    ]
    return {"items": items, "amount": words.money(random)}


def _payment(order: Order, at: Micros) -> dict[str, Any]:
    random = order.teller.random
    return {"reason": random.choice(("insufficient_funds", "card_error", "other", "三方通道异常"))} | _some(
        random,
        {"reason_text": words.sentence(random), "pay_by": written(random, at + random.choice((-HOUR, MINUTE, DAY)))},
    )


def _shortage(order: Order, at: Micros) -> dict[str, Any]:
    random = order.teller.random
    return {"sku": order.sku, "name": words.goods(random)} | _some(
        random,
        {
            "restock_at": random.choice(("2025-12-01", written(random, at + 3 * DAY), None)),
            "unique": random.choice((True, False, None)),
            "consignor_id": order.consignor,
            "alternatives": [{"sku": "S8", "name": words.goods(random)}] * random.choice((0, 1, 3)),
        },
    )


def _cancelled(order: Order, at: Micros) -> dict[str, Any]:
    random = order.teller.random
    by = random.choice(("merchant", "system", "customer"))
    return {"cancelled_by": by, "reason": _reason(order)} | _some(
        random,
        {
            "amount": words.money(random),
            "refund_days": random.choice((3, "3", "3-5", 0)),
            "paid": random.choice((True, False, None)),
        },
    )


def _reason(order: Order) -> str:
    """Why an order was cancelled, as a merchant writes it: now and then with the buyer's name or number."""
    random = order.teller.random
    said = words.sentence(random)
    if random.random() < 0.3:
        for contact in order.person.profile["contacts"][:1]:
            said = f"{contact.get(random.choice(('name', 'phone')), '')}：{said}"
    return said[:200]


def _undeliverable(order: Order, at: Micros) -> dict[str, Any]:
    random = order.teller.random
    return {"address": words.place(random)} | _some(
        random, {"reason": words.sentence(random), "area": words.place(random)}
    )


_FIELDS: dict[str, Callable[[Order, Micros], dict[str, Any]]] = {
    "order.placed": _placed,
    "payment.failed": _payment,
    "stock.shortage": _shortage,
    "stock.replenished": lambda order, _: {"sku": order.sku},
    "order.cancelled": _cancelled,
    "address.undeliverable": _undeliverable,
    "address.corrected": lambda order, _: {"address": words.place(order.teller.random)},
}

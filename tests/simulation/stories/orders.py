"""What becomes of an order: something goes wrong, comes right, goes wrong again, is called off."""

from collections.abc import Callable
from random import Random

from schemas.times import DAY, HOUR, MILLISECOND, SECOND, Micros
from tests.simulation.plan import Story
from tests.simulation.stories import words
from tests.simulation.stories.moments import around, between, soon, told_after
from tests.simulation.stories.order import ADDRESS, CANCELLED, MATTERS, PAYMENT, SHORTAGE, Order
from tests.simulation.stories.teller import Scene, Teller


def orders(scene: Scene, count: int) -> list[Story]:
    """So many stories, each of one order or a few of one customer."""
    return [_order(Teller(scene, "order", index)) for index in range(count)]


def _order(teller: Teller) -> Story:
    random = teller.random
    order, at = Order(teller, teller.somebody), teller.moment()
    if random.random() < 0.7:
        order.tell("order.placed", at + random.choice((-soon(random), -soon(random), soon(random))))
    random.choices(list(_PLOTS), list(_PLOTS.values()))[0](order, random, at)
    return teller.story()


# Plots: each begins at ``at``, which is when the first thing goes wrong.


def _all_is_well(order: Order, random: Random, at: Micros) -> None:
    order.tell("order.paid", at)
    order.tell("order.completed", at + soon(random))


def _once(order: Order, random: Random, at: Micros) -> None:
    """One thing goes wrong, and may come right at any moment, before it was heard of included."""
    matter = random.choice(MATTERS)
    failed = at - between(random, 0, 1)
    order.tell(matter.fails, at, failed)
    later = at + told_after(matter.hold, random)
    match random.choice(("never", "never", "after", "after", "overtakes", "earlier", "at once", "closed")):
        case "after":
            order.tell(matter.ends, later)
        case "overtakes":
            order.tell(matter.ends, at - between(random, 0, random.choice((1, 60, 3600))), failed + soon(random))
        case "earlier":
            order.tell(matter.ends, later, failed - between(random, 0, 60))
        case "at once":
            order.tell(matter.ends, around(random, at), failed)
        case "closed":
            order.tell(random.choice(("order.completed", "order.cancelled")), later)


def _again(order: Order, random: Random, at: Micros) -> None:
    """The same thing goes wrong several times, around the end of the window in which that counts as once."""
    matter = random.choice((PAYMENT, PAYMENT, PAYMENT, SHORTAGE, ADDRESS))
    if matter.window == DAY:
        at %= max(order.teller.scene.end - DAY, DAY)
    failed = at - between(random, 0, 1)
    order.tell(matter.fails, at, failed)
    for _ in range(random.choice((1, 1, 2, 3))):
        gap = random.choice(
            (
                between(random, 0, 60),
                matter.window // 2,
                matter.window - MILLISECOND,
                matter.window,
                matter.window,
                matter.window + MILLISECOND,
                -between(random, 0, 60),
                -matter.window,
            )
        )
        comes = max(at, failed + gap) + between(random, 0, 2)
        order.tell(matter.fails, comes, failed + gap)
        if random.random() < 0.25:
            order.tell(matter.ends, around(random, comes), failed + gap + random.choice((-SECOND, 0, SECOND)))


def _several_short(order: Order, random: Random, at: Micros) -> None:
    """Several things of one order are short, and some come back."""
    for sku in ("S1", "S2", "S3_R", "S4")[: random.randint(2, 4)]:
        order.sku = sku
        fails = at + between(random, 0, random.choice((1, 8, 600)))
        order.tell("stock.shortage", fails)
        if random.random() < 0.4:
            order.tell("stock.replenished", fails + told_after(SHORTAGE.hold, random))
        if random.random() < 0.2:
            order.tell("stock.shortage", fails + soon(random))


def _called_off(order: Order, random: Random, at: Micros) -> None:
    """The order is called off, once or more, while something else may be pending."""
    if random.random() < 0.5:
        matter = random.choice(MATTERS)
        order.tell(matter.fails, at - told_after(matter.hold, random))
    occurred = at - between(random, 0, 1)
    order.tell("order.cancelled", at, occurred)
    for _ in range(random.choice((0, 0, 1, 2))):
        gap = random.choice((between(random, 0, 5), between(random, 5, 3600), DAY, DAY - MILLISECOND))
        order.tell("order.cancelled", at + gap, occurred + gap)


def _consigned(order: Order, random: Random, at: Micros) -> None:
    """Goods of several consignors are short or called off, and who they are may be said late, or by the event alone."""
    lines = [
        {"sku": sku, "name": words.goods(random), "quantity": 1, "unit_price": "88.00", "consignor_id": order.consignor}
        for sku in ("S1", "S2", "S3_R")[: random.randint(1, 3)]
    ]
    order.tell("order.placed", at + random.choice((-soon(random), -soon(random), between(random, 0, 9))), items=lines)
    order.sku = random.choice(("S1", "S1", "S2"))
    named = random.choice((None, None, order.consignor))
    order.tell("stock.shortage", at, consignor_id=named)
    for _ in range(random.choice((0, 0, 1, 2))):
        order.tell("stock.shortage", at + random.choice((soon(random), DAY)), consignor_id=named)
    match random.choice(("never", "back", "back", "cancelled", "cancelled", "completed")):
        case "back":
            order.tell("stock.replenished", at + told_after(SHORTAGE.hold, random))
        case "cancelled":
            for _ in range(random.choice((1, 1, 2))):
                order.tell("order.cancelled", at + random.choice((0, 1, told_after(SHORTAGE.hold, random))))
        case "completed":
            order.tell("order.completed", at + told_after(SHORTAGE.hold, random))


def _back_and_forth(order: Order, random: Random, at: Micros) -> None:
    """Goods are short and back and short again, at any hour, and what comes of it may be called off."""
    for _ in range(random.choice((1, 2, 3))):
        order.tell("stock.shortage", at)
        at += random.choice((told_after(SHORTAGE.hold, random), soon(random)))
        order.tell("stock.replenished", at)
        if random.random() < 0.3:
            order.tell("stock.replenished", at + soon(random))
        at += random.choice((between(random, 0, 8), soon(random), HOUR))
    if random.random() < 0.4:
        order.tell(random.choice(("order.completed", "order.cancelled")), at - random.choice((0, soon(random))))


def _closed(order: Order, random: Random, at: Micros) -> None:
    """What was over goes wrong all the same."""
    closing = random.choice(("order.completed", "order.cancelled"))
    order.tell(closing, at)
    for _ in range(random.choice((1, 2, 3))):
        fails = random.choice((*MATTERS, CANCELLED)).fails
        comes = at + random.choice((-between(random, 0, 3), soon(random), soon(random)))
        order.tell(fails, comes, comes + random.choice((0, 0, -between(random, 0, 3600))))


def _everything(order: Order, random: Random, at: Micros) -> None:
    """Anything within seconds, in any order."""
    for _ in range(random.randint(4, 8)):
        matter = random.choice(MATTERS)
        kind = random.choice((matter.fails, matter.fails, matter.ends, random.choice(_RARE)))
        order.sku = random.choice(("S1", "S2"))
        comes = at + between(random, 0, random.choice((6, 120)))
        order.tell(kind, comes, random.choice((None, at, comes - between(random, 0, 10))))


def _of_one_customer(order: Order, random: Random, at: Micros) -> None:
    """Several orders of one customer go wrong together."""
    together = [order, *(Order(order.teller, order.person, suffix) for suffix in "abcd"[: random.randint(1, 4)])]
    matters = [random.choice((*MATTERS, CANCELLED))] * 5 if random.random() < 0.5 else random.choices(MATTERS, k=5)
    for one, matter in zip(together, matters, strict=False):
        comes = at + between(random, 0, random.choice((0.5, 5.2, 95)))
        one.tell(matter.fails, comes)
        if random.random() < 0.25:
            one.tell(matter.ends, comes + told_after(matter.hold, random))


def _stale(order: Order, random: Random, at: Micros) -> None:
    """It comes so late that it may not be told any more, or that it may just still be."""
    matter = random.choice((*MATTERS, CANCELLED))
    order.tell(matter.fails, at, random.choice((at - 26 * HOUR, around(random, at - DAY, 6 * SECOND), at - 5 * HOUR)))


def _ahead(order: Order, random: Random, at: Micros) -> None:
    """It is dated later than it comes, and what ends it may not be."""
    matter = random.choice(MATTERS)
    failed = at + between(random, 0, random.choice((60, 600, 7200)))
    order.tell(matter.fails, at, failed)
    order.tell(matter.ends, at + told_after(matter.hold, random), random.choice((None, failed, failed - MILLISECOND)))


_PLOTS: dict[Callable[[Order, Random, Micros], None], int] = {
    _all_is_well: 8,
    _once: 34,
    _again: 18,
    _several_short: 7,
    _called_off: 12,
    _consigned: 14,
    _back_and_forth: 8,
    _closed: 10,
    _everything: 5,
    _of_one_customer: 5,
    _stale: 4,
    _ahead: 4,
}
_RARE = ("order.placed", "order.paid", "order.cancelled", "order.completed")

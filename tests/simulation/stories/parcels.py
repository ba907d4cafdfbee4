"""What becomes of a parcel: it moves, falls silent, moves again, arrives; and what the carriers say of it, and when."""

from collections.abc import Callable
from random import Random
from typing import Any

from schemas.times import DAY, HOUR, MILLISECOND, MINUTE, SECOND, Micros
from tests.simulation.plan import Publish, Story
from tests.simulation.stories import words
from tests.simulation.stories.moments import allowed, around, between, soon, written
from tests.simulation.stories.order import Order
from tests.simulation.stories.teller import Scene, Teller

HOLD = 60 * SECOND
FUTURE = 5 * MINUTE
_STATUSES = ("已揽收", "到达【嘉兴转运中心】", "In transit", "📦", None)
_CAUSES = ("weather", "weather", "customs", "capacity", "other", "solar_flare")


class Parcel:
    """One parcel of ``order``, last heard of at ``last``."""

    def __init__(self, teller: Teller, order: Order, suffix: str = "") -> None:
        self.teller = teller
        self.order = order
        self.id = f"T-{teller.name}{suffix}"
        self.last: Micros = 0

    def dispatched(self, at: Micros, occurred: Micros | None = None, carrier: str | None = None) -> Publish:
        """It leaves."""
        random = self.teller.random
        fields: dict[str, Any] = {"carrier": carrier or random.choice(words.CARRIERS)}
        if random.random() < 0.4:
            promised = written(random, at + 2 * DAY)
            fields |= {"origin": "上海", "destination": words.place(random), "promised_at": promised}
        of = {"order_id": self.order.id, "customer_id": self.order.person.customer_id}
        return self.tell("shipment.dispatched", at, occurred, **of, **fields)

    def scanned(self, at: Micros, occurred: Micros | None = None) -> Publish:
        """It is seen."""
        random = self.teller.random
        fields = {} if random.random() < 0.5 else {"status": random.choice(_STATUSES), "location": words.place(random)}
        return self.tell("shipment.scanned", at, occurred, **fields)

    def delayed(self, at: Micros, occurred: Micros | None = None) -> Publish:
        """Its carrier says why it is late."""
        random = self.teller.random
        fields = {} if random.random() < 0.5 else {"expected_days": random.choice((2, "3", "2-4", 0))}
        return self.tell("shipment.delay_reported", at, occurred, reason=random.choice(_CAUSES), **fields)

    def ended(self, at: Micros) -> Publish:
        """It has arrived, or is back."""
        return self.tell(self.teller.random.choice(("shipment.delivered", "shipment.returned")), at)

    def tell(self, kind: str, at: Micros, occurred: Micros | None = None, **fields: Any) -> Publish:
        """An event of it, which is news unless it is older than what is known."""
        if occurred is None:
            occurred = self.teller.occurred(at)
        self.last = max(self.last, occurred if occurred <= at + FUTURE else at)
        return self.teller.parcel(kind, at, self.id, occurred, **fields)

    @property
    def stalls(self) -> Micros:
        """When it will have been silent for too long."""
        return self.last + DAY

    @property
    def told(self) -> Micros:
        """When its customer may hear of that."""
        return allowed(self.stalls + HOLD)


def parcels(scene: Scene, count: int) -> list[Story]:
    """So many stories, each of one parcel or a few of one customer."""
    return [_parcel(Teller(scene, "parcel", index)) for index in range(count)]


def _parcel(teller: Teller) -> Story:
    random = teller.random
    parcel = Parcel(teller, Order(teller, teller.somebody))
    at = teller.moment(until=None if random.random() < 0.4 else max(teller.scene.end - 40 * HOUR, DAY))
    if random.random() < 0.3:
        parcel.order.tell("order.placed", at - soon(random))
    random.choices(list(_BEGINNINGS), list(_BEGINNINGS.values()))[0](parcel, random, at)
    random.choices(list(_PLOTS), list(_PLOTS.values()))[0](parcel, random)
    return teller.story()


# How it becomes known.


def _as_should_be(parcel: Parcel, random: Random, at: Micros) -> None:
    parcel.dispatched(at)
    for _ in range(random.choice((0, 1, 2))):
        parcel.scanned(parcel.last + between(random, 600, 5 * 3600))


def _seen_first(parcel: Parcel, random: Random, at: Micros) -> None:
    """It is seen before it is said whose it is, perhaps for so long that it counts as silent meanwhile."""
    parcel.scanned(at)
    later = random.choice((between(random, 0, 5), soon(random), around(random, DAY), DAY + soon(random)))
    parcel.dispatched(at + later, random.choice((None, at - HOUR, at + later - 5 * MINUTE)))


def _never_named(parcel: Parcel, random: Random, at: Micros) -> None:
    """It is never said whose it is."""
    parcel.scanned(at)
    parcel.scanned(at + soon(random))


_BEGINNINGS: dict[Callable[[Parcel, Random, Micros], None], int] = {
    _as_should_be: 10,
    _seen_first: 1,
    _never_named: 1,
}


# What then becomes of it.


def _arrives(parcel: Parcel, random: Random) -> None:
    """It is seen every few hours, and arrives. What was told of it comes again afterwards."""
    hours = [between(random, 2 * 3600, 12 * 3600) for _ in range(random.choice((2, 3, 5, 7)))]
    acts = [parcel.scanned(parcel.last + gap) for gap in hours]
    acts.append(parcel.ended(parcel.last + between(random, 600, 8 * 3600)))
    if random.random() < 0.5:
        for _ in range(random.choice((1, 2))):
            again = random.choice(acts)
            parcel.teller.again(again, max(act.at for act in acts) + random.choice((SECOND, soon(random), DAY)))
        parcel.scanned(acts[-1].at + between(random, 0, 60), acts[-1].at - HOUR)


def _silent(parcel: Parcel, random: Random) -> None:
    """Nothing more is heard of it."""


def _moves_again(parcel: Parcel, random: Random) -> None:
    """It is silent for a day and then moves again, at a bad moment, perhaps several times."""
    for _ in range(random.choice((1, 1, 2))):
        parcel.scanned(_bad_moment(parcel, random))
        if random.random() < 0.3:
            parcel.scanned(parcel.last + soon(random))
    if random.random() < 0.3:
        parcel.ended(parcel.last + soon(random))


def _just_in_time(parcel: Parcel, random: Random) -> None:
    """It is seen just before or after it would have been silent for a day, but not always heard of at once."""
    seen = around(random, parcel.stalls, 2 * SECOND)
    comes = max(seen, parcel.stalls + random.choice((0, MILLISECOND, between(random, -3, 3), between(random, 0, 90))))
    parcel.scanned(comes, seen)


def _cause(parcel: Parcel, random: Random) -> None:
    """Its carrier says why it is late: before it falls silent, meanwhile, or after that was told."""
    for _ in range(random.choice((1, 1, 2))):
        at = random.choice((parcel.last + soon(random), parcel.last + 20 * HOUR, _bad_moment(parcel, random)))
        parcel.delayed(at, random.choice((None, None, parcel.last, parcel.last - HOUR)))
    if random.random() < 0.5:
        parcel.scanned(parcel.last + between(random, 0, 20 * 3600))


def _old_news(parcel: Parcel, random: Random) -> None:
    """What is old comes late, which is no news."""
    for _ in range(random.choice((1, 2, 4))):
        old = random.choice((parcel.last, parcel.last - MILLISECOND, parcel.last - soon(random)))
        parcel.scanned(_bad_moment(parcel, random), old)
    if random.random() < 0.3:
        parcel.delayed(_bad_moment(parcel, random), parcel.last - soon(random))
    if random.random() < 0.3:
        parcel.scanned(_bad_moment(parcel, random))


def _ahead(parcel: Parcel, random: Random) -> None:
    """It is seen in the future: by a clock that is a little wrong, or quite."""
    at = parcel.last + soon(random)
    ahead = random.choice((around(random, 5 * MINUTE, SECOND), between(random, 0, 300), 2 * HOUR, 9 * DAY))
    parcel.scanned(at, at + ahead)
    if random.random() < 0.6:
        parcel.scanned(around(random, parcel.stalls, 6 * MINUTE), at + between(random, 0, 600))


def _order_over(parcel: Parcel, random: Random) -> None:
    """Its order is over, by the time it falls silent, when that is found, or while the notice waits."""
    closing = random.choice(("order.completed", "order.cancelled", "order.cancelled"))
    parcel.order.tell(closing, random.choice((parcel.last + soon(random), _bad_moment(parcel, random))))
    if random.random() < 0.4:
        parcel.ended(_bad_moment(parcel, random))


def _ends_silent(parcel: Parcel, random: Random) -> None:
    """It arrives at a bad moment, and is seen once more."""
    end = _bad_moment(parcel, random)
    parcel.ended(end)
    if random.random() < 0.5:
        parcel.scanned(end + soon(random), random.choice((None, end - soon(random))))


def _several(parcel: Parcel, random: Random) -> None:
    """Several parcels, of one order or of several of one customer, fall silent together."""
    teller, last = parcel.teller, parcel.last
    for suffix in "abc"[: random.choice((1, 2, 3))]:
        order = parcel.order if random.random() < 0.5 else Order(teller, parcel.order.person, suffix)
        other = Parcel(teller, order, suffix)
        other.dispatched(last + between(random, 0, random.choice((1, 70, 3600))))
        if random.random() < 0.3:
            other.scanned(_bad_moment(other, random))


_PLOTS: dict[Callable[[Parcel, Random], None], int] = {
    _arrives: 20,
    _silent: 10,
    _moves_again: 22,
    _just_in_time: 12,
    _cause: 10,
    _old_news: 8,
    _ahead: 5,
    _order_over: 8,
    _ends_silent: 6,
    _several: 5,
}


def _bad_moment(parcel: Parcel, random: Random) -> Micros:
    """About when its silence is found, while that waits to be told, when it is told, or long after."""
    waits = max(parcel.told - parcel.stalls, 1)
    return random.choice(
        (
            around(random, parcel.stalls),
            parcel.stalls + between(random, 0, 60),
            parcel.stalls + random.randrange(waits),
            around(random, parcel.told),
            parcel.told + between(random, 0, 5),
            parcel.told + soon(random),
        )
    )

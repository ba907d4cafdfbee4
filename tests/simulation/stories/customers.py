"""What becomes of a customer: its profile comes, changes and goes, seldom at a good moment."""

from collections.abc import Callable
from random import Random

from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros
from tests.simulation.plan import Story
from tests.simulation.stories.moments import around, between, told_after
from tests.simulation.stories.order import CANCELLED, MATTERS, Order
from tests.simulation.stories.people import Person, numbers_of, person
from tests.simulation.stories.teller import Scene, Teller

_PROFILE_WAIT = 60 * SECOND


def regulars(scene: Scene) -> list[Story]:
    """The customers whom all stories share: what is published of each, and when."""
    return [_regular(Teller(scene, "customer", index), who) for index, who in enumerate(scene.people)]


def consignors(scene: Scene) -> list[Story]:
    """The same for the consignors of the goods."""
    return [_regular(Teller(scene, "consignor", 100 + index), who) for index, who in enumerate(scene.consignors)]


def guests(scene: Scene, count: int) -> list[Story]:
    """So many customers whom no other story knows, and whose profile changes when it matters most."""
    return [_guest(Teller(scene, "guest", index)) for index in range(count)]


def guest(teller: Teller, group: str, *, plain: bool = False) -> Person:
    """A customer of this story's own, whose numbers begin alike in each ``group`` of stories."""
    random = teller.random
    return person(random, f"C-{teller.name}", numbers_of(random, group, teller.index), plain=plain)


def _regular(teller: Teller, who: Person) -> Story:
    random, spare = teller.random, numbers_of(teller.random, "7", teller.index)
    match random.choices(("at once", "that day", "some day", "never"), (77, 12, 6, 5))[0]:
        case "at once":
            at = between(random, 0, 30)
        case "that day":
            at = teller.moment(until=DAY)
        case "some day":
            at = teller.moment()
        case _:
            return teller.story()
    teller.customer(at, who.customer_id, who.profile)
    for suffix in "abc"[: random.choice((0, 1, 2, 3))]:
        at += random.randrange(DAY)
        new = _other_number(teller) if random.random() < 0.2 else random.choice(spare)
        if random.random() < 0.6:
            order = Order(teller, who, f"-{suffix}")
            matter = random.choice((*MATTERS, CANCELLED))
            order.tell(matter.fails, at - told_after(matter.hold, random))
        if random.random() < 0.12:
            teller.customer(at, who.customer_id, None)
            if random.random() < 0.3:
                break
            at += random.choice((SECOND, MINUTE, 5 * HOUR))
        teller.customer(at, who.customer_id, who.variant(random, new))
    return teller.story()


def _other_number(teller: Teller) -> str:
    """A number that is another's, or was."""
    other = teller.somebody
    return other.numbers[0] if other.numbers else "13900000000"


def _guest(teller: Teller) -> Story:
    random = teller.random
    order, at = Order(teller, guest(teller, "1", plain=random.random() < 0.6)), teller.moment()
    random.choices(list(_PLOTS), list(_PLOTS.values()))[0](order, random, at)
    return teller.story()


# Plots: something goes wrong ``at``.


def _fails(order: Order, random: Random, at: Micros) -> Micros:
    """Something goes wrong. Returns how long that is held."""
    matter = random.choice((*MATTERS, CANCELLED))
    order.tell(matter.fails, at)
    if random.random() < 0.2:
        order.tell(matter.ends, at + told_after(matter.hold, random))
    return matter.hold


def _comes_late(order: Order, random: Random, at: Micros) -> None:
    """The profile comes after the first exception: shortly, when it is waited for no more, long after, or never."""
    who, teller = order.person, order.teller
    _fails(order, random, at)
    if random.random() < 0.15:
        return
    late = random.choice((between(random, 0, 10), between(random, 10, 50), between(random, 10, 50)))
    late = random.choice((late, around(random, _PROFILE_WAIT), between(random, 100, 40_000)))
    teller.customer(at + late, who.customer_id, who.profile)
    if random.random() < 0.5:
        _fails(Order(teller, who, "-b"), random, at + random.choice((late + MINUTE, between(random, 0, 60))))


def _changes(order: Order, random: Random, at: Micros) -> None:
    """The profile changes about when it matters."""
    who, teller = order.person, order.teller
    teller.customer(at - between(random, 0, random.choice((1, 4000))), who.customer_id, who.profile)
    hold = _fails(order, random, at)
    spare = numbers_of(random, "8", teller.index)
    for _ in range(random.choice((1, 1, 2, 4))):
        change = at + random.choice((told_after(hold, random), -between(random, 0, 2)))
        teller.customer(change, who.customer_id, who.variant(random, random.choice(spare)))


def _erased(order: Order, random: Random, at: Micros) -> None:
    """It is erased at a bad moment; what is detected later is of nobody, unless it comes back."""
    who, teller = order.person, order.teller
    if random.random() < 0.85:
        teller.customer(at - between(random, 0, random.choice((1, 4000))), who.customer_id, who.profile)
    hold = _fails(order, random, at)
    erased = max(0, at + random.choice((told_after(hold, random), told_after(hold, random), -between(random, 0, 3))))
    teller.customer(erased, who.customer_id, None)
    if random.random() < 0.6:
        _fails(Order(teller, who, "-b"), random, erased + told_after(5 * SECOND, random))
    if random.random() < 0.4:
        back = erased + random.choice((between(random, 0, 3), between(random, 0, 100), 4 * HOUR))
        teller.customer(back, who.customer_id, who.variant(random, numbers_of(random, "8", teller.index)[0]))
        _fails(Order(teller, who, "-c"), random, back + told_after(5 * SECOND, random))
        if random.random() < 0.2:
            teller.customer(back + between(random, 0, 8), who.customer_id, None)


_PLOTS: dict[Callable[[Order, Random, Micros], None], int] = {_comes_late: 4, _changes: 4, _erased: 3}

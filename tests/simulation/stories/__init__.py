"""The histories of a run: what customers, orders, parcels and people do, as cruelly as real systems publish it.

Nothing here knows of any operator: the contract alone says what upstream may do. Each story has its own chances, by
the seed and its name, so that leaving one out changes no other.
"""

from random import Random

from schemas.times import DAY, HOUR
from tests.simulation.plan import Story
from tests.simulation.stories.agreed import agreed
from tests.simulation.stories.asleep import asleep
from tests.simulation.stories.bursts import bursts
from tests.simulation.stories.customers import consignors, guests, regulars
from tests.simulation.stories.moments import between
from tests.simulation.stories.often import often
from tests.simulation.stories.orders import orders
from tests.simulation.stories.parcels import parcels
from tests.simulation.stories.people import Person, numbers_of, person
from tests.simulation.stories.poison import poison
from tests.simulation.stories.replies import replies
from tests.simulation.stories.stock import stock
from tests.simulation.stories.storms import storm
from tests.simulation.stories.teller import Outage, Scene

_PEOPLE, _CONSIGNORS = 12, 4
_ORDERS, _PARCELS, _GUESTS, _REPLIES, _POISON, _STOCK, _OFTEN, _ASLEEP, _AGREED = 13, 10, 3, 2, 7, 2, 1, 3, 3
"""Stories a day."""


def stories(seed: int, days: int, busy: float = 1.0, *, stormy: bool = False) -> list[Story]:
    """What happens in the run of ``seed``, all of it within ``days``. ``busy``: how much, 1 for some 40 exceptions
    a day. ``stormy``: a carrier's feed dies."""
    random = Random(f"{seed}/scene")
    people, outage = _people(random), _outage(random, days * DAY)
    scene = Scene(seed, days * DAY, people, _consignors(Random(f"{seed}/consignors")), outage)

    def many(a_day: int) -> int:
        return round(a_day * days * busy)

    return [
        *regulars(scene),
        *consignors(scene),
        *orders(scene, many(_ORDERS)),
        *parcels(scene, many(_PARCELS)),
        *guests(scene, many(_GUESTS)),
        *replies(scene, many(_REPLIES)),
        *poison(scene, many(_POISON)),
        *stock(scene, many(_STOCK)),
        *often(scene, many(_OFTEN)),
        *asleep(scene, many(_ASLEEP)),
        *agreed(scene, many(_AGREED)),
        *bursts(scene),
        *([storm(scene)] if stormy else ()),
    ]


def _people(random: Random) -> list[Person]:
    """The customers that stories share. Some of them share a telephone as well."""
    people = list[Person]()
    for index in range(_PEOPLE):
        own = numbers_of(random, "6", index)
        if people and people[-1].numbers and random.random() < 0.1:
            own.insert(0, people[-1].numbers[0])
        people.append(person(random, f"c{index}", own))
    return people


def _consignors(random: Random) -> list[Person]:
    """Those who have things sold here; now and then they buy something themselves."""
    return [person(random, f"N-{index}", numbers_of(random, "9", index)) for index in range(_CONSIGNORS)]


def _outage(random: Random, end: int) -> Outage | None:
    """In some runs one feed is held up for hours."""
    if random.random() > 0.3:
        return None
    begins = random.randrange(end)
    lasts = between(random, 600, random.choice((1_200, 3_600, 20_000)))
    topic = random.choice(("logistics", "logistics", "orders"))
    return Outage(topic, begins, min(begins + lasts, end - HOUR), random.random() < 0.5)

"""A carrier's feed dies: of all its parcels nothing more is heard, until it is back, or somebody says what to do."""

from collections.abc import Callable
from random import Random

from schemas.times import HOUR, MINUTE, Micros
from tests.simulation.plan import Story
from tests.simulation.stories.moments import allowed, between
from tests.simulation.stories.order import Order
from tests.simulation.stories.parcels import HOLD, Parcel
from tests.simulation.stories.people import numbers_of, person
from tests.simulation.stories.teller import Scene, Teller

CARRIER = "dead-feed"
STORM = f"carrier:{CARRIER}"
"""As an operator names it."""
_PARCELS, _CUSTOMERS = 150, 60
"""More parcels than it takes for a storm, though not all go by the feed: a few are redelivered, or come late."""
_WINDOW: Micros = 10 * MINUTE
"""In so long all of them fall due."""


def storm(scene: Scene) -> Story:
    """The parcels of the one feed."""
    teller = Teller(scene, "storm", 0)
    teller.skew = 0  # else some would fall due in the next window
    random = teller.random
    left = random.randrange((scene.end - 44 * HOUR) // _WINDOW) * _WINDOW + 2 * MINUTE
    people = [person(random, f"C-storm-{n}", numbers_of(random, "0", n), plain=True) for n in range(_CUSTOMERS)]
    for who in people:
        teller.customer(between(random, 0, 60), who.customer_id, who.profile)
    parcels = [Parcel(teller, Order(teller, random.choice(people), f"-{n}"), f"-{n}") for n in range(_PARCELS)]
    for parcel in parcels:
        parcel.dispatched(left + between(random, 0, 300), carrier=CARRIER)
    silent = max(parcel.stalls for parcel in parcels)
    told = allowed(silent + HOLD)
    later = random.choice((silent + between(random, 60, 600), told + between(random, 60, 600), told + 5 * HOUR))
    random.choices(list(_PLOTS), list(_PLOTS.values()))[0](teller, random, parcels, max(silent + MINUTE, later))
    return teller.story()


# Plots: it is found that all are silent, and then something comes of it ``at``.


def _back(teller: Teller, random: Random, parcels: list[Parcel], at: Micros) -> None:
    """The feed is back, and brings what is new of all: most have arrived."""
    lasts = random.choice((20, 600, 3_600))
    for parcel in parcels:
        (parcel.ended if random.random() < 0.9 else parcel.scanned)(at + between(random, 0, lasts))


def _half(teller: Teller, random: Random, parcels: list[Parcel], at: Micros) -> None:
    """The feed is back, and part of the parcels are stuck indeed."""
    _back(teller, random, [parcel for parcel in parcels if random.random() < 0.6], at)


def _tell(teller: Teller, random: Random, parcels: list[Parcel], at: Micros) -> None:
    """An operator knows that they are stuck."""
    teller.say(at, STORM, "tell")
    if random.random() < 0.5:
        teller.say(at + 2 * HOUR, STORM, None)


def _drop(teller: Teller, random: Random, parcels: list[Parcel], at: Micros) -> None:
    """An operator knows that they are not."""
    teller.say(at, STORM, "drop")
    if random.random() < 0.5:
        teller.say(at + 2 * HOUR, STORM, None)
    if random.random() < 0.5:
        _back(teller, random, parcels, at + between(random, 0, 9_000))


def _nothing(teller: Teller, random: Random, parcels: list[Parcel], at: Micros) -> None:
    """Nobody says anything, and the feed is dead for good."""


_PLOTS: dict[Callable[[Teller, Random, list[Parcel], Micros], None], int] = {
    _back: 3,
    _half: 3,
    _tell: 2,
    _drop: 2,
    _nothing: 1,
}

"""A customer in whose quiet hours something goes wrong, comes right or changes: amid them, or as they begin or end."""

from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

from schemas.times import DAY, HOUR, MINUTE, Micros, instant, micros
from tests.clock import START
from tests.simulation.plan import Story
from tests.simulation.stories.customers import guest
from tests.simulation.stories.moments import around, between, told_after
from tests.simulation.stories.order import CANCELLED, MATTERS, Order
from tests.simulation.stories.people import Person, Profile, numbers_of, preferences, quiet_hours
from tests.simulation.stories.teller import Scene, Teller


def asleep(scene: Scene, count: int) -> list[Story]:
    """So many stories, each of one customer and one night."""
    return [_night(Teller(scene, "asleep", index)) for index in range(count)]


def _night(teller: Teller) -> Story:
    random = teller.random
    who, hours = guest(teller, "0", plain=random.random() < 0.8), quiet_hours(random)
    begins, ends = _next(hours, teller.moment(until=max(teller.scene.end - DAY, HOUR)))
    who.profile["preferences"] = who.profile.get("preferences", {}) | {"quiet_hours": hours}
    teller.customer(begins - between(random, 1, 4000), who.customer_id, who.profile)
    amid = random.randrange(begins, ends + MINUTE)
    at = random.choice((around(random, begins), amid, amid, around(random, ends)))
    for suffix in "abc"[: random.choice((1, 1, 2, 3))]:
        order, matter = Order(teller, who, f"-{suffix}"), random.choice((*MATTERS, CANCELLED))
        order.tell(matter.fails, at)
        if random.random() < 0.4:
            order.tell(matter.ends, random.choice((at + told_after(matter.hold, random), around(random, ends))))
        at += between(random, 0, random.choice((1, 100, 4000)))
    if random.random() < 0.5:
        changes = random.choice((at, around(random, ends), amid))
        teller.customer(changes, who.customer_id, _after(who, random, teller.index))
        Order(teller, who, "-z").tell(random.choice(MATTERS).fails, changes + between(random, -5, 4000))
    return teller.story()


def _next(hours: Profile, at: Micros) -> tuple[Micros, Micros]:
    """When quiet hours begin and end, from ``at`` on."""
    zone = ZoneInfo(hours["time_zone"])
    local = instant(START + at).astimezone(zone)
    begins = local.replace(hour=int(hours["from"][:2]), minute=int(hours["from"][3:]), second=0, microsecond=0)
    if begins < local:
        begins += timedelta(days=1)
    ends = begins.replace(hour=int(hours["to"][:2]), minute=int(hours["to"][3:]))
    if ends < begins:
        ends += timedelta(days=1)
    return micros(begins) - START, micros(ends) - START


def _after(who: Person, random: Random, index: int) -> Profile | None:
    """The customer wants something else, has another number, or is erased."""
    match random.choice(("wishes", "wishes", "loud", "moved", "erased")):
        case "wishes":
            return who.profile | {"preferences": preferences(random, plain=False)}
        case "loud":
            return who.profile | {"preferences": None}
        case "moved":
            return who.variant(random, numbers_of(random, "8", 300 + index)[0])
        case _:
            return None

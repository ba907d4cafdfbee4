"""A new customer who agreed to marketing, and whose parcel is late: a coupon may be told with that, unless it is the
wrong hour, or the customer wants no more of it just then."""

from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros
from tests.simulation.plan import Story
from tests.simulation.stories.moments import around, between
from tests.simulation.stories.order import Order
from tests.simulation.stories.parcels import HOLD, Parcel
from tests.simulation.stories.people import Profile, numbers_of, person
from tests.simulation.stories.replies import STOPS
from tests.simulation.stories.teller import Scene, Teller

_ZONES = ("Asia/Shanghai", "Asia/Kolkata", "Europe/London", "Pacific/Auckland")


def agreed(scene: Scene, count: int) -> list[Story]:
    """So many stories, each of one customer and one parcel, or two."""
    return [_late(Teller(scene, "agreed", index)) for index in range(count)]


def _late(teller: Teller) -> Story:
    random = teller.random
    who = person(random, f"C-{teller.name}", numbers_of(random, "8", 600 + teller.index), plain=True)
    who.profile |= {"tier": "new", "marketing_consent": random.random() < 0.85}
    for contact in who.profile["contacts"]:
        contact["role"] = "buyer" if random.random() < 0.9 else "other"
    if random.random() < 0.5:
        who.profile["preferences"] = {"quiet_hours": _hours(random.choice(_ZONES))}
    told = _told(teller)
    begins = told - HOLD - DAY
    teller.customer(begins - between(random, 1, 600), who.customer_id, who.profile)
    parcel = Parcel(teller, Order(teller, who))
    parcel.dispatched(begins, begins)
    if random.random() < 0.4:
        parcel.delayed(begins + between(random, 1, 3_600), begins)
    if random.random() < 0.15:
        other = Parcel(teller, Order(teller, who, "-b"), "-b")
        other.dispatched(begins, begins)
    said = told + random.choice((-HOLD, -HOLD, -between(random, 4, 50), between(random, -4, 4), between(random, -4, 4)))
    match random.choice(("R", "R", "stop", "takes it back", "nothing", "nothing")):
        case "R":
            for number in who.numbers:
                teller.reply(said, number, random.choice(("R", "r", "Ｒ", " R ")))
        case "stop":
            for number in who.numbers:
                teller.reply(said, number, random.choice(STOPS))
        case "takes it back":
            teller.customer(said, who.customer_id, who.profile | {"marketing_consent": random.choice((False, None))})
    return teller.story()


def _told(teller: Teller) -> Micros:
    """When the customer is to hear: by day, or as the hours of marketing begin or end."""
    random = teller.random
    last = max(teller.scene.end // DAY, 2)
    day = random.randrange(1, last) * DAY
    moment = random.choice((random.randrange(8 * HOUR, 20 * HOUR), 8 * HOUR + MINUTE, 20 * HOUR, 20 * HOUR - MINUTE))
    return day + around(random, moment, 90 * SECOND)


def _hours(zone: str) -> Profile:
    """Hours that are over with a minute, of somebody who lives there."""
    return {"from": "03:00", "to": "03:01", "time_zone": zone}

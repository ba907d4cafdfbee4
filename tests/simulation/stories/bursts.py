"""A bad second: the orders of many customers fail at once."""

from tests.simulation.plan import Story
from tests.simulation.stories.moments import between, told_after
from tests.simulation.stories.order import CANCELLED, MATTERS, Order
from tests.simulation.stories.people import numbers_of, person
from tests.simulation.stories.teller import Scene, Teller

_CHANCE = 0.5


def bursts(scene: Scene) -> list[Story]:
    """At most one."""
    teller = Teller(scene, "burst", 0)
    random = teller.random
    if random.random() > _CHANCE:
        return []
    at = teller.moment()
    people = [
        person(random, f"C-{teller.name}-{index}", numbers_of(random, "4", index), plain=random.random() < 0.8)
        for index in range(random.randint(10, 20))
    ]
    for who in people:
        known = at + random.choice((-between(random, 1, 4000), -between(random, 1, 4000), between(random, -1, 30)))
        teller.customer(known, who.customer_id, who.profile)
    same = random.choice((*MATTERS, CANCELLED))
    for index in range(random.randint(20, 60)):
        order = Order(teller, random.choice(people + scene.people), f"-{index}")
        matter = same if random.random() < 0.8 else random.choice(MATTERS)
        comes = at + between(random, 0, 1)
        order.tell(matter.fails, comes)
        if random.random() < 0.1:
            order.tell(matter.ends, comes + told_after(matter.hold, random))
    return [teller.story()]

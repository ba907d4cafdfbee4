"""A customer for whom the same goes wrong with one order after another: more often than a low cap lets through."""

from random import Random

from schemas.times import DAY, HOUR, Micros
from tests.simulation.plan import Story
from tests.simulation.stories.customers import guest
from tests.simulation.stories.moments import around, between
from tests.simulation.stories.order import CANCELLED, MATTERS, Order
from tests.simulation.stories.teller import Scene, Teller


def often(scene: Scene, count: int) -> list[Story]:
    """So many stories."""
    return [_again_and_again(Teller(scene, "often", 500 + index)) for index in range(count)]


def _again_and_again(teller: Teller) -> Story:
    random = teller.random
    who, at = guest(teller, "0", plain=random.random() < 0.8), teller.moment(until=max(teller.scene.end - DAY, DAY))
    teller.customer(at - between(random, 0, 4000), who.customer_id, who.profile)
    matter = random.choice((*MATTERS, CANCELLED))
    for index in range(random.randint(3, 8)):
        comes = at + _later(random)
        order = Order(teller, who, f"-{index}")
        order.tell(matter.fails, comes)
        if random.random() < 0.15:
            order.tell(matter.ends, comes + between(random, 0, 2 * 3600))
    return teller.story()


def _later(random: Random) -> Micros:
    """With the first, some time that day, or about when the first counts no more."""
    return random.choice((between(random, 0, 1), random.randrange(HOUR), random.randrange(DAY), around(random, DAY)))

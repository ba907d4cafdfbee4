"""What the store says of its stock, of which nothing comes."""

from schemas.times import DAY
from tests.simulation.plan import Story
from tests.simulation.stories import words
from tests.simulation.stories.moments import written
from tests.simulation.stories.teller import Scene, Teller


def stock(scene: Scene, count: int) -> list[Story]:
    """So many stories of one record each."""
    return [_level(Teller(scene, "stock", index)) for index in range(count)]


def _level(teller: Teller) -> Story:
    random, at = teller.random, teller.moment()
    sku = random.choice(("S1", "S2", "SKU_9"))
    level = teller.event("", at) | {"sku": sku, "name": words.goods(random), "available": random.choice((0, 3, -1))}
    del level["type"]
    if random.random() < 0.5:
        level |= {"reserved": 1, "inbound": [{"quantity": 5, "eta": written(random, at + DAY)}]}
    teller.publish("inventory", sku, level, at)
    return teller.story()

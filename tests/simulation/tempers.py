"""How vendors are tempered."""

from random import Random

from schemas.times import SECOND
from tests.simulation.plan import Temper


def tempers(random: Random) -> Temper:
    """A vendor's temper: often mild, sometimes perfect, or bad in one way, seldom in all."""
    ways = [name for name in Temper.__struct_fields__ if name != "skew"]
    match random.choices(("mild", "perfect", "one", "all"), (50, 15, 25, 10))[0]:
        case "perfect":
            return Temper()
        case "mild":
            chances = {way: random.choice((0, 0.01, 0.02, 0.04)) for way in ways}
        case "one":
            chances = dict.fromkeys(ways, 0.01) | {random.choice(ways): 0.3}
        case _:
            chances = {way: random.uniform(0.1, 0.2) for way in ways}
    return Temper(**chances, skew=random.choice((0, 0, 1, -1, 30, -30, 600, -600, 840, -840)) * SECOND)

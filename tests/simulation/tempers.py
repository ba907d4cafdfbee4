"""How vendors are tempered."""

from random import Random

from schemas.rules import Provider
from schemas.times import SECOND
from tests.simulation.plan import Temper

WAYS = tuple(name for name in Temper.__struct_fields__ if name not in ("skew", "echoes"))
_SKEWS: dict[Provider, tuple[int, ...]] = {
    "aliyun": (0, 0, 1, -1, 30, -30, 600, -600, 840, -840),
    "tencent": (0, 0, 1, -1, 30, -30, 240, -240),
}
"""Seconds. Each takes a request only from whoever's clock is not further from its own."""


_DOUBTS = ("hang", "page_after", "reset", "garbled")
_REFUSALS = {"refuse": 0.3, "no": 0.3, "broke": 1.0, "locked": 1.0, "unapproved": 1.0}


def tempers(random: Random, vendor: Provider = "aliyun") -> Temper:
    """A vendor's temper: often mild, sometimes perfect, or bad in one way, seldom in all."""
    echoes = vendor == "tencent" and random.random() < 0.5
    match random.choices(("mild", "perfect", "one", "all"), (50, 15, 25, 10))[0]:
        case "perfect":
            return Temper(echoes=echoes)
        case "mild":
            chances = {way: random.choice((0, 0.01, 0.02, 0.04)) for way in WAYS}
        case "one":
            chances = dict.fromkeys(WAYS, 0.01) | {random.choice(WAYS): 0.3}
        case _:
            chances = {way: random.uniform(0.1, 0.2) for way in WAYS}
    return Temper(**chances, skew=random.choice(_SKEWS.get(vendor, _SKEWS["aliyun"])) * SECOND, echoes=echoes)


def one_refuses(random: Random, tempers: dict[Provider, Temper]) -> dict[Provider, Temper]:
    """Two vendors with other tempers: one, mostly the first, refuses much in one way, and the other is well."""
    worse = random.choice((*list(tempers)[:1] * 3, *tempers))
    way = random.choice(list(_REFUSALS))
    return {
        vendor: Temper(skew=its.skew, echoes=its.echoes, **({way: _REFUSALS[way]} if vendor == worse else {}))
        for vendor, its in tempers.items()
    }


def all_leave_doubts(random: Random, tempers: dict[Provider, Temper]) -> dict[Provider, Temper]:
    """The vendors with other tempers: of much that each is asked nobody learns what it made of it."""
    return {
        vendor: Temper(skew=its.skew, echoes=its.echoes, forgetful=0.5, **{random.choice(_DOUBTS): 0.5})
        for vendor, its in tempers.items()
    }

"""A plan for each seed."""

from random import Random

from msgspec.structs import replace

from schemas.rules import Provider, SmsProvider
from schemas.words import KINDS
from tests.simulation.plan import Own, Plan, Temper
from tests.simulation.stories import stories
from tests.simulation.tempers import all_leave_doubts, one_refuses, tempers
from tests.simulation.troubles import troubles

DAYS = 3
BUSY = 0.75
"""Of the stories' usual number: some forty exceptions a day."""

_VENDORS: tuple[tuple[SmsProvider, ...], ...] = (("aliyun",), ("tencent",), *(("aliyun", "tencent"),) * 2)
"""Those that have a gateway: one of them, or as often both."""

_OTHERS: tuple[Provider, ...] = ("jpush", "wechat", "smtp")
"""The vendors of the other channels."""
_SET_UP = 0.6
"""How often each of them is set up."""
_UNEVEN = 0.3
"""How often one of two vendors is well and the other is not."""


_DOUBTFUL = 0.5
"""How often the vendors leave doubts, where there are kinds that are repeated in doubt."""
_STORMY = 0.02
"""How often a carrier's feed dies: that alone is as much as three days of all else."""
_OWN = 0.25
"""How often the rules of a run have a low cap, and how often there are kinds that are repeated in doubt."""


def plan(seed: int, days: int = DAYS, *, hard: bool = False, stormy: bool | None = None) -> Plan:
    """What happens in the run of ``seed``. ``hard``: with as many troubles as the worst of them have; ``stormy``: a
    carrier's feed dies, which else happens in a few."""
    random = Random(f"{seed}/plan")
    workers = random.choice((1, 2, 2, 3))
    if stormy is None:
        stormy = Random(f"{seed}/storm").random() < _STORMY
    told = stories(seed, days, BUSY, stormy=stormy)
    made = Plan(
        seed=seed,
        days=days,
        workers=workers,
        partitions=1 if stormy else random.choice((1, 2, 2, 3)),  # each counts its own
        stories=told,
        troubles=troubles(random, told, days, workers, hard=hard),
        vendors={vendor: tempers(random, vendor) for vendor in random.choice(_VENDORS)},
        flaky=random.choice((0, 0, 0.0005, 0.003)),
        rules=_own(Random(f"{seed}/rules")),
    )
    chance = random.random()
    if made.rules.repeats and chance < _DOUBTFUL:
        made = replace(made, vendors=all_leave_doubts(random, made.vendors))
    elif len(made.vendors) > 1 and chance < _UNEVEN:
        made = replace(made, vendors=one_refuses(random, made.vendors))
    return replace(made, vendors=made.vendors | _others(Random(f"{seed}/others")))


def _others(random: Random) -> dict[Provider, Temper]:
    return {vendor: tempers(random, vendor) for vendor in _OTHERS if random.random() < _SET_UP}


def _own(random: Random) -> Own:
    cap = random.choice((2, 3)) if random.random() < _OWN else Own().daily_cap
    repeats = random.sample(KINDS, random.randint(1, len(KINDS))) if random.random() < _OWN else ()
    return Own(cap, tuple(repeats))

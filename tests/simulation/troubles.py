"""What goes wrong, and when: at the worst moments, which are those at which something has just happened."""

from random import Random

from schemas.times import DAY, HOUR, MILLISECOND, MINUTE, SECOND, Micros
from tests.simulation.plan import Story, Trouble

_WEIGHTS = {"crash": 30, "freeze": 15, "leave": 8, "slow": 8, "fail": 16, "deaf": 4, "deal": 8}
_NEAR = (10 * MILLISECOND, SECOND, 6 * SECOND, 20 * SECOND, 60 * SECOND, 5 * MINUTE)
"""How soon after something was published trouble comes: within the hold, the call, the questions, the repeats."""
_BAD_DAY = 40
"""How many troubles a bad day has."""
_BLACKOUT = 0.4


def troubles(random: Random, stories: list[Story], days: int, workers: int, *, hard: bool = False) -> list[Trouble]:
    """A quiet run has none, most have some, a few have one after another, and so has a ``hard`` one."""
    moments = [act.at for story in stories for act in story.acts]
    daily = _BAD_DAY if hard else random.choice((0, 0, 5, 10, 15, 20, _BAD_DAY))
    made = [_trouble(random, moments, days, workers) for _ in range(daily * days if moments else 0)]
    for _ in range(random.choice((1, 2)) if daily and random.random() < _BLACKOUT else 0):
        made += _blackout(random, random.choice(moments), workers)
    return sorted(made, key=lambda trouble: trouble.at)


def _blackout(random: Random, at: Micros, workers: int) -> list[Trouble]:
    """Nobody is up for hours, and what comes meanwhile has to be read before anything is judged."""
    lasts = random.randrange(HOUR, 12 * HOUR)
    return [Trouble(at=at, what="crash", worker=worker, lasts=lasts) for worker in range(workers)]


def _trouble(random: Random, moments: list[Micros], days: int, workers: int) -> Trouble:
    at = random.choice(moments) + random.randrange(random.choice(_NEAR))
    if random.random() < 0.3:
        at += random.choice((DAY, DAY, HOUR, 45 * SECOND))  # when a stall is told, a window ends, a question is asked
    what = random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    return Trouble(
        at=min(at, days * DAY),
        what=what,  # type: ignore[arg-type]  # the weights' keys are the words
        worker=random.randrange(workers),
        lasts=_lasts(random, what),
        step=random.randrange(400) if what == "crash" and random.random() < 0.7 else 0,
    )


def _lasts(random: Random, what: str) -> Micros:
    if what in ("crash", "leave"):
        return random.choice((SECOND, 2 * SECOND, 15 * SECOND, MINUTE, 10 * MINUTE, 3 * HOUR))
    if what == "freeze":
        return random.choice((200 * MILLISECOND, 3 * SECOND, 8 * SECOND, 14 * SECOND, 40 * SECOND, 5 * MINUTE))
    return random.choice((SECOND, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 20 * MINUTE))

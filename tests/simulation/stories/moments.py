"""Moments of a story, in microseconds after the start, which is midnight in Shanghai."""

from datetime import timedelta, timezone
from random import Random

from schemas.times import DAY, HOUR, MILLISECOND, MINUTE, SECOND, Micros, instant
from tests.clock import START

_ZONES = tuple(timezone(timedelta(hours=hours)) for hours in (8, 8, 8, 0, -5))
OPENS, CLOSES = 8 * HOUR, 21 * HOUR
"""When a day's window for stalled shipments begins and ends."""


def written(random: Random, at: Micros) -> str:
    """The moment as events carry it, with the offset of some place or other."""
    return instant(START + at).astimezone(random.choice(_ZONES)).isoformat()


def between(random: Random, least: float, most: float) -> Micros:
    """A length of time of so many seconds, in whole milliseconds."""
    return random.randint(round(least * 1000), round(most * 1000)) * MILLISECOND


def around(random: Random, moment: Micros, most: Micros = 3 * SECOND) -> Micros:
    """A moment just before, just after or exactly at ``moment``."""
    return moment + random.choice((0, MILLISECOND, -MILLISECOND, random.randint(-most, most)))


def allowed(at: Micros) -> Micros:
    """The first moment from ``at`` on that lies in the window for stalled shipments."""
    day, hour = divmod(at, DAY)
    if hour < OPENS:
        return day * DAY + OPENS
    return at if hour < CLOSES else (day + 1) * DAY + OPENS


def soon(random: Random) -> Micros:
    """From moments to hours, as likely short as long."""
    return between(random, 0, random.choice((1, 5, 60, 600, 3 * 3600, 20 * 3600)))


def told_after(hold: Micros, random: Random) -> Micros:
    """How long after an exception something comes to pass that bears on its notice: within the hold, at its end,
    while the message is on its way, or long after."""
    return random.choice(
        (
            between(random, 0, hold / SECOND),
            between(random, 0, hold / SECOND),
            around(random, hold, 200 * MILLISECOND),
            hold + between(random, 0, 3),
            hold + between(random, 3, 90),
            hold + random.choice((10 * MINUTE, HOUR, 5 * HOUR)),
        )
    )

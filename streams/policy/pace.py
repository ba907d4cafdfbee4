"""A rate that is kept to with one number: the generic cell rate algorithm (ITU-T I.371, annex A).

The number is the moment at which all that went so far would have gone, had each kept its distance. Who comes when that
lies no further ahead than what is lent may go, and moves it on by one distance.
"""

from schemas.times import Micros


def may_go(next_at: Micros, now: Micros, lent: Micros) -> bool:
    """Whether one more may go now. ``lent``: how far ahead of the rate a burst may run."""
    return next_at <= now + lent


def gone(next_at: Micros, now: Micros, distance: Micros) -> Micros:
    """The moment after one more went."""
    return max(next_at, now) + distance

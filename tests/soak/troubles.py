"""What goes wrong at the vendor's, and how often."""

from random import Random
from typing import NamedTuple

from orderbell.standins.aliyun.faults import refusal
from orderbell.standins.aliyun.messages import DELIVERED
from orderbell.standins.faults import Fault, bad_gateway

BAD_NUMBER = "0404"
"""How a number ends that the vendor never takes."""

_FAILURES = ("MOBILE_NOT_ON_SERVICE", "MOBLLE_TERMINAL_ERROR", "SP_UNKNOWN_ERROR", "NO_ROUTE", "NEVER_HEARD_OF")
_BUSY = (("isp.SYSTEM_ERROR", 200), ("isv.BUSINESS_LIMIT_CONTROL", 200), ("Throttling.User", 400), ("Throttling", 503))


class Temper(NamedTuple):
    """How likely each is, from 0 to 1."""

    send: float
    """A request to send does not go well."""
    query: float
    """A question does not go well."""
    early: float
    """A message's report comes before the answer."""
    fails: float
    """A message is not delivered."""
    silent: float
    """No report ever comes."""
    late: float
    """A report takes its time."""
    again: float
    """A report comes twice."""


CRUEL = Temper(send=0.12, query=0.2, early=0.05, fails=0.06, silent=0.04, late=0.05, again=0.08)
KIND = Temper(*(0.0,) * 7)


def trouble(random: Random, temper: Temper, action: str) -> Fault | None:
    """What befalls the next request of ``action``, if anything does."""
    if random.random() >= (temper.send if action == "SendSms" else temper.query):
        return None
    taken = random.random() < 0.5
    match random.randrange(8):
        case 0:
            return Fault(how="hang", taken=taken, action=action)
        case 1:
            # Up to more than the sender waits.
            return Fault(how="slow", taken=True, action=action, seconds=random.uniform(0.2, 12))
        case 2:
            return Fault(how="reset", taken=taken, action=action)
        case 3:
            return Fault(how="close", taken=taken, action=action)
        case 4:
            return Fault(how="truncate", taken=True, action=action)
        case 5:
            return bad_gateway(taken=taken)
        case _:
            return refusal(*random.choice(_BUSY))


class Fate(NamedTuple):
    """What becomes of a message. ``pushed_after``: seconds after it was taken, ``None`` for no report."""

    err_code: str
    pushed_after: float | None
    again_after: float | None


def fate(random: Random, temper: Temper, *, early: bool) -> Fate:
    """What becomes of the next message."""
    fails, silent, late, again = (random.random() < chance for chance in temper[3:])
    pushed_after: float | None = random.uniform(5, 40) if late else random.uniform(0.1, 2)
    if early:
        pushed_after = 0.0
    elif silent:
        pushed_after = None
    return Fate(
        random.choice(_FAILURES) if fails else DELIVERED, pushed_after, random.uniform(0, 20) if again else None
    )

"""What a customer asked for: by which channels, of what not, and in which hours nothing may ring."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from schemas.customers import Customer, QuietHours
from schemas.times import DAY, HOUR, MINUTE, Micros, instant

RINGS = frozenset({"sms", "push"})
"""The channels that wait for the end of quiet hours."""
SILENT = frozenset({"inbox", "email"})
"""Those that something urgent takes in them at once."""


def mutes(customer: Customer, kind: str) -> bool:
    """Whether the customer wants to hear nothing of ``kind``."""
    return customer.preferences is not None and kind in (customer.preferences.muted_kinds or ())


def takes(customer: Customer, channel: str) -> bool:
    """Whether the customer surely takes messages on a channel."""
    return customer.preferences is None or customer.preferences.channels is None or _named(customer, channel)


def may_take(customer: Customer, channel: str) -> bool:
    """The same where it is not sure: whether an empty list means none or, as no list does, all, is left open."""
    return takes(customer, channel) or (customer.preferences is not None and customer.preferences.channels == ())


def loud_from(customer: Customer, at: Micros) -> Micros:
    """The first moment from ``at`` on at which something may ring."""
    hours = None if customer.preferences is None else customer.preferences.quiet_hours
    if hours is None or hours.from_ == hours.to:
        return at
    zone = ZoneInfo(hours.time_zone)
    while _is_quiet(hours, clock := _clock(at, zone)):
        # Where the clocks change meanwhile it is looked at again, and no change is longer than an hour.
        ends = at + (_minutes(hours.to) - clock) % DAY
        at = ends if _clock(ends, zone) == _minutes(hours.to) else min(ends, at + HOUR)
    return at


def _named(customer: Customer, channel: str) -> bool:
    return customer.preferences is not None and channel in (customer.preferences.channels or ())


def _is_quiet(hours: QuietHours, clock: Micros) -> bool:
    begin, end = _minutes(hours.from_), _minutes(hours.to)
    return begin <= clock < end if begin < end else clock >= begin or clock < end


def _minutes(text: str) -> Micros:
    return int(text[:2]) * HOUR + int(text[3:]) * MINUTE


def _clock(at: Micros, zone: ZoneInfo) -> Micros:
    local = instant(at).astimezone(zone)
    return (local - local.replace(hour=0, minute=0, second=0, microsecond=0, fold=local.fold)) // timedelta(
        microseconds=1
    )

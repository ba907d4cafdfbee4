"""Where the town lies. A coupon is told from 08:00 to 20:00 by the shop's clock, and the demo is played at any hour: so
the shop is where it is day."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONES: Sequence[str] = ("Asia/Shanghai", "Europe/London", "America/Los_Angeles")
"""The usual one, where it is day there. Together they have day at any hour of the year."""
_OPENS, _CLOSES = time(8), time(19, 59)
_LASTS = timedelta(minutes=3)
"""Longer than the demo."""


def where_it_is_day(now: datetime) -> str:
    """The first of the zones in which something that advertises may go while the demo is played."""
    return next(zone for zone in ZONES if _is_day(now, zone) and _is_day(now + _LASTS, zone))


def _is_day(at: datetime, zone: str) -> bool:
    return _OPENS <= at.astimezone(ZoneInfo(zone)).time() < _CLOSES

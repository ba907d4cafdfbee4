"""A customer's quiet hours."""

from functools import lru_cache
from zoneinfo import ZoneInfo

from schemas.customers import Customer
from schemas.times import Micros
from streams.policy.window import Window


def ends_at(profile: Customer, now: Micros) -> Micros:
    """When what may ring goes again: ``now`` where no quiet hours are. Hours that begin and end at once are none."""
    hours = None if profile.preferences is None else profile.preferences.quiet_hours
    if hours is None or hours.from_ == hours.to:
        return now
    loud, zone = _loud(hours.from_, hours.to, hours.time_zone)
    return loud.next_allowed(now, zone)


@lru_cache(maxsize=4_096)
def _loud(begin: str, end: str, zone: str) -> tuple[Window, ZoneInfo]:
    return Window.parse(f"{end}-{begin}"), ZoneInfo(zone)

"""A coupon, and when a text message may tell of it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from schemas.customers import Customer
from schemas.times import Micros, instant
from streams.policy.window import Window

HOURS = Window.parse("08:00-19:59")
"""When marketing may go by SMS: from 08:00 to 20:00, less the minute in which the last may still be on its way."""


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon that was given: its amount in CNY, and the day before which it is to be used."""

    amount: Decimal
    before: date

    @property
    def worth(self) -> str:
        """The amount in digits, whole where it is."""
        return str(int(self.amount)) if self.amount == int(self.amount) else f"{self.amount:.2f}"


def day_of(until: Micros, zone: ZoneInfo) -> date:
    """The day before which a coupon is to be used that is good until a moment."""
    return instant(until).astimezone(zone).date()


def in_hours(profile: Customer, now: Micros, shop: ZoneInfo) -> bool:
    """Whether marketing may ring, by the customer's clock, where the profile says which, and by the shop's as well: the
    carriers go by theirs, wherever the customer is."""
    wished = None if profile.preferences is None else profile.preferences.quiet_hours
    zones = (shop,) if wished is None else (shop, ZoneInfo(wished.time_zone))
    return all(HOURS.next_allowed(now, zone) == now for zone in zones)

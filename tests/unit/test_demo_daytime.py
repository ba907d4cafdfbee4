"""The demo finds a shop at whose clock a coupon may be told, at any hour of the year."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from orderbell.demo.daytime import ZONES, where_it_is_day
from schemas.customers import Customer
from schemas.times import micros
from streams.policy.coupon import in_hours

YEAR = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=17 * step) for step in range(366 * 24 * 60 // 17)]
NOBODY = Customer(customer_id="C1", tier="new", contacts=())


def test_at_any_hour_of_the_year_it_is_day_at_one_of_the_shops_until_the_demo_is_over() -> None:
    for now in YEAR:
        zone = ZoneInfo(where_it_is_day(now))
        assert in_hours(NOBODY, micros(now), zone)
        assert in_hours(NOBODY, micros(now + timedelta(minutes=2)), zone)


@pytest.mark.parametrize(("hour", "place"), [(0, 0), (11, 0), (12, 1), (18, 1), (20, 2), (23, 2)])
def test_the_usual_shop_comes_first(hour: int, place: int) -> None:
    assert where_it_is_day(datetime(2026, 1, 1, hour, tzinfo=UTC)) == ZONES[place]

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.times import DAY, MINUTE, Micros, instant, micros
from streams.policy.window import Window

SHANGHAI = ZoneInfo("Asia/Shanghai")

# Zones that skip hours, repeat them, shift by half an hour, once left out a whole day, and once gained seconds.
ZONES = [
    ZoneInfo(name)
    for name in (
        "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC",
    )
]  # fmt: skip
NEAR_CHANGES = [
    datetime(2026, 3, 29, 0, tzinfo=UTC),
    datetime(2026, 10, 24, 23, tzinfo=UTC),
    datetime(2026, 3, 8, 6, tzinfo=UTC),
    datetime(2026, 11, 1, 4, tzinfo=UTC),
    datetime(2026, 4, 4, 14, tzinfo=UTC),
    datetime(2026, 10, 3, 15, tzinfo=UTC),
    datetime(2011, 12, 30, 9, tzinfo=UTC),
    datetime(1987, 4, 11, 16, tzinfo=UTC),
]
MOMENTS = st.one_of(
    st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.builds(lambda near, off: near + off, st.sampled_from(NEAR_CHANGES), st.timedeltas(-timedelta(1), timedelta(1))),
).map(micros)


@st.composite
def windows(draw: st.DrawFn) -> str:
    opens, closes = draw(st.lists(st.integers(0, 1439), min_size=2, max_size=2, unique=True))
    return f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"


def is_open(window: str, at: Micros, zone: ZoneInfo) -> bool:
    opens, closes = (time.fromisoformat(part) for part in window.split("-"))
    clock = instant(at).astimezone(zone).time()
    return opens <= clock < closes if opens < closes else clock >= opens or clock < closes


@given(windows(), MOMENTS, st.sampled_from(ZONES))
def test_the_next_allowed_moment_is_the_first_at_which_the_clock_stands_within(
    window: str, at: Micros, zone: ZoneInfo
) -> None:
    allowed = Window.parse(window).next_allowed(at, zone)
    assert allowed >= at
    assert is_open(window, allowed, zone)
    if allowed > at:
        # All these zones change on whole minutes, so a look at each minute in between misses no opening.
        assert allowed % MINUTE == 0
        minutes = range(-(-at // MINUTE) * MINUTE, allowed, MINUTE)
        assert not any(is_open(window, minute, zone) for minute in (at, *minutes))


@given(MOMENTS, st.sampled_from(ZONES))
def test_always_is_now(at: Micros, zone: ZoneInfo) -> None:
    assert Window.parse("always").next_allowed(at, zone) == at


@pytest.mark.parametrize(
    ("window", "at", "allowed"),
    [
        ("08:00-21:00", "2026-11-23T07:59:59.999999", "2026-11-23T08:00:00"),
        ("08:00-21:00", "2026-11-23T20:59:59", "2026-11-23T20:59:59"),
        ("08:00-21:00", "2026-11-23T21:00:00", "2026-11-24T08:00:00"),
        ("22:00-06:00", "2026-11-23T23:00:00", "2026-11-23T23:00:00"),
        ("22:00-06:00", "2026-11-23T06:00:00", "2026-11-23T22:00:00"),
        ("18:00-24:00", "2026-11-23T23:59:59", "2026-11-23T23:59:59"),
        ("18:00-24:00", "2026-11-24T00:00:00", "2026-11-24T18:00:00"),
    ],
)
def test_a_window_holds_by_the_clock_of_the_zone(window: str, at: str, allowed: str) -> None:
    moment = micros(datetime.fromisoformat(at).replace(tzinfo=SHANGHAI))
    expected = micros(datetime.fromisoformat(allowed).replace(tzinfo=SHANGHAI))
    assert Window.parse(window).next_allowed(moment, SHANGHAI) == expected


def test_an_opening_that_the_clock_skips_is_the_moment_of_the_change() -> None:
    before = micros(datetime(2026, 3, 29, 0, 30, tzinfo=UTC))  # 01:30 in Berlin; at 02:00 it turns 03:00
    change = micros(datetime(2026, 3, 29, 1, 0, tzinfo=UTC))
    assert Window.parse("02:30-21:00").next_allowed(before, ZoneInfo("Europe/Berlin")) == change


def test_a_day_that_a_zone_leaves_out_is_not_waited_for() -> None:
    apia = ZoneInfo("Pacific/Apia")
    evening = datetime(2011, 12, 29, 22, tzinfo=apia)
    opening = datetime(2011, 12, 31, 8, tzinfo=apia)
    assert Window.parse("08:00-21:00").next_allowed(micros(evening), apia) == micros(opening)
    assert micros(opening) - micros(evening) < DAY


@pytest.mark.parametrize(
    "text",
    ["", "never", "8:00-21:00", "08:00", "08:00-08:00", "24:00-08:00", "08:00-24:01", "08:00–21:00", "08:00-21:00\n"],
)
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|never open"):
        Window.parse(text)

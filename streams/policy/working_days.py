"""The days on which banks in China work: Monday to Friday, but for what the State Council moves each year."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """``years`` holds, for each year that is known, the days of it that are not what their weekday says."""

    years: Mapping[int, frozenset[date]]

    def after(self, day: date, count: int) -> date | None:
        """The ``count``-th working day after ``day``; ``None`` where a year on the way to it is not known."""
        while count > 0:
            day += timedelta(days=1)
            moved = self.years.get(day.year)
            if moved is None:
                return None
            count -= (day.weekday() < _SATURDAY) != (day in moved)
        return day


def days(year: int, written: tuple[str, ...], *, weekend: bool) -> frozenset[date]:
    """Reads ``MM-DD``, each of which must lie on a weekend or not. Raises ``ValueError``."""
    found = set()
    for text in written:
        match = _DAY.fullmatch(text)
        try:
            day = date(year, int(match[1]), int(match[2])) if match else None
        except ValueError:
            day = None
        if day is None:
            raise ValueError(f"expected days of {year} like 10-01, got {text!r}")
        if (day.weekday() >= _SATURDAY) != weekend:
            raise ValueError(f"{text} of {year} is {'no' if weekend else 'a'} Saturday or Sunday")
        found.add(day)
    return frozenset(found)

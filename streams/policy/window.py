"""The hours of a day in which a notice may go."""

import re
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from schemas.times import DAY, MINUTE, SECOND, Micros, instant

_WINDOW = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)")


@dataclass(frozen=True, slots=True)
class Window:
    """From ``opens`` to before ``closes``, both in microseconds of the day by the wall clock of a zone.

    Where ``closes`` comes first the window wraps midnight.
    """

    opens: Micros
    closes: Micros

    @classmethod
    def parse(cls, text: str) -> "Window":
        """Reads ``always`` or ``HH:MM-HH:MM`` (``24:00`` is the day's end). Raises ``ValueError`` for others."""
        if text == "always":
            return ALWAYS
        match = _WINDOW.fullmatch(text)
        if match is None:
            raise ValueError(f"expected always or HH:MM-HH:MM, got {text!r}")
        opens = (int(match[1]) * 60 + int(match[2])) * MINUTE
        closes = (int(match[3]) * 60 + int(match[4])) * MINUTE if match[3] else DAY
        if opens == closes:
            raise ValueError(f"a window that opens and closes at once is never open, got {text!r}")
        return cls(opens, closes)

    def next_allowed(self, at: Micros, zone: ZoneInfo) -> Micros:
        """The first moment from ``at`` on at which the wall clock of ``zone`` stands within the window.

        Holds through changes of the clock: an opening that a change skips is the moment of the change.
        """
        if self.closes - self.opens == DAY:
            return at  # which spares reading the clock of a zone at each look
        while not self._holds(clock := _time_of_day(at, zone)):
            opening = at + (self.opens - clock) % DAY
            at = opening if _offset(opening, zone) == _offset(at, zone) else _change(at, opening, zone)
        return at

    def _holds(self, clock: Micros) -> bool:
        if self.opens < self.closes:
            return self.opens <= clock < self.closes
        return clock >= self.opens or clock < self.closes


ALWAYS = Window(0, DAY)


def _time_of_day(at: Micros, zone: ZoneInfo) -> Micros:
    local = instant(at).astimezone(zone)
    since_midnight = timedelta(
        hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    return since_midnight // timedelta(microseconds=1)


def _offset(at: Micros, zone: ZoneInfo) -> timedelta | None:
    return instant(at).astimezone(zone).utcoffset()


def _change(before: Micros, after: Micros, zone: ZoneInfo) -> Micros:
    """The moment between the two at which the zone's offset changes. Zones change on whole seconds."""
    first, offset = before // SECOND, _offset(before, zone)
    last = -(-after // SECOND)
    while last - first > 1:
        middle = (first + last) // 2
        if _offset(middle * SECOND, zone) == offset:
            first = middle
        else:
            last = middle
    return last * SECOND

"""Time inside the program: whole microseconds since the epoch, so that sums and comparisons are exact.

On the wire times are RFC 3339 with an offset, held by the Structs as aware ``datetime``.
"""

from datetime import UTC, datetime, timedelta, timezone, tzinfo

Micros = int
"""Microseconds since 1970-01-01T00:00:00Z, or a length of time in microseconds."""

MILLISECOND: Micros = 1_000
SECOND: Micros = 1_000_000
MINUTE: Micros = 60 * SECOND
HOUR: Micros = 60 * MINUTE
DAY: Micros = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCHS: dict[tzinfo | None, datetime] = {}
"""The epoch by each offset met: Python subtracts moments of one zone in half the time."""
_UNIT = timedelta(microseconds=1)
_FIRST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _UNIT
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _UNIT


def micros(moment: datetime) -> Micros:
    """The moment as microseconds. ``moment`` must be aware."""
    zone = moment.tzinfo
    epoch = _EPOCHS.get(zone)
    if epoch is None:
        epoch = _EPOCH
        if type(zone) is timezone:  # of a fixed offset, of which there are few
            epoch = _EPOCHS[zone] = _EPOCH.astimezone(zone)
    return (moment - epoch) // _UNIT


def instant(at: Micros) -> datetime:
    """The moment as an aware datetime in UTC; what lies outside the years 1 to 9999 is moved to their edge."""
    return _EPOCH + timedelta(microseconds=min(max(at, _FIRST), _LAST))

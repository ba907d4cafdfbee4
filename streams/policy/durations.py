"""Durations as a rules file writes them: ``90s``, ``5m``, ``24h``, ``7d``."""

import re

from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros

_UNITS: dict[str, Micros] = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_DURATION = re.compile(r"([0-9]{1,6})([smhd])")


def duration(text: str) -> Micros:
    """The length of time that ``text`` names. Raises ``ValueError`` where it names none."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"expected a duration like 90s, 5m, 24h or 7d, got {text!r}")
    return int(match[1]) * _UNITS[match[2]]

"""Until when Kafka keeps a record, by its topic's own configuration.

Nothing goes record by record. Retention takes whole segments, each when its newest record has had its time. Compaction
takes what a newer record of the same key has replaced, and later the null record that replaced it, each with the first
cleaning after the segment was closed; a segment is closed by the first record that comes after its time.
"""

from collections.abc import Mapping
from typing import NamedTuple

from schemas.times import HOUR, MILLISECOND, Micros

NEXT_RECORD: Micros = 2 * HOUR
"""Within how long a record comes that closes a segment: see ``agents.beats``, and a worker may just have started."""
CLEANING: Micros = HOUR
"""How long Kafka's cleaner may be busy elsewhere, and its retention not looked at."""
_NEVER = 2**63 - 1


class Keeping(NamedTuple):
    """What a topic's configuration says. ``None``: without end."""

    compacted: bool
    retention: Micros | None
    segment: Micros
    lag: Micros | None
    nulls: Micros

    def unreplaced(self, at: Micros) -> Micros | None:
        """Until when a record of ``at`` is there that is the newest of its key, or whose key does not matter."""
        return None if self.retention is None else at + self.retention + self.segment + CLEANING

    def replaced(self, at: Micros) -> Micros | None:
        """Until when a record is there that one of ``at`` has replaced."""
        return _earlier(self._cleaned(at), self.unreplaced(at))

    def null(self, at: Micros) -> Micros | None:
        """Until when a null record of ``at`` is there."""
        cleaned = self._cleaned(at)
        return _earlier(None if cleaned is None else self._cleaned(cleaned + self.nulls), self.unreplaced(at))

    def _cleaned(self, at: Micros) -> Micros | None:
        """When what was written ``at`` has been cleaned."""
        if not self.compacted or self.lag is None:
            return None
        return at + min(self.segment, self.lag) + NEXT_RECORD + CLEANING


def keeping(config: Mapping[str, str]) -> Keeping:
    """Reads a topic's configuration in Kafka, with all that is at its default."""
    cleanup = config["cleanup.policy"].split(",")
    return Keeping(
        compacted="compact" in cleanup,
        retention=_span(config, "retention.ms") if "delete" in cleanup else None,
        segment=int(config["segment.ms"]) * MILLISECOND,
        lag=_span(config, "max.compaction.lag.ms"),
        nulls=int(config["delete.retention.ms"]) * MILLISECOND,
    )


def _span(config: Mapping[str, str], name: str) -> Micros | None:
    milliseconds = int(config[name])
    return None if milliseconds in (-1, _NEVER) else milliseconds * MILLISECOND


def _earlier(one: Micros | None, other: Micros | None) -> Micros | None:
    return min((at for at in (one, other) if at is not None), default=None)

"""How far a task's sources were applied when it last worked: what its lag is measured by.

A partition on which nobody works any more is behind as well, and more so with each record. So what is known of it is
kept beyond the incarnation that knew it.
"""

from collections.abc import Mapping
from typing import NamedTuple

from schemas.times import SECOND, Micros
from streams.engine.surroundings import Watcher


class Applied(NamedTuple):
    """Of each source the next offset, and the time of the newest record applied since ``since``, if there was one."""

    positions: Mapping[str, int]
    newest: Mapping[str, Micros]
    since: Micros

    def tell_lag(self, watcher: Watcher, partition: int, ends: Mapping[str, int], now: Micros) -> None:
        """Tells how far each source is behind its end: in records, and by how old what was applied last is."""
        for topic, end in ends.items():
            behind = max(0, end - self.positions[topic])
            seconds = (now - self.newest.get(topic, self.since)) / SECOND
            watcher.lag(topic, partition, behind, max(0.0, seconds) if behind else 0.0)

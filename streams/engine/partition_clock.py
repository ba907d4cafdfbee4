"""The clock by which a partition's silence is judged.

A carrier is silent only if nothing came although everything that there was has been read. So the clock follows the
wall clock only up to the moment at which the partition's end was asked for and found to be where we had read to;
while we are up to a minute behind it follows the records, and further behind it stands still.
"""

from schemas.times import MINUTE, Micros

NEAR: Micros = MINUTE
"""How far the records may lie behind the wall clock and still move this clock."""


class PartitionClock:
    """Never goes back, never runs ahead of the wall clock. At 0 nothing is known yet."""

    def __init__(self) -> None:
        self.now: Micros = 0

    def read_to(self, timestamp: Micros, wall: Micros) -> bool:
        """Records up to ``timestamp`` were applied, and there are more. Whether that is near enough to judge by."""
        near = wall - timestamp <= NEAR
        if near:
            self.now = max(self.now, min(timestamp, wall))
        return near

    def caught_up(self, asked_at: Micros) -> None:
        """All that Kafka had when it was asked, at ``asked_at`` by the wall clock, has been applied."""
        self.now = max(self.now, asked_at)

"""What the events of one shipment come to: which silences are to be told, and which may not be."""

from dataclasses import dataclass
from typing import Any

from schemas.logistics import ShipmentDelayReported, ShipmentDelivered, ShipmentDispatched, ShipmentReturned
from schemas.times import DAY, MINUTE, Micros
from tests.oracle.terms import Terms
from tests.oracle.upstream import Heard

AHEAD: Micros = 5 * MINUTE
"""An update dated later than so long after its record counts as of its record."""
MARKED: Micros = 7 * DAY
"""An ended shipment stays known for so long."""
FORGOTTEN: Micros = 30 * DAY
"""A shipment without news is forgotten after so long."""
_CAUSES = ("weather", "customs", "capacity")


@dataclass(slots=True)
class Update:
    """An update, and the silence that may follow it.

    ``newest``: it was the newest known when it came, of a shipment that had not ended. ``over_at``: when something
    newer, or the end, was published after it. ``older``: when older updates came after it.
    """

    heard: Heard
    counts_from: Micros
    newest: bool
    doubtful: bool = False
    """It came so long after the end that the shipment may have been forgotten."""
    over_at: Micros | None = None
    over_by: Heard | None = None
    older: list[Micros] | None = None

    @property
    def key(self) -> tuple[Micros, str]:
        """By which the newest wins."""
        return self.counts_from, self.heard.event.event_id


class Shipment:
    """Takes the events of one shipment."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._ended_at: Micros | None = None
        self._newest: Update | None = None
        self.updates: list[Update] = []
        self.dispatches: list[Heard] = []
        self.adrift = False
        """A record was dated into the future, and an update relied on that: what it counts from is not said."""

    def take(self, heard: Heard) -> None:
        """The next event of the shipment. One that came before is nothing."""
        event, record = heard.event, heard.record
        if event.event_id in self._seen:
            return
        self._seen.add(event.event_id)
        if isinstance(event, ShipmentDispatched):
            self.dispatches.append(heard)
        counts_from = heard.occurred if heard.occurred <= record.timestamp + AHEAD else record.timestamp
        ended = self._ended_at is not None
        long_ended = self._ended_at is not None and record.at >= self._ended_at + MARKED
        self.adrift |= record.timestamp > record.at and counts_from > record.at + AHEAD
        update = Update(heard, counts_from, newest=not ended, doubtful=long_ended)
        if isinstance(event, ShipmentDelivered | ShipmentReturned):
            update.newest = False
            self._end_silence(update)
            self._ended_at = record.at
        elif self._newest is None or update.key > self._newest.key:
            self._end_silence(update)
            self._newest = update
        else:
            update.newest = False
            self._newest.older = [*(self._newest.older or ()), record.at]
        self.updates.append(update)

    def _end_silence(self, by: Update) -> None:
        if self._newest is not None and self._newest.over_at is None:
            self._newest.over_at = by.heard.record.at
            self._newest.over_by = by.heard

    @property
    def carriers(self) -> set[str]:
        """All that its dispatches name."""
        return {heard.event.carrier for heard in self.dispatches}

    def due(self, update: Update, terms: Terms) -> Micros | None:
        """When the silence after ``update`` is surely long enough, and all is known that it takes to tell it."""
        if not self.dispatches:
            return None
        silent = update.counts_from + terms.longest_after(self.carriers)
        return max(silent, update.heard.record.at, min(heard.record.at for heard in self.dispatches))

    def causes(self, update: Update) -> set[str | None]:
        """The causes that a stall after ``update`` may name; ``None`` where it may name none."""
        if isinstance(update.heard.event, ShipmentDelayReported):
            return {_cause(update.heard.event)}
        near = [other for other in self.updates if self._explains(other, update)]
        causes: set[str | None] = {_cause(other.heard.event) for other in near}
        came_before = [other for other in near if other.heard.record.offset < update.heard.record.offset]
        if any(update.counts_from - other.counts_from < DAY for other in came_before):
            return causes
        return causes | {None}

    @staticmethod
    def _explains(delay: Update, update: Update) -> bool:
        if not isinstance(delay.heard.event, ShipmentDelayReported):
            return False
        return delay.counts_from <= update.counts_from <= delay.counts_from + DAY


def _cause(event: Any) -> str:
    return event.reason if event.reason in _CAUSES else "other"

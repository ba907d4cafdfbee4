"""A parcel of an order, for tests of the watch over it."""

from typing import Any

from agents import shipments
from schemas.times import Micros
from streams.operators.watch import Shipment
from streams.policy.rules import Rules
from tests.driver import NOON, Driver
from tests.events import event, published
from tests.unit.rules import RULES


class Parcel:
    """Parcel T1 of order A1, and what is written of it."""

    def __init__(self, rules: Rules = RULES, *, now: Micros = NOON, floor: Micros = 0) -> None:
        self.driver: Driver[Shipment] = Driver(shipments.kind(), rules, now=now, floor=floor)
        self._number = 0

    @property
    def now(self) -> Micros:
        return self.driver.wall

    def hears(
        self,
        kind: str,
        *,
        at: Micros | None = None,
        event_id: str = "",
        timestamp: Micros | None = None,
        at_end: bool = True,
        **fields: Any,
    ) -> None:
        """An update of type ``shipment.KIND`` that occurred ``at``, and is read now."""
        self._number += 1
        at = self.now if at is None else at
        update = event(f"shipment.{kind}", at=at, event_id=event_id or f"E{self._number}", **fields)
        self.driver.feed(published(update, self.now if timestamp is None else timestamp), at_end=at_end)

    def waits(self, by: Micros) -> list[Any]:
        """The commands that were written until then."""
        self.driver.advance(by)
        return self.written()

    def written(self) -> list[Any]:
        return self.driver.take("notification-commands")

    def told(self, by: Micros = 0) -> list[tuple[str, str]]:
        """Of each command until then what it does, and of which event."""
        return [(command["action"], command["event_id"]) for command in self.waits(by)]

"""A parcel of an order, for tests of the watch over it."""

from typing import Any

from agents import shipments
from schemas.times import Micros
from streams.operators.watch import Shipment
from streams.policy.rules import Rules
from tests.driver import NOON, Driver
from tests.unit.rules import RULES
from tests.unit.upstream import Upstream


class Parcel(Upstream[Shipment]):
    """Parcel T1 of order A1, and what is written of it."""

    def __init__(self, rules: Rules = RULES, *, now: Micros = NOON, floor: Micros = 0) -> None:
        super().__init__(Driver(shipments.kind(), rules, now=now, floor=floor))

    def hears(self, kind: str, **fields: Any) -> None:
        """An update of type ``shipment.KIND``; ``fields`` are as in ``publish``."""
        self.publish(f"shipment.{kind}", **fields)

    def waits(self, by: Micros) -> list[Any]:
        """The commands that were written until then."""
        self.driver.advance(by)
        return self.written()

    def written(self) -> list[Any]:
        return self.driver.take("notification-commands")

    def told(self, by: Micros = 0) -> list[tuple[str, str]]:
        """Of each command until then what it does, and of which event."""
        return [(command["action"], command["event_id"]) for command in self.waits(by)]

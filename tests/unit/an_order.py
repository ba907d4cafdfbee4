"""An order of a customer, for tests of what is told of it."""

from typing import Any

from agents import orders
from schemas.times import Micros
from streams.operators.order import Order
from streams.policy.rules import Rules
from tests.driver import NOON, Driver
from tests.events import event, published
from tests.unit.rules import RULES

EXCEPTIONS = ("payment.failed", "stock.shortage", "address.undeliverable", "order.cancelled")


class Shop:
    """Order A1 of customer C1, and what is written of it."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.driver: Driver[Order] = Driver(orders.kind(), rules, now=NOON)
        self._number = 0

    @property
    def now(self) -> Micros:
        return self.driver.wall

    def says(
        self,
        kind: str,
        *,
        at: Micros | None = None,
        event_id: str = "",
        timestamp: Micros | None = None,
        at_end: bool = True,
        **fields: Any,
    ) -> list[tuple[str, ...]]:
        """An event that occurred ``at`` (now, if nothing is said) and is read now; what is written then."""
        self._number += 1
        at = self.now if at is None else at
        said = event(kind, at=at, event_id=event_id or f"E{self._number}", **fields)
        self.driver.feed(published(said, self.now if timestamp is None else timestamp), at_end=at_end)
        return self.written()

    def written(self) -> list[tuple[str, ...]]:
        """In short: ``notify`` or ``settle`` and its kind, or outcome and reason."""
        sent, self.driver.sent = self.driver.sent, []
        self.last = [one.value for one in sent]
        return [
            (one["action"], one["kind"]) if "action" in one else (one["outcome"], one["reason"]) for one in self.last
        ]

    def command(self, kind: str, **fields: Any) -> Any:
        """The one command that an event makes."""
        self.says(kind, **fields)
        [command] = self.last
        return command

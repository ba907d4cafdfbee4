"""An order of a customer, for tests of what is told of it."""

from typing import Any

from agents import orders
from streams.operators.order import Order
from streams.policy.rules import Rules
from tests.driver import NOON, Driver
from tests.unit.rules import RULES
from tests.unit.upstream import Upstream

EXCEPTIONS = ("payment.failed", "stock.shortage", "address.undeliverable", "order.cancelled")


class Shop(Upstream[Order]):
    """Order A1 of customer C1, and what is written of it."""

    def __init__(self, rules: Rules = RULES) -> None:
        super().__init__(Driver(orders.kind(), rules, now=NOON))

    def says(self, kind: str, **fields: Any) -> list[tuple[str, ...]]:
        """An event, with ``fields`` as in ``publish``; what is written then."""
        self.publish(kind, **fields)
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

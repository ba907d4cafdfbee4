"""Reads the stock levels and checks them; so far nothing follows from one."""

from agents.stateless import Nothing, Stateless
from schemas.inventory import StockLevel
from streams import topics
from streams.decode import Decoder
from streams.engine.table import Codec
from streams.engine.task_kind import TaskKind
from streams.engine.turn import Record, Turn
from streams.policy.rules import Rules


class Inventory(Stateless):
    """The processor of the task ``inventory``."""

    def __init__(self) -> None:
        self._decode: Decoder[StockLevel] = Decoder(StockLevel, "sku")

    def record(self, turn: Turn[Nothing, Rules], record: Record) -> None:
        """Counts a level that can be read."""
        if self._decode(record):
            turn.count("events", record.topic, "stock_level")


def kind() -> TaskKind[Nothing, Rules]:
    """The task ``inventory``."""
    return TaskKind("inventory", (topics.INVENTORY.name,), Inventory(), Codec(Nothing), clock="wall")

"""An upstream service that tells one task what happened, for tests of what comes of it."""

from typing import Any, Generic, TypeVar

from schemas.times import Micros
from tests.driver import Driver
from tests.events import event, published

S = TypeVar("S")


class Upstream(Generic[S]):
    """What upstream says, to the task of ``driver``."""

    def __init__(self, driver: Driver[S]) -> None:
        self.driver = driver
        self._number = 0

    @property
    def now(self) -> Micros:
        return self.driver.wall

    def publish(
        self,
        kind: str,
        *,
        at: Micros | None = None,
        event_id: str = "",
        timestamp: Micros | None = None,
        at_end: bool = True,
        **fields: Any,
    ) -> None:
        """An event that occurred ``at`` (now, if nothing is said), and is read now."""
        self._number += 1
        at = self.now if at is None else at
        said = event(kind, at=at, event_id=event_id or f"E{self._number}", **fields)
        self.driver.feed(published(said, self.now if timestamp is None else timestamp), at_end=at_end)

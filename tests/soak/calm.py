"""A stream whose people, orders and parcels are always the same: what must be remembered of them hardly grows."""

from itertools import count, cycle
from random import Random
from typing import Any

from tests.soak.acts import Act, Event, Person, order_event, parcel_event

_PARCELS, _ORDERS = 200, 100
_ONE_IN = 20
"""How many scans come for one failed payment. At 20 events a second each order fails again when its window is over."""


class CalmStream:
    """Like ``Stream``: scans in turn, so often that none is stalled, and now and then a failed payment."""

    def __init__(self, seed: int, rate: float) -> None:
        self._random = Random(f"{seed}/calm")
        self._rate = rate
        self._begun = 0
        self._people = [Person(f"c{number}", f"138{number:08d}") for number in range(_ORDERS)]
        self._parcels = cycle(range(_PARCELS))
        self._orders = cycle(range(_ORDERS))
        self._first = [*self._opening()]
        self._numbers = count(1)

    def due(self, elapsed: float) -> list[Act]:
        """What is to be done until ``elapsed`` seconds after the start."""
        acts, self._first = self._first, []
        while self._begun < elapsed * self._rate:
            self._begun += 1
            acts.append(Act(0, self._next()))
        return acts

    def _opening(self) -> list[Act]:
        profiles = [Act(0, person.profile) for person in self._people]
        parcels = [Act(0, self._dispatched(number)) for number in range(_PARCELS)]
        return profiles + parcels

    def _dispatched(self, number: int) -> Event:
        named: dict[str, Any] = {"order_id": f"p{number}", "customer_id": f"c{number % _ORDERS}", "carrier": "顺丰"}
        return parcel_event(self._random, "shipment.dispatched", f"t{number}", **named)

    def _next(self) -> Event:
        if next(self._numbers) % _ONE_IN:
            return parcel_event(self._random, "shipment.scanned", f"t{next(self._parcels)}", location="上海")
        number = next(self._orders)
        return order_event(self._random, "payment.failed", f"o{number}", f"c{number}", reason="card_error")

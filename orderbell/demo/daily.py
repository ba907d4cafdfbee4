"""What goes on in the town all day, so that it can be seen when something breaks: parcels move, orders go wrong."""

import asyncio
from datetime import timedelta
from itertools import count, cycle
from typing import Any

from orderbell.demo.together import until_one_ends
from orderbell.demo.upstream import Event, Upstream

NEIGHBOURS = 600
"""Each has a telephone and a parcel on the road: of a carrier whose feed dies each partition sees more stalls than the
hundred that make a storm."""
CARRIER = "yto"
ROUND = 60.0
"""Seconds within which each parcel is scanned once."""
WRONG_EVERY = 2.0
"""Seconds between two orders that go wrong."""
SCANNED_AGO = timedelta(hours=23, minutes=57)
"""How old each scan is when it is published: of a feed that dies every parcel has stalled three minutes later, and
nobody need wait for a day."""
_AT_ONCE = 50


class Daily:
    """Publishes for as long as it runs. While ``feed`` is false no parcel is heard of."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._numbers = count()
        self.feed = True

    async def begin(self) -> None:
        """The neighbours, and their parcels."""
        for first in range(0, NEIGHBOURS, _AT_ONCE):
            some = range(first, first + _AT_ONCE)
            await asyncio.gather(*(self._upstream.publish(self._profile(number)) for number in some))
            await asyncio.gather(*(self._upstream.publish(self._dispatched(number)) for number in some))

    async def go_on(self) -> None:
        """For ever. Raises Kafka's error where it fails."""
        await until_one_ends(self._parcels(), self._orders())

    async def _parcels(self) -> None:
        for number in cycle(range(NEIGHBOURS)):
            await asyncio.sleep(ROUND / NEIGHBOURS)
            if self.feed:
                parcel = self._upstream.parcel("shipment.scanned", f"YT{number:04}", SCANNED_AGO, location="嘉兴")
                await self._upstream.publish(parcel)

    async def _orders(self) -> None:
        for number, (kind, fields) in zip(cycle(range(NEIGHBOURS)), cycle(_WRONG.items()), strict=False):
            await asyncio.sleep(WRONG_EVERY)
            order_id = f"D{next(self._numbers):06}"
            await self._upstream.publish(self._upstream.order(kind, order_id, f"N{number:04}", **fields))

    def _profile(self, number: int) -> Event:
        contact = {"contact_id": f"N{number:04}-1", "role": "buyer", "phone": f"1380000{number:04}"}
        return self._upstream.customer({"customer_id": f"N{number:04}", "tier": "regular", "contacts": [contact]})

    def _dispatched(self, number: int) -> Event:
        named = {"order_id": f"P{number:04}", "customer_id": f"N{number:04}", "carrier": CARRIER}
        return self._upstream.parcel("shipment.dispatched", f"YT{number:04}", SCANNED_AGO, **named)


_WRONG: dict[str, dict[str, Any]] = {
    "payment.failed": {"reason": "card_error"},
    "stock.shortage": {"sku": "S99", "name": "羊毛毯"},
    "address.undeliverable": {"address": "某路 5 号", "area": "杭州市", "reason": "地址不详"},
}

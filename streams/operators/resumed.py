"""Good news of a shipment that was stalled: it moves again.

It is owed to whom a stall was told, once for each, and told by the first movement after it, which is a dispatch or a
scan. A carrier's word on a delay settles the stall, but nothing moves by it, so the good news waits for what does; and
so it does where the movement was so long ago that the shipment is stalled again. An end is no movement. With the end,
and with the next stall, good news that was not heard yet is true no longer.
"""

from schemas.logistics import Event, ShipmentDispatched, ShipmentScanned
from schemas.times import Micros
from streams.operators import watch
from streams.operators.watch import News, Shipment
from streams.policy.rules import Rules


def since(before: Shipment, after: Shipment, event: Event, now: Micros, rules: Rules, floor: Micros) -> News | None:
    """The good news of a shipment that ``event`` made ``after``: told by it where it is so there and not ``before``."""
    owed = _owed(before)
    if after.ended_until:
        return None
    if owed is None or after.event_id != event.event_id:
        return before.news
    named = after.named
    if (
        not rules.tells("shipment_resumed")
        or named is None
        or (named.order_id, named.customer_id) != (owed.order_id, owed.customer_id)
    ):
        return None  # nobody is told, or it is another order's now
    if isinstance(event, ShipmentDispatched | ShipmentScanned) and watch.deadline(after, rules, floor) > now:
        return News(owed.order_id, owed.customer_id, told=True)
    return owed


def _owed(shipment: Shipment) -> News | None:
    """Good news that was not told yet."""
    told, news = shipment.told, shipment.news
    if told is not None:
        return News(told.order_id, told.customer_id, told=False)
    return None if news is None or news.told else news

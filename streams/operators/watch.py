"""The watch of a shipment: it is stalled when nothing was heard of it for 24 hours.

What is known of a shipment is, part by part, the newest by (``occurred_at``, ``event_id``) of what has come, and an
end is final. So neither the order of arrival nor a repetition changes it. The rules, from the wire contract:

- The watch counts from the newest update, whatever its type. One dated more than 5 minutes after its record counts as
  that record; its id is kept, since a redelivery has a newer record and would count as a newer update.
- A stall is told once for the update that it counts from. A newer update settles it and starts the watch again.
- A scan may come before the dispatch that names order and carrier: what can't be told yet waits for it.
- An ended shipment stays known for 7 days, so that a late redelivery starts no new watch.
- One without news for 30 days is forgotten, stalled or not.
"""

from copy import copy
from typing import Any

import msgspec

from schemas.logistics import (
    Event,
    ShipmentDelayReported,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentReturned,
    ShipmentScanned,
)
from schemas.times import DAY, HOUR, MINUTE, Micros, instant, micros
from streams.policy.rules import Rules

FUTURE: Micros = 5 * MINUTE
"""How much later than its record an update may be dated."""
ENDED_KNOWN: Micros = 7 * DAY
FORGOTTEN_AFTER: Micros = 30 * DAY
CAUSE_HOLDS: Micros = 24 * HOUR
"""For how long after it a delay report gives the cause of a stall."""
MOST_FUTURE = 32
"""How many ids of future-dated updates are kept of one shipment."""

_CAUSES = frozenset(("weather", "customs", "capacity"))


class Named(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the newest dispatch names."""

    at: Micros
    event_id: str
    order_id: str
    customer_id: str
    carrier: str


class Delay(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the newest delay report says."""

    at: Micros
    event_id: str
    cause: str
    expected_days: int | str | None


class Told(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Whom the stall that counts from the newest update was told to."""

    order_id: str
    customer_id: str


class News(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Good news of a stall that was told, and whose it is: ``told``, or owed since nothing has moved yet."""

    order_id: str
    customer_id: str
    told: bool


class Shipment(msgspec.Struct, array_like=True, gc=False):
    """What is known of a shipment. ``at`` and ``event_id`` are the newest update's; of an ended one only
    ``ended_until`` is known: when it is forgotten."""

    at: Micros
    event_id: str
    named: Named | None = None
    delay: Delay | None = None
    told: Told | None = None
    ended_until: Micros = 0
    future: tuple[str, ...] = ()
    news: News | None = None


def effective(occurred_at: Micros, stamp: Micros) -> Micros:
    """The moment from which an update counts; ``stamp`` is its record's."""
    return occurred_at if occurred_at <= stamp + FUTURE else stamp


def after(known: Shipment | None, event: Event, stamp: Micros, now: Micros) -> Shipment | None:
    """The shipment once ``event`` has come, with a record of ``stamp``; ``None`` where it changes nothing."""
    kind = type(event)
    if kind is ShipmentDelivered or kind is ShipmentReturned:
        return _ended(known, max(stamp, now) + ENDED_KNOWN)
    occurred_at = micros(event.occurred_at)
    at = effective(occurred_at, stamp)
    if known is None:
        return _with(Shipment(at, event.event_id), event, at, future=at != occurred_at)
    if known.ended_until or (known.future and event.event_id in known.future):
        return None
    if at > known.at or _newer(at, event.event_id, known):
        newest = Shipment(at, event.event_id, known.named, known.delay, None, 0, known.future, known.news)
        if kind is ShipmentScanned and at == occurred_at:
            return newest  # most events: a scan says no more
        return _with(newest, event, at, future=at != occurred_at)
    changed = _with(copy(known), event, at, future=at != occurred_at)
    return None if changed == known else changed


def _ended(known: Shipment | None, until: Micros) -> Shipment | None:
    if known is not None and known.ended_until >= until:
        return None
    return Shipment(0, "", ended_until=until)


def _newer(at: Micros, event_id: str, than: Shipment | Named | Delay | None) -> bool:
    return than is None or at > than.at or (at == than.at and event_id > than.event_id)


def _with(shipment: Shipment, event: Event, at: Micros, *, future: bool) -> Shipment:
    """``shipment`` with what ``event`` says beside that there is news."""
    if future:
        shipment.future = (*shipment.future, event.event_id)[-MOST_FUTURE:]
    if type(event) is ShipmentDispatched:
        if _newer(at, event.event_id, shipment.named):
            shipment.named = Named(at, event.event_id, event.order_id, event.customer_id, event.carrier)
    elif type(event) is ShipmentDelayReported and _newer(at, event.event_id, shipment.delay):
        cause = event.reason if event.reason in _CAUSES else "other"
        shipment.delay = Delay(at, event.event_id, cause, event.expected_days)
    return shipment


def forgotten_at(shipment: Shipment, floor: Micros) -> Micros:
    """When nothing of the shipment is known any more. Before ``floor`` nothing is known of anything."""
    return shipment.ended_until or max(shipment.at, floor) + FORGOTTEN_AFTER


def deadline(shipment: Shipment, rules: Rules, floor: Micros) -> Micros:
    """When the shipment is stalled, where that can be told and was not; else when it is forgotten."""
    if shipment.ended_until or shipment.named is None or shipment.told is not None:
        return forgotten_at(shipment, floor)
    return max(shipment.at, floor) + min(rules.stall_after(shipment.named.carrier), FORGOTTEN_AFTER)


def facts(shipment: Shipment, now: Micros, floor: Micros) -> dict[str, Any]:
    """What is told of a stall. ``hours`` are those of which it is known that nothing was heard."""
    known: dict[str, Any] = {
        "last_update_at": instant(shipment.at),
        "hours": (now - max(shipment.at, floor)) // HOUR,
    }
    if shipment.named is not None:
        known["carrier"] = shipment.named.carrier
    if shipment.delay is not None and shipment.at - shipment.delay.at <= CAUSE_HOLDS:
        known["cause"] = shipment.delay.cause
        if shipment.delay.expected_days is not None:
            known["expected_days"] = shipment.delay.expected_days
    return known


def told(shipment: Shipment, named: Named) -> Shipment:
    """The shipment once its stall is told."""
    changed = copy(shipment)
    changed.told = Told(named.order_id, named.customer_id)
    changed.news = None
    return changed

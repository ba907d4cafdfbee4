"""What situations occur in the histories of a run, found in what is published alone."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple, get_args

import msgspec

from schemas import customers, inventory, logistics, orders
from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros, micros
from streams.decode import Decoder
from streams.errors import Invalid
from streams.policy.contacts import normalise
from streams.policy.opt_outs import stop_word
from tests.clock import START
from tests.driver import record
from tests.simulation.plan import Publish, Reply, Story
from tests.simulation.stories.moments import allowed

DECODERS: dict[str, Decoder[Any]] = {
    "orders": Decoder(orders.Event, "order_id"),
    "logistics": Decoder(logistics.Event, "tracking_no"),
    "customers": Decoder(customers.Customer, "customer_id"),
    "inventory": Decoder(inventory.StockLevel, "sku"),
}
EXCEPTIONS = (orders.PaymentFailed, orders.StockShortage, orders.AddressUndeliverable, orders.OrderCancelled)
SETTLES = {
    orders.PaymentFailed: orders.OrderPaid,
    orders.StockShortage: orders.StockReplenished,
    orders.AddressUndeliverable: orders.AddressCorrected,
}
_WINDOWS = {orders.PaymentFailed: HOUR, orders.StockShortage: DAY, orders.AddressUndeliverable: DAY}
_OPTIONAL = {
    kind.__name__: [field.name for field in msgspec.structs.fields(kind) if not field.required]
    for kind in get_args(orders.Event)
}
_HOLD = 5 * SECOND
_MARK = 3 * SECOND


class Heard(NamedTuple):
    """An event that can be read, and when it is published. Times are after the start."""

    at: Micros
    event: Any
    occurred: Micros


def read(act: Publish) -> Any:
    """The event; ``None`` where its type is unknown or a customer is erased. Raises ``Invalid``."""
    if act.value is None and act.topic == "customers" and act.key:
        return None
    return DECODERS[act.topic](record(act.topic, act.key, None if act.value is None else act.value.encode()))


def situations(told: list[Story]) -> Iterator[str]:
    """The names of all that occurs, each perhaps more than once."""
    acts = sorted((act for story in told for act in story.acts), key=lambda act: act.at)
    by_order, by_parcel = defaultdict[str, list[Heard]](list), defaultdict[str, list[Heard]](list)
    profiles = defaultdict[str, list[tuple[Micros, Any]]](list)
    stamps, came = list[Micros](), defaultdict[Any, list[Micros]](list)
    for act in acts:
        if not isinstance(act, Publish):
            continue
        try:
            event = read(act)
        except Invalid as invalid:
            yield f"{act.topic}: {invalid.reason}"
            continue
        if act.topic == "customers":
            profiles[act.key or ""].append((act.at, event))
        elif event is None:
            yield f"{act.topic}: unknown type"
        elif act.topic != "inventory":
            came[act.topic, act.key, act.value].append(act.at)
            lists = by_order if act.topic == "orders" else by_parcel
            lists[act.key or ""].append(Heard(act.at, event, micros(event.occurred_at) - START))
        if act.timestamp is not None:
            stamps.append(act.at - act.timestamp)
        if act.value is not None and len(act.value.encode()) == 65_536:
            yield "just not too large"
    yield from _on_the_way(stamps, came)
    for of_order in by_order.values():
        yield from _order(of_order)
    for of_parcel in by_parcel.values():
        yield from _parcel(of_parcel, by_order)
    failing = sorted(
        (one.at, one.event.customer_id) for many in by_order.values() for one in many if type(one.event) in EXCEPTIONS
    )
    yield from _bursts([at for at, _ in failing])
    for customer_id, known in profiles.items():
        yield from _customer(known, [at for at, whose in failing if whose == customer_id])
    if {whose for _, whose in failing} - profiles.keys():
        yield "a customer is never known"
    yield from _numbers(profiles)
    yield from _replies([act for act in acts if isinstance(act, Reply)], profiles, failing)


def _on_the_way(stamps: list[Micros], came: dict[Any, list[Micros]]) -> Iterator[str]:
    if any(stamp > HOUR for stamp in stamps):
        yield "a feed is held up and its records say since when"
    if any(stamp < 0 for stamp in stamps):
        yield "a record is stamped ahead"
    for (topic, _, _), times in came.items():
        for later in (at - times[0] for at in times[1:]):
            when = "at once" if later < MINUTE else "after hours" if later > HOUR else "later"
            yield f"{topic}: redelivered {when}"


def _order(heard: list[Heard]) -> Iterator[str]:
    distinct = {one.event.event_id: one for one in reversed(heard)}  # each as it was first heard
    firsts = list(reversed(distinct.values()))
    for one in firsts:
        kind = type(one.event).__name__
        yield from (f"{kind}.{name}" for name in _OPTIONAL[kind] if getattr(one.event, name) is not None)
        if one.occurred > one.at + 2 * MINUTE:
            yield "an order's event is dated ahead"
        if one.occurred < one.at - DAY:
            yield "an order's event comes after a day"
        if isinstance(one.event, orders.OrderCancelled):
            yield f"cancelled by {one.event.cancelled_by}"
    for fails, ends in SETTLES.items():
        failed = [one for one in firsts if type(one.event) is fails]
        ended = [one for one in firsts if type(one.event) is ends]
        yield from _settled(failed, ended)
        yield from _repeated(failed, _WINDOWS[fails])
        if fails is orders.StockShortage and any(0 < one.at - end.at < HOUR for one in failed for end in ended):
            yield "goods are short again"
    closing = [one for one in firsts if isinstance(one.event, orders.OrderCancelled | orders.OrderCompleted)]
    for close in closing[:1]:
        after = [one for one in firsts if one.at > close.at and type(one.event) in EXCEPTIONS]
        if any(not isinstance(one.event, orders.OrderCancelled) for one in after):
            yield f"an exception after {type(close.event).__name__}"
        if any(isinstance(one.event, orders.OrderCancelled) for one in after):
            yield f"cancelled after {type(close.event).__name__}"
        if any(0 < close.at - one.at < _HOLD and one not in closing for one in firsts):
            yield f"{type(close.event).__name__} within the hold"
        yield from _consigned(close, [one.event for one in firsts if one.at < close.at])
    if len({one.event.sku for one in firsts if isinstance(one.event, orders.StockShortage)}) > 1:
        yield "several things are short"


def _consigned(close: Heard, before: list[Any]) -> Iterator[str]:
    """Whose goods are in an order that is over."""
    items = [item for event in before if isinstance(event, orders.OrderPlaced) for item in event.items]
    consignors = {item.consignor_id for item in items if item.consignor_id}
    what = "cancelled" if isinstance(close.event, orders.OrderCancelled) else "completed"
    if consignors:
        yield f"an order of {'several consignors' if len(consignors) > 1 else 'a consignor'} is {what}"
    if close.event.customer_id in consignors:
        yield "a consignor is the buyer"
    if any(isinstance(event, orders.StockShortage) and event.consignor_id for event in before):
        yield f"{what} while goods of a consignor are short"


def _settled(failed: list[Heard], ended: list[Heard]) -> Iterator[str]:
    for one in failed:
        for end in ended:
            if getattr(one.event, "sku", None) != getattr(end.event, "sku", None):
                continue
            gap = end.at - one.at
            if end.occurred < one.occurred:
                yield "a settle of something earlier " + ("comes before" if gap < 0 else "comes after")
            elif gap < 0:
                yield "a settle overtakes its exception"
            else:
                yield "settled within the hold" if gap < _HOLD else "settled later"
                if isinstance(one.event, orders.StockShortage) and gap > MINUTE:
                    yield f"goods are back{'' if allowed(end.at) == end.at else ' at night'}"
            if end.occurred == one.occurred:
                yield "a settle occurs in the same moment"


def _repeated(failed: list[Heard], window: Micros) -> Iterator[str]:
    for one, other in pairwise(failed):
        if getattr(one.event, "sku", None) == getattr(other.event, "sku", None):
            gap = abs(other.occurred - one.occurred)
            which = "an hour" if window == HOUR else "a day"
            if gap == window:
                yield f"repeated just at {which}"
            elif window < gap < window + MINUTE:
                yield f"repeated just after {which}"
            elif gap < window:
                yield f"repeated {'just ' if gap > window - MINUTE else ''}within {which}"
            if other.occurred < one.occurred:
                yield "an older repeat comes later"


def _parcel(heard: list[Heard], by_order: dict[str, list[Heard]]) -> Iterator[str]:
    named = next((one.event for one in heard if isinstance(one.event, logistics.ShipmentDispatched)), None)
    if named is None:
        yield "a parcel is never named"
    else:
        yield f"carrier {named.carrier}"
        if not isinstance(heard[0].event, logistics.ShipmentDispatched):
            yield "a parcel is seen before it is named"
        closing = [type(one.event) for one in by_order.get(named.order_id, [])]
        if orders.OrderCancelled in closing or orders.OrderCompleted in closing:
            yield "a parcel's order is over"
    newest, ended, silences = -DAY, False, 0
    seen = set[str]()
    for one in heard:
        if one.event.event_id in seen or ended:
            if ended:
                yield "redelivered after the end" if one.event.event_id in seen else "seen after the end"
            continue
        seen.add(one.event.event_id)
        if one.occurred > one.at + 5 * MINUTE:
            yield "seen in the future"
        if len(seen) > 1:
            silences += one.at > newest + DAY
            yield from _update(one, newest)
        ended = isinstance(one.event, logistics.ShipmentDelivered | logistics.ShipmentReturned)
        newest = max(newest, min(one.occurred, one.at))
    if silences > 1:
        yield "silent twice"
    if not ended:
        yield "silent in the end"


def _update(one: Heard, newest: Micros) -> Iterator[str]:
    stalls = newest + DAY
    kind = type(one.event).__name__
    if one.occurred < newest:
        yield "old news" + (" of a silent parcel" if one.at > stalls else "")
        return
    if one.at > stalls:
        yield "moves again"
        yield f"{kind} of a silent parcel"
        if one.at < allowed(stalls + MINUTE):
            yield "moves again before that was told" + (" at night" if one.at > stalls + 2 * MINUTE else "")
    if abs(one.at - stalls) <= _MARK:
        yield "heard of just before a day is over" if one.at < stalls else "heard of just after a day is over"
    if one.occurred == stalls:
        yield "seen when exactly a day is over"
    if isinstance(one.event, logistics.ShipmentDelayReported):
        yield f"cause {one.event.reason}"


def _bursts(at: list[Micros]) -> Iterator[str]:
    if any(later - sooner < 1.2 * SECOND for sooner, later in zip(at, at[20:], strict=False)):
        yield "a burst"


def _customer(known: list[tuple[Micros, Any]], failing: list[Micros]) -> Iterator[str]:
    first = known[0][0]
    if failing:
        late = first - failing[0]
        if late > 0:
            yield f"known {'shortly after' if late < 55 * SECOND else 'when that is waited for no more'}"
            if late > 10 * MINUTE:
                yield "known long after"
            if abs(late - MINUTE) < _MARK:
                yield "known when the wait ends"
        else:
            yield "known before"
    for (_, before), (at, after) in pairwise(known):
        if any(-2 * SECOND < at - fails < _HOLD for fails in failing):
            what = "erased" if after is None else "back" if before is None else _change(before, after)
            yield f"{what} within the hold"
        if after is None and any(fails > at for fails in failing):
            yield "an exception of an erased customer"
        if before is None and after is not None:
            yield "back"
    for _, profile in known:
        if profile is not None:
            yield from _profile(profile)


def _change(before: customers.Customer, after: customers.Customer) -> str:
    if before.tier != after.tier:
        return "tier changed"
    if len(before.contacts) > len(after.contacts):
        return "contact removed"
    return "moved" if _reads(before) != _reads(after) else "changed"


def _reads(profile: customers.Customer) -> list[str | None]:
    return [normalise(contact.phone) if contact.phone else None for contact in profile.contacts]


def _profile(profile: customers.Customer) -> Iterator[str]:
    yield f"{len(profile.contacts)} contacts"
    yield f"tier {profile.tier}"
    readable = [number for number in _reads(profile) if number]
    if len(readable) > len(set(readable)):
        yield "one number twice"
    for contact, number in zip(profile.contacts, _reads(profile), strict=True):
        if contact.kinds is not None:
            yield "a contact with kinds"
        if contact.phone and number is None:
            yield "a landline" if contact.phone[:1].isdigit() else "an unreadable number"
        if number and not number.startswith("+86"):
            yield "a number from abroad"
        if contact.phone is None:
            yield "a contact without a telephone"


def _numbers(profiles: dict[str, list[tuple[Micros, Any]]]) -> Iterator[str]:
    owners = defaultdict[str | None, list[str]](list)
    for customer_id, known in profiles.items():
        first = next((profile for _, profile in known if profile is not None), None)
        for number in dict.fromkeys(_reads(first) if first is not None else []):
            owners[number].append(customer_id)
    if any(len(of) > 1 for number, of in owners.items() if number):
        yield "two customers share a telephone"


def _replies(
    replies: list[Reply], profiles: dict[str, list[tuple[Micros, Any]]], failing: list[tuple[Micros, str]]
) -> Iterator[str]:
    for reply in replies:
        scope = stop_word(reply.content) or "nothing"
        yield f"a reply that stops {scope}"
        number = f"+{reply.number}" if len(reply.number) != 11 or reply.number[0] != "1" else f"+86{reply.number}"
        owners = [whose for whose, known in profiles.items() if any(p and number in _reads(p) for _, p in known)]
        gaps = [reply.at - at for at, whose in failing if whose in owners]
        if scope == "all" and any(0 <= gap <= _MARK for gap in gaps):
            yield "a stop just after an exception"
        if scope == "all" and any(-_MARK <= gap < 0 for gap in gaps):
            yield "a stop just before an exception"
        if scope == "all" and any(gap < -HOUR for gap in gaps):
            yield "an exception long after a stop"

"""The simulation's histories: repeatable, readable where they are to be, and cruel enough."""

import os
import subprocess
import sys
from collections import Counter
from functools import cache
from time import process_time

import msgspec
import pytest

from schemas.times import DAY
from streams.errors import Invalid
from tests.simulation.plan import Publish, Story
from tests.simulation.stories import stories
from tests.unit.situations import read, situations

SEEDS = range(50)
DAYS = 3

NEEDED = """
0 contacts, 1 contacts, 2 contacts, 3 contacts, one number twice, two customers share a telephone
a contact with kinds, a contact without a telephone, a landline, an unreadable number, a number from abroad
tier vip, tier regular, tier new
known before, known shortly after, known when the wait ends, known when that is waited for no more, known long after
a customer is never known
moved within the hold, contact removed within the hold, tier changed within the hold, changed within the hold
erased within the hold, an exception of an erased customer, back, back within the hold

OrderPlaced.merchant_id
PaymentFailed.reason_text, PaymentFailed.pay_by
StockShortage.restock_at, StockShortage.unique, StockShortage.consignor_id, StockShortage.alternatives
AddressUndeliverable.reason, AddressUndeliverable.area
OrderCancelled.amount, OrderCancelled.refund_days, OrderCancelled.paid
cancelled by merchant, cancelled by system, cancelled by customer
settled within the hold, settled later, a settle overtakes its exception, a settle occurs in the same moment
a settle of something earlier comes before, a settle of something earlier comes after
repeated within an hour, repeated just within an hour, repeated just at an hour, repeated just after an hour
repeated within a day, repeated just within a day, repeated just at a day, repeated just after a day
an older repeat comes later, several things are short
an order of a consignor is cancelled, an order of several consignors is cancelled, a consignor is the buyer
cancelled while goods of a consignor are short, completed while goods of a consignor are short
goods are back, goods are back at night, goods are short again
OrderCancelled within the hold, OrderCompleted within the hold
an exception after OrderCancelled, an exception after OrderCompleted
cancelled after OrderCancelled, cancelled after OrderCompleted
an order's event is dated ahead, an order's event comes after a day
orders: redelivered at once, orders: redelivered later, orders: redelivered after hours, a burst

moves again, moves again before that was told, moves again before that was told at night
silent twice, silent in the end
ShipmentScanned of a silent parcel, ShipmentDelayReported of a silent parcel, ShipmentDispatched of a silent parcel
ShipmentDelivered of a silent parcel, ShipmentReturned of a silent parcel
heard of just before a day is over, heard of just after a day is over, seen when exactly a day is over
a parcel is seen before it is named, a parcel is never named, a parcel's order is over
old news, old news of a silent parcel, seen in the future, seen after the end, redelivered after the end
cause weather, cause customs, cause capacity, cause other, cause solar_flare
carrier sf, carrier EMS, carrier 顺丰速运
logistics: redelivered at once, logistics: redelivered later, logistics: redelivered after hours
a feed is held up and its records say since when, a record is stamped ahead

orders: not_json, orders: missing_field, orders: wrong_type, orders: bad_value, orders: key_mismatch
orders: null_value, orders: too_large, orders: unknown type
logistics: not_json, logistics: missing_field, logistics: wrong_type, logistics: bad_value, logistics: key_mismatch
logistics: null_value, logistics: unknown type
customers: not_json, customers: missing_field, customers: wrong_type, customers: bad_value, customers: key_mismatch
inventory: not_json, inventory: missing_field, inventory: wrong_type, inventory: bad_value, inventory: null_value
just not too large

a reply that stops all, a reply that stops marketing, a reply that stops nothing
a stop just before an exception, a stop just after an exception, an exception long after a stop
"""


@cache
def told(seed: int) -> list[Story]:
    return stories(seed, DAYS)


def published(seed: int, *, poison: bool) -> list[Publish]:
    """The records of the stories that are poison, or of those that are not."""
    chosen = [story for story in told(seed) if story.name.startswith("poison-") == poison]
    return [act for story in chosen for act in story.acts if isinstance(act, Publish)]


def test_all_that_the_contract_lets_happen_happens_within_fifty_seeds() -> None:
    needed = {name.strip() for line in NEEDED.splitlines() for name in line.split(",") if name.strip()}
    found = Counter(name for seed in SEEDS for name in set(situations(told(seed))))
    assert not needed - found.keys()


@pytest.mark.parametrize("seed", range(5))
def test_stalls_are_told_within_a_run(seed: int) -> None:
    found = Counter(situations(told(seed)))
    assert found["moves again"] >= 3
    assert found["silent in the end"] >= 5


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_no_poison_can_be_read(seed: int) -> None:
    for act in published(seed, poison=False):
        event = read(act)  # raises Invalid otherwise
        assert (event is None) == (act.value is None)


def test_most_poison_can_not_be_read() -> None:
    bad = [act for seed in SEEDS for act in published(seed, poison=True) if _is_bad(act)]
    assert len(bad) >= 10 * len(SEEDS)


def _is_bad(act: Publish) -> bool:
    try:
        return read(act) is None
    except Invalid:
        return True


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_happens_outside_the_days(seed: int) -> None:
    assert all(0 <= act.at < DAYS * DAY for story in told(seed) for act in story.acts)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_two_events_have_the_same_id_unless_they_are_the_same(seed: int) -> None:
    contents: dict[tuple[str, str], str | None] = {}
    for act in published(seed, poison=False):
        if act.topic in ("orders", "logistics"):
            assert contents.setdefault((act.topic, read(act).event_id), act.value) == act.value


def test_each_story_has_a_name_of_its_own() -> None:
    names = [story.name for story in told(1)]
    assert len(names) == len(set(names))


def test_a_run_with_more_in_it_tells_the_same_stories_and_others() -> None:
    more = {story.name: story for story in stories(1, DAYS, busy=2.0)}
    assert all(more[story.name] == story for story in told(1))
    assert len(more) > 1.5 * len(told(1))


_DIGEST = """
import hashlib, msgspec
from tests.simulation.stories import stories
print(hashlib.sha256(msgspec.json.encode([stories(seed, 3) for seed in range(20)])).hexdigest())
"""


def test_a_seed_tells_the_same_in_another_process() -> None:
    def digest(hash_seed: str) -> bytes:
        env = {**os.environ, "PYTHONHASHSEED": hash_seed}
        return subprocess.check_output([sys.executable, "-c", _DIGEST], env=env)

    assert digest("1") == digest("2")


def test_stories_can_be_stored() -> None:
    assert msgspec.json.decode(msgspec.json.encode(told(1)), type=list[Story]) == told(1)


def test_they_are_told_in_no_time() -> None:
    begun = process_time()
    for seed in range(10):
        stories(seed, DAYS)
    assert (process_time() - begun) / 10 < 0.03

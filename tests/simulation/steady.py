"""``python -m tests.simulation.steady``: what a worker's memory comes to under steady load, in days instead of hours.

A worker remembers an order for thirty days, a decided command for seven, a message for three. So an hour on a real
Kafka shows a state that still fills; in virtual time the load goes on until as much is forgotten as is learnt. Counted
is what the program's own code holds (tracemalloc, by the file that allocated it); what stands for Kafka lets go of what
was read.
"""

import tracemalloc
from collections.abc import Iterator
from random import Random

import msgspec
import structlog

from schemas.times import DAY, HOUR, Micros, instant
from tests.clock import START
from tests.simulation.plan import Plan, Publish, Story, Temper
from tests.simulation.world import World

DAYS = 40
EVERY: Micros = HOUR
"""How often an order fails, of one of ``CUSTOMERS`` customers."""
CUSTOMERS = 50
_OURS = ("*/streams/*", "*/agents/*", "*/schemas/*")
_KAFKA = "*/memory_log.py"


def main() -> None:
    """Prints what is held, day by day."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    world = World(Plan(0, DAYS, 1, 2, list(_stories()), [], {"aliyun": Temper()}))
    world.loop.call_later(DAY / 1e6, _read, world, 1)
    world.loop.call_later(HOUR / 1e6, _forget, world)
    tracemalloc.start()
    world.play()


def _stories() -> Iterator[Story]:
    random = Random(0)
    for number in range(CUSTOMERS):
        contact = {"contact_id": "k", "role": "buyer", "phone": f"139{number:08d}"}
        profile = {"customer_id": f"c{number}", "tier": "regular", "contacts": [contact]}
        yield Story(f"c{number}", [Publish(0, "customers", f"c{number}", _json(profile))])
    for number, at in enumerate(range(EVERY, DAYS * DAY, EVERY)):
        order = f"o{number}"
        common = {"order_id": order, "customer_id": f"c{random.randrange(CUSTOMERS)}"}
        failed = {"type": "payment.failed", "reason": "card_error", "event_id": f"f{number}"} | common
        done = {"type": "order.completed", "event_id": f"d{number}"} | common
        yield Story(order, [_event(at, order, failed), _event(at + HOUR, order, done)])


def _event(at: Micros, order: str, event: dict[str, str]) -> Publish:
    return Publish(at, "orders", order, _json(event | {"occurred_at": instant(START + at).isoformat()}))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _forget(world: World) -> None:
    """What was written more than an hour ago has been read, and is only a key from now on."""
    world.kafka.blank(world.clock.now() - HOUR)
    world.loop.call_later(HOUR / 1e6, _forget, world)


def _read(world: World, day: int) -> None:
    taken = tracemalloc.take_snapshot().filter_traces(
        [*(tracemalloc.Filter(True, pattern) for pattern in _OURS), tracemalloc.Filter(False, _KAFKA)]
    )
    held = sum(trace.size for trace in taken.statistics("filename"))
    print(f"day {day}: {held / 2**20:.2f} MiB", flush=True)
    if day < DAYS:
        world.loop.call_later(DAY / 1e6, _read, world, day + 1)


if __name__ == "__main__":
    main()

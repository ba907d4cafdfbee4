"""Measures how soon the work of a killed worker goes on at another, from the kill to its partitions' next decisions."""

import asyncio
from collections.abc import Callable, Iterable
from itertools import count
from random import Random

from schemas.times import SECOND, Micros
from tests.soak.acts import Act, Person, order_event
from tests.soak.fleet import Kill
from tests.soak.reading import Decided
from tests.soak.scene import Scene

_SETTLED = 8.0
_PATIENCE = 90.0
_PEOPLE = 400


class Failures:
    """A stream of nothing but failed payments, each of an order of its own, so that something is always due."""

    def __init__(self, seed: int, rate: float) -> None:
        self._random = Random(f"{seed}/failures")
        self._rate = rate
        self._numbers = count()
        self._next = next(self._numbers)

    def due(self, elapsed: float) -> list[Act]:
        """What is to be done until ``elapsed`` seconds after the start."""
        acts = []
        while self._next < elapsed * self._rate:
            number = self._next % _PEOPLE
            if self._next < _PEOPLE:
                acts.append(Act(0, Person(f"c{number}", f"138{number:08d}").profile))
            event = order_event(self._random, "payment.failed", f"o{self._next}", f"c{number}", reason="card_error")
            acts.append(Act(0, event))
            self._next = next(self._numbers)
        return acts


async def measure(scene: Scene, kills: int, tell: Callable[[str], None]) -> list[float]:
    """Seconds of each kill, until another worker has decided about something of each of the dead one's partitions."""
    measured = []
    for number in range(kills):
        await scene.fleet.ready()
        await asyncio.sleep(_SETTLED)
        measured.append(await _once(scene, number))
        tell(f"recovery {number + 1} of {kills}: {measured[-1]:.2f} s")
    await scene.fleet.ready()
    return measured


async def _once(scene: Scene, number: int) -> float:
    victim = scene.fleet.members[number % len(scene.fleet.members)]
    killed = await scene.fleet.kill_only(victim)
    if not killed.sender:
        raise RuntimeError(f"{victim.name} had no partitions: see {victim.log}")
    async with asyncio.timeout(_PATIENCE):
        while (last := _last(killed, scene.watch.decisions)) is None:  # noqa: ASYNC110  # Kafka has no event for it
            await asyncio.sleep(0.05)
    await scene.fleet.revive(killed, victim)
    return (last - killed.at) / SECOND


def _last(killed: Kill, decisions: Iterable[Decided]) -> Micros | None:
    """When the last of the partitions had its first decision after the kill."""
    after = [decision for decision in decisions if decision.at > killed.at]
    firsts = [
        *(min((d.at for d in after if d.sender == partition), default=None) for partition in killed.sender),
        *(min((d.at for d in after if d.orders == partition), default=None) for partition in killed.orders),
    ]
    found = [first for first in firsts if first is not None]
    return max(found) if len(found) == len(firsts) else None

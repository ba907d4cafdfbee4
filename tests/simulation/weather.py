"""How Kafka behaves towards one worker: fast or slow, there or not, its answers lost or not."""

import asyncio
from collections.abc import Callable
from random import Random

from schemas.times import SECOND, Micros
from streams.clock import Clock
from streams.errors import Unavailable

_FAILS = 0.3
_HESITATES = 0.1
_MOST = (1, 3, 4_000, 4_000, 4_000)


class Weather:
    """Is asked at every step that a worker takes at Kafka. ``failed`` is told the name of each that fails."""

    def __init__(self, clock: Clock, random: Random, flaky: float, failed: Callable[[str], None]) -> None:
        self._clock = clock
        self._random = random
        self._flaky = flaky
        self._failed = failed
        self._slow_until: Micros = 0
        self._fail_until: Micros = 0

    def slow(self, lasts: Micros) -> None:
        """Each step takes up to a second from now on."""
        self._slow_until = self._clock.now() + lasts

    def fail(self, lasts: Micros) -> None:
        """Many steps fail from now on, before or after they were done."""
        self._fail_until = self._clock.now() + lasts

    def most(self) -> int:
        """How many records the next fetch brings at most: now and then only a part of what is there."""
        return self._random.choice(_MOST)

    async def step(self, name: str) -> None:
        """Lets a step pass, delays it, or fails it."""
        now, chance = self._clock.now(), self._random.random()
        if chance < (_FAILS if now < self._fail_until else self._flaky):
            self._failed(name)
            raise Unavailable(f"simulated at {name}")
        if now < self._slow_until:
            await asyncio.sleep(self._random.random())
        elif chance > 1 - _HESITATES:
            await asyncio.sleep(self._random.random() * 20_000 / SECOND)

"""Troubles at random, several at once, each of one worker."""

import asyncio
from collections.abc import Coroutine
from random import Random
from typing import Any

from tests.soak.fleet import Fleet
from tests.soak.worker import Worker

_CHANCES = {"kill": 60, "restart": 12, "freeze": 20, "visit": 8}
_BETWEEN_BROKER_KILLS = (100.0, 200.0)


class Chaos:
    """Runs until it is stopped; then what is under way comes to its end. ``every``: seconds between two troubles."""

    def __init__(self, seed: int, fleet: Fleet, guest: Worker, *, every: float) -> None:
        self._random = Random(f"{seed}/chaos")
        self._fleet = fleet
        self._guest = guest
        self._every = every
        self._under_way: list[asyncio.Future[None]] = []

    async def run(self, seconds: float) -> None:
        """Troubles for so long, and the end of the last of them. Raises what went wrong with any."""
        breaking = asyncio.ensure_future(self._break_broker())
        try:
            await self._befall_for(seconds)
            breaking.cancel()
            await asyncio.wait([breaking, *self._under_way])
            self._raise()
        finally:
            for begun in (breaking, *self._under_way):
                begun.cancel()

    async def _befall_for(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds
        while loop.time() < ends:
            await asyncio.sleep(min(self._random.expovariate(1 / self._every), ends - loop.time()))
            self._befall()
            self._raise()

    def _befall(self) -> None:
        random, fleet = self._random, self._fleet
        what = random.choices(list(_CHANCES), list(_CHANCES.values()))[0]
        if what == "visit":
            self._spawn(self._guest, fleet.visit(self._guest, random.uniform(5, 40)))
            return
        spared = [worker for worker in fleet.members if worker.up and not worker.in_trouble]
        # One is left alone, so that something is done meanwhile.
        if len(spared) < 2:
            return
        worker = random.choice(spared)
        match what:
            case "kill":
                # Mostly back before its session ends, now and then long after.
                self._spawn(worker, fleet.kill(worker, random.choice((0, 1, 3, 6, 20)) * random.random()))
            case "restart":
                self._spawn(worker, fleet.restart(worker, random.uniform(0, 4)))
            case _:
                self._spawn(worker, fleet.freeze(worker, random.uniform(1, random.choice((8, 25)))))

    def _spawn(self, worker: Worker, trouble: Coroutine[Any, Any, None]) -> None:
        if worker.in_trouble:
            trouble.close()
            return
        self._under_way.append(asyncio.ensure_future(self._in_trouble(worker, trouble)))

    async def _in_trouble(self, worker: Worker, trouble: Coroutine[Any, Any, None]) -> None:
        worker.in_trouble = True
        try:
            await trouble
        finally:
            worker.in_trouble = False

    async def _break_broker(self) -> None:
        pause = self._random.uniform(30, 60)
        while True:
            await asyncio.sleep(pause)
            # What is begun is ended: without Kafka nothing else would.
            killing = asyncio.ensure_future(self._fleet.kill_broker(self._random.choice((0, 2, 8))))
            self._under_way.append(killing)
            await asyncio.wait([killing])
            pause = self._random.uniform(*_BETWEEN_BROKER_KILLS)

    def _raise(self) -> None:
        for trouble in self._under_way:
            if trouble.done():
                trouble.result()
        self._under_way = [trouble for trouble in self._under_way if not trouble.done()]

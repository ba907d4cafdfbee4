"""What is measured runs in a process of its own, which tells its cost as one line of JSON."""

import asyncio
import os
import sys
import time
from collections.abc import Coroutine
from typing import Any

import msgspec
import uvloop


class Cost(msgspec.Struct, frozen=True):
    """What a piece of work took: seconds of the processor (user and system, all threads), and of the wall clock."""

    events: int
    cpu: float
    wall: float

    @property
    def cpu_per_million(self) -> float:
        """Processor seconds for a million events."""
        return self.cpu / self.events * 1e6

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.wall


def tell(work: Coroutine[Any, Any, int]) -> None:
    """Does ``work``, which returns how many events it took, on uvloop as the worker does, and prints its cost.

    The imports are not counted: a worker pays for them once.
    """
    before, began = os.times(), time.perf_counter()
    events = uvloop.run(work)
    after, ended = os.times(), time.perf_counter()
    cost = Cost(events, after.user - before.user + after.system - before.system, ended - began)
    print(msgspec.json.encode(cost).decode())


async def cost_of(module: str, *arguments: str) -> Cost:
    """Runs ``python -m module arguments`` and reads what it tells."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await child.communicate()
    if child.returncode:
        raise SystemExit(f"{module} failed with exit code {child.returncode}")
    return msgspec.json.decode(output.splitlines()[-1], type=Cost)

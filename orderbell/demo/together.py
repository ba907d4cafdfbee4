"""Things that go on beside each other."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def until_one_ends(*going_on: Coroutine[Any, Any, object]) -> None:
    """Runs all until the first of them ends, and ends the others. Raises what that one raises, as it is."""
    tasks = [asyncio.ensure_future(one) for one in going_on]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in done:
        task.result()

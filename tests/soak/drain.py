"""Waits until everything that is to come has come, once upstream is silent and all workers are up."""

import asyncio

from schemas.times import SECOND
from tests.soak import rules
from tests.soak.scene import Scene

DEADLINE = 420.0
"""Seconds. What is in doubt is asked for up to four minutes, and a vendor that was busy is tried again for as long."""
SILENCE = (rules.STALLED_AFTER + rules.HOLD) / SECOND + 5
"""From the last event on: the last stall is found in it."""
RECOVERED = 80.0
"""From the last trouble on: what it may have held up has come, so that what has not is missed."""
_QUIET = 5.0


async def drain(scene: Scene, at_least: float = RECOVERED) -> None:
    """Waits for ``at_least`` so many seconds, and till the deadline for what is still missing: the judge sees it."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await scene.fleet.ready()
    while loop.time() < began + DEADLINE:
        quiet = loop.time() - max(scene.watch.newest, began + at_least - _QUIET)
        if quiet > _QUIET and not _missing(scene):
            return
        await asyncio.sleep(0.5)


def _missing(scene: Scene) -> bool:
    return bool(scene.watch.undecided or scene.upstream.exceptions - scene.watch.decided)

"""Something that runs for as long as the worker does, and begins again when it fails."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from streams.errors import Unavailable

log = structlog.get_logger()

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
"""Seconds between a failure and the next beginning: doubling from the first to the longest."""


class Perpetual:
    """Runs ``run`` until ``close``. A run that lasted longer than the longest pause counts as a success."""

    def __init__(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        self._name = name
        self._run = run
        self._job: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins in the background. Fails never: whatever is not there yet is waited for."""
        self._job = asyncio.ensure_future(self._live())

    async def _live(self) -> None:
        time = asyncio.get_running_loop().time
        pause = FIRST_PAUSE
        while True:
            began = time()
            try:
                await self._run()
            except Exception as error:  # noqa: BLE001  # whatever it is, what is followed must be followed again
                words = {"says": str(error)} if isinstance(error, Unavailable) else {}
                log.warning("begins_again", what=self._name, error=type(error).__name__, **words)
            if time() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def close(self, within: float = 4.0) -> None:
        """Ends the run; what does not end in time is left."""
        if self._job is not None:
            self._job.cancel()
            await asyncio.wait([self._job], timeout=within)

"""The workers' memory, minute by minute."""

import asyncio
from collections.abc import Callable

import aiohttp

from tests.soak.fleet import Fleet
from tests.soak.worker import Worker

_EVERY = 60.0
_MIB = 2**20


class Memory:
    """Takes a reading every minute, and tells it at once where ``tell`` is given."""

    def __init__(self, fleet: Fleet, tell: Callable[[str], None] = lambda _: None) -> None:
        self._fleet = fleet
        self._tell = tell
        self.readings: list[tuple[float, dict[str, float]]] = []
        """Minutes since the start, and MiB by worker."""

    async def run(self) -> None:
        """Until it is cancelled."""
        minute = 0
        while True:
            await asyncio.sleep(_EVERY)
            minute += 1
            await self.read(minute)

    async def read(self, minute: float) -> None:
        """One reading."""
        up = [worker for worker in self._fleet.members if worker.up]
        self.readings.append((minute, {worker.name: worker.rss / _MIB for worker in up}))
        entries = [await _entries(worker) for worker in up]
        shown = (
            f"{worker.name} {worker.rss / _MIB:.1f} MiB with {count} entries of state"
            for worker, count in zip(up, entries, strict=True)
        )
        self._tell(f"memory after {minute:.0f} min: {', '.join(shown)}")

    def summary(self) -> str:
        """After ten minutes and at the end, or from the first reading to the last."""
        if not self.readings:
            return "not read"
        early = next((r for r in self.readings if r[0] >= 10), self.readings[0])
        late = self.readings[-1]
        both = sorted(early[1].keys() & late[1].keys())
        shown = (f"{name} {early[1][name]:.1f} → {late[1][name]:.1f} MiB" for name in both)
        return f"after {early[0]:.0f} and {late[0]:.0f} min: {', '.join(shown)}"


async def _entries(worker: Worker) -> int:
    """How many entries its tasks' states have; -1 where it does not say."""
    timeout = aiohttp.ClientTimeout(total=5)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(f"{worker.url}/metrics") as answer:
            text = await answer.text()
    except (aiohttp.ClientError, TimeoutError):
        return -1
    return sum(int(float(line.rpartition(" ")[2])) for line in text.splitlines() if line.startswith("orderbell_state_"))

"""A worker of the demo's, a process of its own."""

import asyncio
from pathlib import Path

import aiohttp

from orderbell.demo.processes import Child
from orderbell.kafka import ports
from streams.errors import Unavailable

LOOK_EVERY = 0.1


class Worker:
    """``orderbell worker`` on a port, with what it logs in a file. It may be started again when it has ended."""

    def __init__(self, name: str, log: Path, port: int, settings: dict[str, str]) -> None:
        self.name = name
        self.log = log
        self.port = port
        self.target = f"{ports.HOST}:{port}"
        """Where it answers, as Prometheus names it."""
        self._settings = settings | {"ORDERBELL_WEB_PORT": str(port)}
        self._child: Child | None = None

    @property
    def web(self) -> str:
        """Where it answers."""
        return f"http://{self.target}"

    @property
    def pid(self) -> int | None:
        """Its process; ``None`` where it has ended."""
        return self._child.pid if self._child is not None and self._child.lives else None

    async def start(self) -> None:
        """Starts it and returns when it is ready. Raises ``Unavailable`` where it can't be."""
        self._child = await Child.start(self.name, self.log, ["orderbell", "worker"], self._settings)
        await self._child.line()
        async with aiohttp.ClientSession() as session:
            while not await self._ready(session):  # noqa: ASYNC110  # nothing but asking tells
                await asyncio.sleep(LOOK_EVERY)

    async def _ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.web}/health/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientError as error:
            raise Unavailable(f"the worker does not answer: {error}") from error

    async def ended(self) -> str:
        """Waits for its end, and says on one line that it came and why."""
        assert self._child is not None  # noqa: S101  # it was started
        return await self._child.ended()

    async def kill(self) -> None:
        """SIGKILL."""
        if self._child is not None:
            await self._child.kill()

    async def end(self, timeout: float) -> None:
        """SIGTERM, and SIGKILL after ``timeout`` seconds."""
        if self._child is not None:
            await self._child.end(timeout)

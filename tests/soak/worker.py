"""One of the soak's workers, in one life after another."""

import asyncio
import signal
from pathlib import Path

import aiohttp
import msgspec
import psutil

from tests.soak.process import Process

READY_WITHIN = 120.0


class Line(msgspec.Struct):
    """A line of a worker's log, in so far as it is counted here."""

    event: str = ""
    timestamp: str = ""
    task: str = ""
    partition: int = -1
    error: str = ""
    at: str = ""
    repeats: int = 0


class Worker:
    """``orderbell worker``. ``url`` is where this life of it is reached, empty while it is down."""

    def __init__(self, name: str, folder: Path, settings: dict[str, str]) -> None:
        self.name = name
        self.url = ""
        self.in_trouble = False
        """Something is being done to it, so nothing else should be."""
        self.frozen = False
        self._began = 0
        own = {"ORDERBELL_DATA_DIR": str(folder / "data"), "ORDERBELL_WEB_PORT": "0"}
        self._process = Process("worker", folder / f"{name}.log", settings | own)

    @property
    def log(self) -> Path:
        """Where all its lives log."""
        return self._process.log

    @property
    def up(self) -> bool:
        """Whether it runs, frozen or not."""
        return self._process.pid is not None

    @property
    def rss(self) -> int:
        """Its memory in bytes; 0 while it is down."""
        pid = self._process.pid
        return 0 if pid is None else int(psutil.Process(pid).memory_info().rss)

    async def start(self) -> None:
        """Starts it, and returns when its web port is open."""
        self._began = self.log.stat().st_size if self.log.exists() else 0
        self.url = (await self._process.start()).rpartition(" ")[2]

    async def ready(self) -> None:
        """Waits until it says that it is ready. Raises ``TimeoutError``."""
        async with asyncio.timeout(READY_WITHIN), aiohttp.ClientSession() as session:
            while not await self._is_ready(session):  # noqa: ASYNC110  # another process has no event to wait for
                await asyncio.sleep(0.1)

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/health/ready", timeout=aiohttp.ClientTimeout(total=2)) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def kill(self) -> None:
        """SIGKILL."""
        self.url = ""
        await self._process.kill()
        self.frozen = False

    async def end(self) -> int | None:
        """SIGTERM, and its exit code; ``None`` where it had to be killed."""
        code = await self._process.end()
        self.url = ""
        return code

    def freeze(self) -> None:
        """SIGSTOP."""
        self.frozen = True
        self._process.signal(signal.SIGSTOP)

    def wake(self) -> None:
        """SIGCONT."""
        self._process.signal(signal.SIGCONT)
        self.frozen = False

    def partitions(self, task: str) -> set[int]:
        """The partitions for which this life of it has been running the task, by its log."""
        owned: set[int] = set()
        for line in lines(self.log, self._began):
            if line.task == task and line.event == "task_recovered":
                owned.add(line.partition)
            elif line.task == task and line.event == "task_stopped":
                owned.discard(line.partition)
        return owned


def lines(log: Path, since: int = 0) -> list[Line]:
    """What a worker logged from the byte ``since`` on. What is no line of its log's form is left out."""
    if not log.exists():
        return []
    with open(log, "rb") as file:
        file.seek(since)
        raw = file.read().splitlines()
    decode = msgspec.json.Decoder(Line).decode
    read = []
    for line in raw:
        try:
            read.append(decode(line))
        except msgspec.MsgspecError:
            continue
    return read

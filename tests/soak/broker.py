"""The soak's own Kafka: a process that can be killed, and comes back on the same port with the same data."""

import re
from pathlib import Path

from tests.soak.process import Process

_GENERATION = re.compile(r"Stabilized group orderbell generation (\d+)")


class Broker:
    """``orderbell broker`` on a folder of its own. ``url`` holds from the first start on."""

    def __init__(self, folder: Path) -> None:
        data = folder / "kafka-data"
        self._process = Process("broker", folder / "broker.log", {"ORDERBELL_DATA_DIR": str(data)})
        self._logs = data / "kafka"
        self.url = ""

    async def start(self) -> None:
        """Starts it, and returns when it can be used."""
        url = await self._process.start()
        if self.url not in ("", url):
            raise RuntimeError(f"Kafka came back at {url}, not at {self.url}")
        self.url = url

    async def kill(self) -> None:
        """SIGKILL. Java dies with the process that started it."""
        await self._process.kill()

    async def end(self) -> None:
        """Ends it in order."""
        await self._process.end()

    @property
    def bootstrap(self) -> str:
        """``127.0.0.1:PORT``."""
        return self.url.removeprefix("kafka://")

    @property
    def rebalances(self) -> int:
        """How often the workers' group was dealt out, by Kafka's own log."""
        said = "".join(log.read_text(errors="replace") for log in self._logs.glob("kafka.log*"))
        return max((int(number) for number in _GENERATION.findall(said)), default=0)

"""The soak's own Kafka: a process that can be killed, and comes back on the same port with the same data."""

from pathlib import Path

from tests.soak.process import Process


class Broker:
    """``orderbell broker`` on a folder of its own. ``url`` holds from the first start on."""

    def __init__(self, folder: Path) -> None:
        self._process = Process("broker", folder / "broker.log", {"ORDERBELL_DATA_DIR": str(folder / "kafka-data")})
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

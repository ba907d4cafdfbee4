"""A real Prometheus, where one is installed: it scrapes workers and plays the rules that ship."""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import aiohttp
import msgspec

import orderbell
from orderbell.demo.processes import Child
from orderbell.kafka import ports
from streams.errors import Unavailable

DEPLOY = Path(orderbell.__file__).parents[1] / "deploy"
"""Beside the packages, in a checkout alone."""
RULES = DEPLOY / "prometheus" / "rules"
RUNBOOKS = DEPLOY / "runbooks"
JOB = "orderbell"
UP_WITHIN = 30.0
END_TIMEOUT = 5.0
_LOOK_EVERY = 0.1


def program() -> str | None:
    """Where it is installed, if it is."""
    return shutil.which("prometheus")


class Prometheus:
    """Scrapes and judges from ``start`` on until ``stop``."""

    def __init__(self, child: Child, address: str, log: Path) -> None:
        self.address = address
        self._child = child
        self._log = log
        self._session = aiohttp.ClientSession()

    @classmethod
    async def start(cls, folder: Path, targets: Sequence[str], *, every: int, runbooks: str) -> Self:
        """Scrapes each ``host:port`` of ``targets`` as a worker every so many seconds, and plays the rules as often.

        Its data and its log are under ``folder``; ``runbooks`` is what alerts' links begin with. Returns when it has
        scraped all, whether they answered or not. Raises ``Unavailable`` where it does not come up.
        """
        found = program()
        if found is None:
            raise Unavailable("prometheus is not installed")
        file, log = folder / "prometheus.json", folder / "prometheus.log"
        file.write_bytes(msgspec.json.encode(configuration(targets, every, runbooks)))  # JSON is YAML
        at = f"{ports.HOST}:{ports.choose(None)[0]}"
        options = [
            f"--config.file={file}",
            f"--storage.tsdb.path={folder / 'prometheus'}",
            f"--web.listen-address={at}",
        ]
        started = cls(await Child.run("prometheus", log, [found, *options], {}), f"http://{at}", log)
        try:
            async with asyncio.timeout(UP_WITHIN):
                while not await started._scraped(len(targets)):  # noqa: ASYNC110  # nothing but asking tells
                    await asyncio.sleep(_LOOK_EVERY)
        except BaseException as error:
            await started.stop()
            if isinstance(error, TimeoutError):
                raise Unavailable(f"Prometheus has not scraped within {UP_WITHIN:.0f} s; see {log}") from error
            raise
        return started

    async def stop(self) -> None:
        """Ends it."""
        await self._session.close()
        await self._child.end(END_TIMEOUT)

    @property
    def log(self) -> str:
        """All that it wrote."""
        return self._log.read_text()

    async def ended(self) -> str:
        """Waits for its end, and says on one line that it came and why."""
        return await self._child.ended()

    async def ask(self, what: str, **query: str) -> dict[str, Any]:
        """What ``/api/v1/WHAT`` answers."""
        async with self._session.get(f"{self.address}/api/v1/{what}", params=query) as answer:
            said: dict[str, Any] = await answer.json()
            return said

    async def _scraped(self, number: int) -> bool:
        try:
            targets = (await self.ask("targets"))["data"]["activeTargets"]
        except aiohttp.ClientError:
            if not self._child.lives:
                raise Unavailable(await self.ended()) from None
            return False
        return len(targets) == number and all(target["lastScrapeDuration"] for target in targets)


def configuration(targets: Sequence[str], every: int, runbooks: str) -> Mapping[str, Any]:
    """As ``deploy/prometheus/prometheus.yml`` has it, but for the places and how often."""
    return {
        "global": {
            "scrape_interval": f"{every}s",
            "scrape_timeout": f"{every}s",
            "evaluation_interval": f"{every}s",
            "external_labels": {"runbooks": runbooks},
        },
        "rule_files": [str(RULES / "*.yml")],
        "scrape_configs": [{"job_name": JOB, "static_configs": [{"targets": list(targets)}]}],
    }

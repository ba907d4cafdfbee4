"""A real Prometheus that scrapes workers and plays the rules that ship."""

import asyncio
import math
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from tests.integration.shop import free_port, until
from tests.prometheus_rules import FILES

needs_prometheus = pytest.mark.skipif(shutil.which("prometheus") is None, reason="needs Debian's prometheus")
RUNBOOKS = "https://runbooks.example/orderbell"


class Prometheus:
    """Scrapes ``ports`` of the loopback each second as workers of the job ``orderbell``, from ``start`` on."""

    def __init__(self, folder: Path, ports: Sequence[int]) -> None:
        self._folder = folder
        self._ports = ports
        self._address = f"127.0.0.1:{free_port()}"
        self._log = folder / "prometheus.log"

    async def start(self) -> None:
        """Starts it, and returns when it has scraped."""
        configuration = {
            "global": {
                "scrape_interval": "1s",
                "scrape_timeout": "1s",
                "evaluation_interval": "1s",
                "external_labels": {"runbooks": RUNBOOKS},
            },
            "rule_files": [str(file) for file in FILES],
            "scrape_configs": [
                {
                    "job_name": "orderbell",
                    "static_configs": [{"targets": [f"127.0.0.1:{port}" for port in self._ports]}],
                }
            ],
        }
        file = self._folder / "prometheus.yml"
        file.write_text(yaml.safe_dump(configuration))
        command = [
            "prometheus",
            f"--config.file={file}",
            f"--storage.tsdb.path={self._folder / 'prometheus'}",
            f"--web.listen-address={self._address}",
        ]
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
        self._session = aiohttp.ClientSession()
        await until(self._scraped, lambda: self.log)

    async def stop(self) -> None:
        """Ends it."""
        await self._session.close()
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        await self._process.wait()

    @property
    def log(self) -> str:
        """All that it wrote."""
        return self._log.read_text()

    async def series(self, expr: str, start: float, end: float) -> list[tuple[dict[str, str], list[float]]]:
        """What a query brings over a time: the labels of each series and its values, those that are numbers.

        Raises where Prometheus refuses it, or warns.
        """
        span = {"query": expr, "start": f"{start:.3f}", "end": f"{end:.3f}", "step": "1"}
        answer = await self._ask("query_range", **span)
        if answer["status"] != "success" or answer.get("warnings"):
            raise AssertionError(f"{expr}: {answer}")
        found = [(one["metric"], [float(value) for _, value in one["values"]]) for one in answer["data"]["result"]]
        numbers = [(labels, [value for value in values if not math.isnan(value)]) for labels, values in found]
        return [(labels, values) for labels, values in numbers if values]

    async def alerts(self) -> list[dict[str, Any]]:
        """The alerts that fire, and those that are about to."""
        found: list[dict[str, Any]] = (await self._ask("alerts"))["data"]["alerts"]
        return found

    async def rules_in_trouble(self) -> list[str]:
        """The rules that could not be evaluated the last time, with the error."""
        groups = (await self._ask("rules"))["data"]["groups"]
        return [f"{rule['name']}: {rule['lastError']}" for g in groups for rule in g["rules"] if rule.get("lastError")]

    async def _scraped(self) -> bool:
        try:
            targets = (await self._ask("targets"))["data"]["activeTargets"]
        except aiohttp.ClientError:
            return False
        return len(targets) == len(self._ports) and all(target["lastScrapeDuration"] for target in targets)

    async def _ask(self, what: str, **query: str) -> dict[str, Any]:
        async with self._session.get(f"http://{self._address}/api/v1/{what}", params=query) as answer:
            said: dict[str, Any] = await answer.json()
            return said

"""A real Prometheus that scrapes workers and plays the rules that ship, and what tests ask it."""

import math
from typing import Any

import pytest

from orderbell.demo import prometheus

needs_prometheus = pytest.mark.skipif(prometheus.program() is None, reason="needs Debian's prometheus")
RUNBOOKS = "https://runbooks.example/orderbell"


class Prometheus(prometheus.Prometheus):
    """With questions."""

    async def series(self, expr: str, start: float, end: float) -> list[tuple[dict[str, str], list[float]]]:
        """What a query brings over a time: the labels of each series and its values, those that are numbers.

        Raises where Prometheus refuses it, or warns.
        """
        span = {"query": expr, "start": f"{start:.3f}", "end": f"{end:.3f}", "step": "1"}
        answer = await self.ask("query_range", **span)
        if answer["status"] != "success" or answer.get("warnings"):
            raise AssertionError(f"{expr}: {answer}")
        found = [(one["metric"], [float(value) for _, value in one["values"]]) for one in answer["data"]["result"]]
        numbers = [(labels, [value for value in values if not math.isnan(value)]) for labels, values in found]
        return [(labels, values) for labels, values in numbers if values]

    async def alerts(self) -> list[dict[str, Any]]:
        """The alerts that fire, and those that are about to."""
        found: list[dict[str, Any]] = (await self.ask("alerts"))["data"]["alerts"]
        return found

    async def rules_in_trouble(self) -> list[str]:
        """The rules that could not be evaluated the last time, with the error."""
        groups = (await self.ask("rules"))["data"]["groups"]
        return [f"{rule['name']}: {rule['lastError']}" for g in groups for rule in g["rules"] if rule.get("lastError")]

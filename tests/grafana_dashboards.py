"""The dashboards that ship for Grafana, as they stand in their files, and what Grafana makes of their queries."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parents[1] / "deploy" / "grafana" / "dashboards"
DASHBOARDS: Mapping[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))
}
PER_RATE = "20s"
"""What stands for ``$__rate_interval`` where a worker is scraped every second, or every five."""


class Target(NamedTuple):
    """One query of a panel."""

    board: str
    panel: str
    expr: str
    instant: bool

    def __str__(self) -> str:
        return f"{self.board}: {self.panel}: {self.expr}"


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    """The panels of a dashboard, without its rows."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def targets() -> Iterator[Target]:
    """Every query of every dashboard, those of its annotations included."""
    for name, board in DASHBOARDS.items():
        for panel in panels(board):
            for target in panel["targets"]:
                yield Target(name, panel["title"], target["expr"], bool(target.get("instant")))
        for annotation in board["annotations"]["list"]:
            yield Target(name, f"annotation {annotation['name']}", annotation["expr"], False)


def expanded(expr: str, job: str = "orderbell", span: str = "10m") -> str:
    """The query as Grafana asks it with everything chosen."""
    values = {"__rate_interval": PER_RATE, "__range": span, "__interval": "5s", "job": job}
    return re.sub(r"\$(\w+)", lambda found: values.get(found[1], ".*"), expr)

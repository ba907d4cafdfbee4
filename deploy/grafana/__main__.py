"""Writes the dashboards that Grafana reads: ``python -m deploy.grafana``."""

import json
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.cost import cost
from deploy.grafana.overview import overview
from deploy.grafana.pipeline import pipeline
from deploy.grafana.providers import providers
from deploy.grafana.state import state

FOLDER = Path(__file__).parent / "dashboards"


def dashboards() -> dict[str, Dashboard]:
    """All of them, by the name of their file."""
    made = (overview(), pipeline(), providers(), cost(), state())
    return {f"{board.uid}.json": board for board in made}


def written(board: Dashboard) -> str:
    """A dashboard as it is written."""
    return json.dumps(board, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Writes them."""
    FOLDER.mkdir(exist_ok=True)
    for name, board in dashboards().items():
        (FOLDER / name).write_text(written(board))


if __name__ == "__main__":
    main()

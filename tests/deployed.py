"""What lies in ``deploy/``, read for tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import yaml

from orderbell.cli import orderbell

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
Document = dict[str, Any]


def documents(folder: Path) -> list[tuple[Path, Document]]:
    """All documents of all YAML files below ``folder``."""
    return [
        (path, document)
        for path in sorted(folder.rglob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]


def images(value: Any) -> Iterator[str]:
    """The value of each key ``image``, however deep."""
    if isinstance(value, dict):
        for key, below in value.items():
            if key == "image":
                yield below
            yield from images(below)
    elif isinstance(value, list):
        for below in value:
            yield from images(below)


def is_command(arguments: list[str]) -> bool:
    """Whether the program knows this command with these options; it is not run."""
    command: click.Command | None = orderbell
    context = click.Context(orderbell)
    while isinstance(command, click.Group) and arguments:
        command, arguments = command.get_command(context, arguments[0]), arguments[1:]
    if command is None:
        return False
    command.make_context("orderbell", list(arguments))
    return True

"""What the program logs, by its source: ``log.warning("event", ..)``, and ``turn.warn("event", ..)`` of a turn."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = ("agents", "orderbell", "schemas", "streams")
LEVELS = ("debug", "info", "warning", "error", "critical", "exception")
OF_TURNS = {"say": "info", "warn": "warning"}


def modules() -> list[Path]:
    return [path for name in OURS for path in sorted((ROOT / name).rglob("*.py"))]


def lines(path: Path) -> Iterator[tuple[ast.expr | None, str]]:
    """What each line that a module logs calls its event, and its level: of ``log.warning(..)``, ``turn.warn(..)``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of, method = node.func.value, node.func.attr
            name = of.id if isinstance(of, ast.Name) else of.attr if isinstance(of, ast.Attribute) else ""
            if name == "log" and method in LEVELS:
                yield (node.args[0] if node.args else None), method
            elif name == "turn" and method in OF_TURNS:
                yield (node.args[0] if node.args else None), OF_TURNS[method]


@cache
def events() -> frozenset[tuple[str, str]]:
    """Each event that is logged, with its level."""
    found = (line for path in modules() for line in lines(path))
    return frozenset((str(event.value), level) for event, level in found if isinstance(event, ast.Constant))

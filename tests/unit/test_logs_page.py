"""The page of logs names every event, with its level; the code says none that is not on it."""

import ast
import re
from pathlib import Path

from tests.logged import events, lines, modules

PAGE = Path(__file__).parents[2] / "docs" / "logs.md"


def written() -> list[tuple[str, str]]:
    return re.findall(r"^\| `(\w+)` \| (\w+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_line_names_its_event_in_words_of_its_own() -> None:
    for path in modules():
        for event, _ in lines(path):
            assert isinstance(event, ast.Constant), path
            assert re.fullmatch(r"[a-z_]+", str(event.value)), path


def test_the_page_names_every_event_with_its_level_and_no_other() -> None:
    assert events() == set(written())
    assert len(written()) == len(set(written()))


def test_whoever_logs_calls_the_logger_log() -> None:
    """Else the walk above would not find what is logged."""
    for path in modules():
        source = path.read_text(encoding="utf-8")
        ours = re.findall(r"^log = structlog\.get_logger\(\)$", source, re.MULTILINE)
        assert source.count("structlog.get_logger()") == len(ours), path

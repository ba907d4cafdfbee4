"""The runbooks: each alert has its page, and what a page names is there. They are read at night, by somebody tired."""

import re
import shlex
from pathlib import Path
from typing import get_args

import aiokafka.errors
import click
import pytest

from agents.rules_source import read_rules
from orderbell.cli import orderbell
from orderbell.defaults import DEFAULT_RULES
from schemas.calls import ErrorClass
from schemas.outputs import Outcome, Reason, Status
from streams.errors import DeadLetterReason
from streams.topics import TOPICS
from tests.logged import events
from tests.prometheus_rules import ALERTS, RECORDED_LABELS
from tests.promql import flaws
from tests.unit.test_docs import variables

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "deploy" / "runbooks").glob("Orderbell*.md"))
INDEX = ROOT / "deploy" / "runbooks" / "README.md"
PARTS = ["What it means", "What to look at", "What to do", "Over when"]
PATHS = ("/health/live", "/health/ready", "/-/reload", "/metrics")

_each = pytest.mark.parametrize("page", [*PAGES, INDEX], ids=lambda page: page.stem)
_each_alerts = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks in a language, without their indentation."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", page.read_text(), re.MULTILINE | re.DOTALL)
    return ["\n".join(line.removeprefix(indent) for line in text.splitlines()) for indent, text in found]


def words(page: Path) -> str:
    """The page without its fenced blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def test_each_alert_has_its_page_and_each_page_its_alert() -> None:
    assert {page.stem for page in PAGES} == {alert.name for alert in ALERTS}


@_each_alerts
def test_a_page_has_its_parts_in_order_and_says_how_bad_it_is(page: Path) -> None:
    assert re.findall(r"^## (.*)$", page.read_text(), re.MULTILINE) == PARTS
    title, _, first, *_ = page.read_text().splitlines()
    assert title == f"# {page.stem}"
    assert set(re.findall(r"\*\*(\w+)\*\*", first)) == {a.labels["severity"] for a in ALERTS if a.name == page.stem}


@_each_alerts
def test_a_page_is_short(page: Path) -> None:
    assert len(page.read_text().splitlines()) <= 60
    assert max(map(len, page.read_text().splitlines())) <= 140


def test_the_index_names_each_alert_how_bad_it_is_and_what_it_says() -> None:
    rows = re.findall(r"^\| \[(\w+)\]\((\w+)\.md\) \| ([^|]*) \| ([^|]*) \|$", INDEX.read_text(), re.MULTILINE)
    assert len(rows) == len(PAGES)
    for name, target, severities, summary in rows:
        named = [alert for alert in ALERTS if alert.name == name]
        assert name == target
        assert set(re.findall(r"\w+", severities)) == {alert.labels["severity"] for alert in named}
        assert summary in {alert.annotations["summary"] for alert in named}


@_each
def test_each_query_can_be_read_and_asks_for_what_is_there(page: Path) -> None:
    found = blocks(page, "promql")
    assert found or page == INDEX
    assert {query: flaws(query, RECORDED_LABELS) for query in found} == {query: [] for query in found}


LOGGED = {event for event, _ in events()}


@_each
def test_each_log_line_is_one_that_the_program_writes(page: Path) -> None:
    for listed in re.findall(r"\b[Ll]og ((?:`\w+`(?:, | and )?)+)", words(page)):
        assert set(re.findall(r"`(\w+)`", listed)) <= LOGGED, listed


def test_what_is_logged_as_an_error_leads_to_a_page() -> None:
    said = "".join(map(words, PAGES))
    without = {"record_through_faust", "embedded_kafka_gone"}  # can't be; only where there is no cluster
    errors = {event for event, level in events() if level == "error"}
    assert {event for event in errors - without if f"`{event}`" not in said} == set()


@_each
def test_each_command_is_one_that_there_is(page: Path) -> None:
    inline = [text for text in re.findall(r"`([^`\n]+)`", words(page)) if re.match(r"orderbell [a-z-]+", text)]
    for line in [*inline, *(line for block in blocks(page, "sh") for line in block.splitlines())]:
        name, *arguments = shlex.split(line)
        if name == "curl":
            assert any(argument.endswith(PATHS) for argument in arguments), line
            continue
        assert name == "orderbell", line
        _called(orderbell, arguments)


def _called(command: click.Command, arguments: list[str]) -> None:
    """Follows the words of a call to the command, whose options it must have."""
    context = click.Context(command)
    while isinstance(command, click.Group):
        found = command.get_command(context, arguments.pop(0))
        assert found is not None
        command = found
    options = {option for parameter in command.params for option in parameter.opts}
    assert {argument for argument in arguments if argument.startswith("--")} <= options


@_each
def test_each_setting_and_each_path_is_one_that_there_is(page: Path) -> None:
    assert set(re.findall(r"ORDERBELL_\w+", page.read_text())) <= set(variables())
    assert set(re.findall(r"(?:GET|POST)? ?(/(?:health|-|metrics)[\w/-]*)", page.read_text())) <= set(PATHS)


@_each
def test_each_change_of_the_rules_is_one_that_is_taken(page: Path, tmp_path: Path) -> None:
    for text in blocks(page, "toml"):
        (tmp_path / "rules.toml").write_text(text)
        read_rules(DEFAULT_RULES, tmp_path / "rules.toml")
    for table, key in re.findall(r"`\[(\w+)\] (\w+)`", words(page)):
        assert hasattr(getattr(read_rules(DEFAULT_RULES, None).file, table), key), (table, key)


@_each
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


@_each
def test_each_word_of_ours_is_one_that_there_is(page: Path) -> None:
    """What stands alone in code type and is written as our words are: a metric's label value, a topic, a key of the
    rules, an event of the log, a class of errors."""
    known = {topic.name for topic in TOPICS} | {*Outcome, *Reason, *ErrorClass} | set(get_args(Status))
    known |= set(get_args(DeadLetterReason)) | LOGGED | _keys(read_rules(DEFAULT_RULES, None).file) | _OTHER_WORDS
    known |= {alert.name for alert in ALERTS} | set(variables())
    for word in re.findall(r"`(\w[\w-]*)`", words(page)):
        assert word in known or hasattr(aiokafka.errors, word), word


_OTHER_WORDS = {
    # Labels and fields.
    *(
        "reason",
        "topic",
        "partition",
        "offset",
        "error",
        "value",
        "next",
        "code",
        "what",
        "event",
        "instance",
        "notify_by",
    ),
    *("command_id", "event_id", "opt_out_ledger", "type"),
    # Values of labels that are no enum.
    *("given_up", "in_doubt", "call", "receipt", "reply", "sender", "recovering", "Unavailable", "UnreadableState"),
    *("tell", "drop"),
    # Answers of the web port, and words of others.
    *("400", "413", "503", "TD", "SessionContext", "LogAppendTime", "partly_assigned", "http_502"),
}


def _keys(rules: object) -> set[str]:
    """The names of all keys of the rules."""
    keys: set[str] = set()
    for name in getattr(rules, "__struct_fields__", ()):
        keys.add(name)
        keys |= _keys(getattr(rules, name))
    if isinstance(rules, dict):
        for value in rules.values():
            keys |= _keys(value)
    return keys

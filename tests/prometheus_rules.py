"""The rules that ship for Prometheus, as they stand in their files."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

PROMETHEUS = Path(__file__).parents[1] / "deploy" / "prometheus"
FILES = sorted((PROMETHEUS / "rules").glob("*.yml"))
TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))


class Alert(NamedTuple):
    """One alerting rule. Several may share a name."""

    name: str
    expr: str
    wait: str | None
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


def _rules() -> Iterator[dict[str, Any]]:
    for file in FILES:
        for group in yaml.safe_load(file.read_text())["groups"]:
            yield from group["rules"]


ALERTS = [
    Alert(rule["alert"], rule["expr"], rule.get("for"), rule["labels"], rule["annotations"])
    for rule in _rules()
    if "alert" in rule
]
RECORDED: Mapping[str, str] = {rule["record"]: rule["expr"] for rule in _rules() if "record" in rule}


def labels_of(record: str) -> frozenset[str]:
    """What a recorded series is grouped by: its name begins with that."""
    level = record.partition(":")[0]
    return frozenset(re.split("_", level))


RECORDED_LABELS = {record: labels_of(record) for record in RECORDED}

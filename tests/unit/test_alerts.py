"""The rules for Prometheus: sound before any Prometheus is asked, and played by its own tool where that is there."""

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator

import promql_parser
import pytest
import yaml

from tests.prometheus_rules import ALERTS, PROMETHEUS, RECORDED, RECORDED_LABELS, TESTS, Alert, labels_of
from tests.promql import flaws

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool, of Debian's prometheus")
_by_name = pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: f"{alert.name}-{alert.labels['severity']}")


def promtool(*arguments: str) -> None:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_prometheus_takes_the_configuration_and_the_rules() -> None:
    promtool("check", "config", str(PROMETHEUS / "prometheus.yml"))


@needs_promtool
@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_alerts_fire_and_stay_silent_as_they_should(file: object) -> None:
    promtool("test", "rules", str(file))


def _checks() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Of each moment that the tests look at, the alert and the labels of those that fire."""
    for file in TESTS:
        for test in yaml.safe_load(file.read_text())["tests"]:
            for check in test["alert_rule_test"]:
                yield check["alertname"], [alert["exp_labels"] for alert in check["exp_alerts"]]


def test_each_alert_is_seen_to_stay_silent() -> None:
    assert {name for name, firing in _checks() if not firing} == {alert.name for alert in ALERTS}


@_by_name
def test_each_alert_is_seen_to_fire(alert: Alert) -> None:
    fired = [labels for name, firing in _checks() if name == alert.name for labels in firing]
    assert any(alert.labels.items() <= labels.items() for labels in fired)


@_by_name
def test_what_an_alert_asks_for_is_there(alert: Alert) -> None:
    assert flaws(alert.expr, RECORDED_LABELS) == []


@pytest.mark.parametrize("record", RECORDED)
def test_what_a_recording_rule_asks_for_is_there(record: str) -> None:
    assert flaws(RECORDED[record], RECORDED_LABELS) == []


@pytest.mark.parametrize("record", RECORDED)
def test_a_recorded_series_says_by_its_name_what_it_is_grouped_by(record: str) -> None:
    grouped = set(re.findall(r"by \(([^)]*)\)", RECORDED[record]))
    assert {frozenset(labels.split(", ")) for labels in grouped} == {labels_of(record)}


@_by_name
def test_an_alert_says_what_is_so_how_bad_it_is_and_where_to_read_on(alert: Alert) -> None:
    assert re.fullmatch(r"Orderbell([A-Z][a-z]+)+", alert.name)
    assert alert.labels["severity"] in ("critical", "warning")
    assert set(alert.annotations) == {"summary", "description", "runbook_url"}
    assert alert.annotations["runbook_url"] == "{{ $externalLabels.runbooks }}/" + f"{alert.name}.md"
    summary = alert.annotations["summary"]
    assert summary.endswith(".")
    assert "{{" not in summary, "a summary that changes makes a new group of each alert"


@_by_name
def test_an_alert_names_only_labels_that_it_has(alert: Alert) -> None:
    named = set(re.findall(r"\$labels\.(\w+)", "".join(alert.annotations.values())))
    outcome = promql_parser.parse(alert.expr).prettify()
    grouped = {label.strip() for labels in re.findall(r"by \(([^)]*)\)", outcome) for label in labels.split(",")}
    assert named <= grouped | {"instance", "job"} | (set() if "by (" in outcome else {"state"}) | _of_records(alert)


def _of_records(alert: Alert) -> set[str]:
    return {label for record, labels in RECORDED_LABELS.items() if record in alert.expr for label in labels}


def test_of_alerts_that_share_a_name_no_two_are_the_same() -> None:
    labels = Counter((alert.name, *sorted(alert.labels.items())) for alert in ALERTS)
    assert [name for name, times in labels.items() if times > 1] == []

"""The dashboards: what is in the files is what the code makes, and it is as dashboards ought to be."""

import re
from collections import Counter
from typing import Any

import pytest
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.__main__ import FOLDER, dashboards, written
from deploy.grafana.parts import MISSED
from tests.grafana_dashboards import DASHBOARDS, Target, expanded, panels, targets
from tests.prometheus_rules import ALERTS, RECORDED, RECORDED_LABELS
from tests.promql import flaws, unrated

VARIABLES = {"datasource", "job", "instance", "provider", "topic", "runbooks"}
OF_GRAFANA = {"__rate_interval", "__range", "__value"}

_each_board = pytest.mark.parametrize("board", DASHBOARDS.values(), ids=DASHBOARDS)
_each_target = pytest.mark.parametrize("target", list(targets()), ids=str)


def _each_panel() -> pytest.MarkDecorator:
    found = {f"{name}: {panel['title']}": panel for name, board in DASHBOARDS.items() for panel in panels(board)}
    return pytest.mark.parametrize("panel", found.values(), ids=found)


def test_the_files_are_what_the_code_makes() -> None:
    made = {name: written(board) for name, board in dashboards().items()}
    assert {path.name: path.read_text() for path in FOLDER.glob("*")} == made, "python -m deploy.grafana"


@_each_board
def test_grafana_can_read_it(board: dict[str, Any]) -> None:
    register_default_plugins()
    assert Dashboard.from_json(board).title == board["title"]


@_each_board
def test_it_is_known_by_a_name_that_stays_and_nobody_edits_it_by_hand(board: dict[str, Any]) -> None:
    assert re.fullmatch(r"orderbell-[a-z]+", board["uid"])
    assert board.get("id") is None
    assert board["editable"] is False
    assert board["title"].startswith("Orderbell / ")
    assert board["description"]
    assert board["tags"] == ["orderbell"]


def test_no_two_dashboards_have_the_same_name_or_title() -> None:
    for key in ("uid", "title"):
        assert max(Counter(board[key] for board in DASHBOARDS.values()).values()) == 1


@_each_board
def test_what_is_asked_is_a_choice(board: dict[str, Any]) -> None:
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    assert variables.keys() >= {"datasource", "job", "instance", "runbooks"}
    assert variables.keys() <= VARIABLES
    assert variables["datasource"]["query"] == "prometheus"
    for name in variables.keys() - {"datasource", "runbooks"}:
        assert variables[name]["datasource"]["uid"] == "${datasource}"
        metric = re.match(r"label_values\(([^,]+(?:\{[^}]*\})?), (\w+)\)$", variables[name]["query"])
        assert metric is not None
        assert flaws(f"count by ({metric[2]}) ({expanded(metric[1])})", {}) == []
    for name in variables.keys() - {"datasource", "runbooks", "job"}:
        assert variables[name]["allValue"] == ".*"


@_each_board
def test_every_variable_that_is_used_is_declared_and_every_other_one_is_used(board: dict[str, Any]) -> None:
    declared = {variable["name"] for variable in board["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", str({key: board[key] for key in ("panels", "annotations", "links")})))
    assert used <= declared | OF_GRAFANA
    assert declared - used == set()


@_each_board
def test_it_leads_to_the_others_and_to_the_runbooks(board: dict[str, Any]) -> None:
    others, index = board["links"]
    assert others["type"] == "dashboards"
    assert others["tags"] == ["orderbell"]
    assert others["includeVars"]
    assert others["keepTime"]
    assert index["url"] == "${runbooks}/README.md"


@_each_panel()
def test_a_panel_says_what_it_shows(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"][0].get("value") is None
    assert panel["targets"]


@_each_panel()
def test_a_panel_asks_the_prometheus_that_was_chosen(panel: dict[str, Any]) -> None:
    assert panel["datasource"]["uid"] == "${datasource}"
    assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


@_each_panel()
def test_a_panel_fits_its_row(panel: dict[str, Any]) -> None:
    assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24


@_each_panel()
def test_a_graph_names_its_series(panel: dict[str, Any]) -> None:
    if panel["type"] != "timeseries":
        return
    for target in panel["targets"]:
        named = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
        grouped = re.search(r"by \(([^)]*)\)", target["expr"])
        labels = {"instance", "job"} if grouped is None else {label.strip() for label in grouped[1].split(",")} - {"le"}
        if "job_provider:" in target["expr"]:
            labels |= {"provider"}
        assert target["legendFormat"]
        assert named <= labels
        assert named >= labels - {"job"} or grouped is None


@_each_board
def test_the_panels_of_a_dashboard_fill_their_rows_and_lie_on_nothing(board: dict[str, Any]) -> None:
    taken: Counter[tuple[int, int]] = Counter()
    for panel in board["panels"]:
        at = panel["gridPos"]
        taken.update((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"]))
    assert max(taken.values()) == 1
    lines = Counter(y for _, y in taken)
    assert set(lines.values()) == {24}
    assert sorted(lines) == list(range(len(lines)))


@_each_target
def test_a_query_can_be_read_and_asks_for_what_is_there(target: Target) -> None:
    assert flaws(expanded(target.expr), RECORDED_LABELS) == []


@_each_target
def test_counters_are_rated_before_they_are_added(target: Target) -> None:
    assert unrated(expanded(target.expr)) == []


@_each_target
def test_a_rate_looks_back_as_far_as_grafana_finds_right(target: Target) -> None:
    assert set(re.findall(r"\brate\([^[]*\[([^\]]*)\]", target.expr)) <= {"$__rate_interval"}
    assert not re.search(r"\birate\(", target.expr)


@_each_target
def test_a_query_is_of_the_shop_that_was_chosen(target: Target) -> None:
    assert "ALERTS" in target.expr or 'job="$job"' in target.expr


def test_every_alert_is_linked_from_a_panel_and_no_other() -> None:
    linked = {
        found
        for board in DASHBOARDS.values()
        for panel in panels(board)
        for link in panel.get("links", ())
        for found in re.findall(r"^\$\{runbooks\}/(\w+)\.md$", link["url"])
    }
    assert linked == {alert.name for alert in ALERTS}


@_each_panel()
def test_a_table_leads_on_by_a_column_that_it_has(panel: dict[str, Any]) -> None:
    for override in panel["fieldConfig"]["overrides"]:
        for value in override["properties"]:
            if value["id"] == "links":
                assert override["matcher"]["options"] == "alertname"
                assert value["value"][0]["url"] == "${runbooks}/${__value.raw}.md"


def test_what_counts_as_missed_is_what_the_rules_count() -> None:
    missed = [expr for record, expr in RECORDED.items() if record.startswith("job:orderbell_notices_missed:")]
    assert missed
    assert all(f'reason=~"{MISSED}"' in expr for expr in missed)

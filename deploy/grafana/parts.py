"""What the dashboards are made of: panels, rows and variables that look and behave alike.

A query has ``{@`` for ``{`` and the matchers of what is chosen at the top: ``orderbell_ready{@}``,
``orderbell_calls_total{@, result="balance"}``.
"""

from collections.abc import Sequence
from typing import NamedTuple

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import prometheus, stat, table, timeseries
from grafana_foundation_sdk.cog import builder as cog
from grafana_foundation_sdk.models import common, dashboard
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

PANEL = cog.Builder[dashboard.Panel]
SOURCE = dashboard.DataSourceRef(type_val="prometheus", uid="${datasource}")
CHOSEN = 'job="$job", instance=~"$instance"'
MISSED = "no_provider|template_refused|content_refused|provider_refused|in_doubt|overflow|overtaken"
"""The reasons of what was never told, though it should have been: as the rules of the objective have them."""

GREEN, ORANGE, RED, BLUE = "green", "orange", "red", "blue"


class Query(NamedTuple):
    """A query, and how its series are named: ``{{label}}`` stands for a label's value."""

    expr: str
    legend: str = ""

    @property
    def asked(self) -> str:
        """As Grafana is given it."""
        return " ".join(self.expr.split()).replace("{@", "{" + CHOSEN)


def risen(series: str, by: str, matched: str = "") -> str:
    """How much a counter rose, where it appears with its first value: what is new counts whole."""
    of = f"{series}{{@{f', {matched}' if matched else ''}}}"
    return f"sum by ({by}) (({of} unless {of} offset $__rate_interval) or increase({of}[$__rate_interval]))"


class Step(NamedTuple):
    """From which value on a colour holds; the first from the lowest on."""

    color: str
    since: float | None = None


def below(orange: float, red: float) -> tuple[Step, ...]:
    """Good below ``orange``, bad from ``red`` on."""
    return Step(GREEN), Step(ORANGE, orange), Step(RED, red)


def above(orange: float, green: float) -> tuple[Step, ...]:
    """Bad below ``orange``, good from ``green`` on."""
    return Step(RED), Step(ORANGE, orange), Step(GREEN, green)


A_SECOND, A_MINUTE = "suffix:/s", "suffix:/min"
"""The units of rates."""
_LEAST_TOP = {A_SECOND: 0.1, A_MINUTE: 10, "percentunit": 0.01}
"""Up to where an axis goes at least, so that nothing at all does not look like a scale of a hundred."""

PLAIN = (Step(BLUE),)
"""Of figures that are neither good nor bad."""


def graph(
    title: str,
    says: str,
    unit: str,
    *queries: Query,
    steps: Sequence[Step] = PLAIN,
    runbook: str | None = None,
    stacked: bool = False,
    span: int = 8,
) -> PANEL:
    """Values over time. ``steps`` with values are drawn as lines; ``runbook`` is the alert whose page it links to."""
    drawn = (
        timeseries.Panel()
        .title(title)
        .description(says)
        .datasource(SOURCE)
        .unit(unit)
        .min(0)
        .axis_soft_max(_LEAST_TOP.get(unit, 1))
        .height(9)
        .span(span)
        .line_width(1)
        .fill_opacity(30 if stacked else 8)
        .show_points(common.VisibilityMode.NEVER)
        .thresholds(_thresholds(steps))
        .legend(
            common_builders.VizLegendOptions()
            .display_mode(common.LegendDisplayMode.TABLE)
            .placement(common.LegendPlacement.BOTTOM)
            .show_legend(True)
            .calcs(["lastNotNull", "max"])
            .sort_by("Last *")
            .sort_desc(True)
        )
        .tooltip(
            common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.DESCENDING)
        )
    )
    if any(step.since is not None for step in steps):
        drawn.thresholds_style(
            common_builders.GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.DASHED)
        )
    if stacked:
        drawn.stacking(common_builders.StackingConfig().mode(common.StackingMode.NORMAL))
    for ref, query in zip("ABCDEFGH", queries, strict=False):
        drawn.with_target(_target(query, ref).range())
    return drawn.links(_runbooks(runbook))


def figure(
    title: str,
    says: str,
    unit: str,
    query: Query,
    *,
    steps: Sequence[Step] = PLAIN,
    runbook: str | None = None,
    decimals: int | None = None,
    none: str = "none",
    span: int = 4,
) -> PANEL:
    """One value, as it is now. ``none`` is shown where there is no data."""
    drawn = (
        stat.Panel()
        .title(title)
        .description(says)
        .datasource(SOURCE)
        .unit(unit)
        .height(4)
        .span(span)
        .no_value(none)
        .thresholds(_thresholds(steps))
        .graph_mode(common.BigValueGraphMode.NONE)
        .color_mode(common.BigValueColorMode.VALUE)
        .reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(False))
        .with_target(_target(query, "A").instant())
    )
    if decimals is not None:
        drawn.decimals(decimals)
    return drawn.links(_runbooks(runbook))


def rows_of(
    title: str,
    says: str,
    query: Query,
    *,
    hidden: Sequence[str],
    link: str | None = None,
    span: int = 12,
    height: int = 9,
) -> PANEL:
    """A table with a row for each series that there is now. ``link`` is the label whose value leads to a runbook."""
    drawn = (
        table.Panel()
        .title(title)
        .description(says)
        .datasource(SOURCE)
        .unit("none")
        .height(height)
        .span(span)
        .no_value("none")
        .thresholds(_thresholds(PLAIN))
        .with_target(_target(query, "A").instant().format(PromQueryFormat.TABLE))
    )
    for label in hidden:
        drawn.override_by_name(label, [dashboard.DynamicConfigValue(id_val="custom.hidden", value=True)])
    if link is None:
        return drawn
    url = "${runbooks}/${__value.raw}.md"
    links = [{"title": "Runbook", "url": url, "targetBlank": True}]
    return drawn.override_by_name(link, [dashboard.DynamicConfigValue(id_val="links", value=links)])


def row(title: str) -> builders.Row:
    """A heading for the panels that follow."""
    return builders.Row(title)


def chosen(name: str, label: str, says: str, query: str, *, many: bool) -> builders.QueryVariable:
    """A choice at the top, of the values of a label. ``many``: of some or all, all at first."""
    variable = (
        builders.QueryVariable(name)
        .label(label)
        .description(says)
        .datasource(SOURCE)
        .query(query)
        .refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(dashboard.VariableSort.ALPHABETICAL_ASC)
        .multi(many)
        .include_all(many)
    )
    if many:
        variable.all_value(".*").current(dashboard.VariableOption(text="All", value="$__all", selected=True))
    return variable


def _target(query: Query, ref: str) -> prometheus.Dataquery:
    target = prometheus.Dataquery().expr(query.asked).ref_id(ref).datasource(SOURCE)
    return target.legend_format(query.legend) if query.legend else target


def _thresholds(steps: Sequence[Step]) -> builders.ThresholdsConfig:
    made = [dashboard.Threshold(value=step.since, color=step.color) for step in steps]
    return builders.ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE).steps(made)


def _runbooks(alert: str | None) -> list[cog.Builder[dashboard.DashboardLink]]:
    if alert is None:
        return []
    link = builders.DashboardLink(f"Runbook: {alert}").type(dashboard.DashboardLinkType.LINK)
    return [link.url("${runbooks}/" + f"{alert}.md").target_blank(True)]

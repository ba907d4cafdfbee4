"""A dashboard: what all of them share around their panels."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard

from deploy.grafana.parts import PANEL, SOURCE, chosen

TAG = "orderbell"
RUNBOOKS = "https://runbooks.example/orderbell"
"""Where the runbooks are read, until somebody writes the right address into the box at the top."""

_JOB = chosen(
    "job", "Shop", "The job in Prometheus: one for each shop.", "label_values(orderbell_ready, job)", many=False
)
_INSTANCE = chosen(
    "instance",
    "Workers",
    "What the objective says is of all workers, whatever is chosen here.",
    'label_values(orderbell_ready{job="$job"}, instance)',
    many=True,
)
PROVIDER = chosen(
    "provider",
    "Providers",
    "Who takes messages.",
    'label_values(orderbell_calls_total{job="$job"}, provider)',
    many=True,
)
TOPIC = chosen(
    "topic", "Topics", "What the workers read.", 'label_values(orderbell_lag_records{job="$job"}, topic)', many=True
)


def board(
    uid: str,
    title: str,
    says: str,
    rows: Sequence[tuple[builders.Row, Sequence[PANEL]]],
    more: Sequence[builders.QueryVariable] = (),
) -> dashboard.Dashboard:
    """A dashboard of ``rows``. ``more`` are its own choices beside shop and workers."""
    made = (
        builders.Dashboard(f"Orderbell / {title}")
        .uid(uid)
        .description(says)
        .tags([TAG])
        .readonly()
        .tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
        .timezone("browser")
        .refresh("30s")
        .time("now-6h", "now")
        .link(_others())
        .link(_index())
        .annotation(_alerts())
        .with_variable(builders.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
    )
    for variable in (_JOB, _INSTANCE, *more):
        made.with_variable(variable)
    address = builders.TextBoxVariable("runbooks").label("Runbooks at").default_value(RUNBOOKS)
    made.with_variable(address.current(dashboard.VariableOption(text=RUNBOOKS, value=RUNBOOKS, selected=True)))
    for heading, panels in rows:
        made.with_row(heading)
        for panel in panels:
            made.with_panel(panel)
    built = made.build()
    _number(built)
    return built


def _others() -> builders.DashboardLink:
    link = builders.DashboardLink("Dashboards").type(dashboard.DashboardLinkType.DASHBOARDS).tags([TAG])
    return link.include_vars(True).keep_time(True)


def _index() -> builders.DashboardLink:
    link = builders.DashboardLink("Runbooks").type(dashboard.DashboardLinkType.LINK)
    return link.url("${runbooks}/README.md").icon("doc").target_blank(True)


def _alerts() -> builders.AnnotationQuery:
    """A mark where an alert that gets somebody up begins."""
    query = builders.AnnotationQuery().name("Critical alerts").datasource(SOURCE).enable(True).icon_color("red")
    return query.expr('ALERTS{alertname=~"Orderbell.*", alertstate="firing", severity="critical"}')


def _number(built: dashboard.Dashboard) -> None:
    """Gives panels their numbers, by which links and pictures know them."""
    for number, panel in enumerate(built.panels or (), start=1):
        panel.id_val = number

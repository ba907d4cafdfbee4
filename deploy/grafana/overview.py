"""Whether customers are told in time, and if not, roughly why. The first look at night."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.board import board
from deploy.grafana.parts import A_SECOND, MISSED, Query, above, below, figure, graph, row, rows_of

_URGENT = 'kind!="shipment_stalled"'
_BUDGET = f"""
    1 - (
      sum(increase(orderbell_notices_in_time_total{{job="$job", in_time="no"}}[30d]))
      + sum(increase(orderbell_decisions_total{{job="$job", reason=~"{MISSED}"}}[30d]))
    ) / (
      sum(increase(orderbell_notices_in_time_total{{job="$job"}}[30d]))
      + sum(increase(orderbell_decisions_total{{job="$job", reason=~"{MISSED}"}}[30d]))
    ) / 0.001
"""


def _slowest(share: str) -> Query:
    buckets = f"sum by (le) (rate(orderbell_time_to_provider_seconds_bucket{{@, {_URGENT}}}[$__rate_interval]))"
    return Query(f"histogram_quantile({share}, {buckets})", f"{float(share):.0%} within")


def overview() -> Dashboard:
    """The dashboard."""
    now = (
        figure(
            "Told in time, last hour",
            "Of the notices that had to be told, how many a provider took by their notify_by. 99.9 % is the objective.",
            "percentunit",
            Query('1 - job:orderbell_notices_missed:ratio_rate1h{job="$job"}'),
            steps=above(0.9856, 0.999),
            runbook="OrderbellNoticesLate",
            decimals=2,
        ),
        figure(
            "Budget left of 30 days",
            "What is left of the one in a thousand that may be late or never told. Below 0 the objective is missed.",
            "percentunit",
            Query(_BUDGET),
            steps=above(0, 0.25),
            runbook="OrderbellNoticesLate",
            decimals=1,
        ),
        figure(
            "Told, last hour",
            "Exceptions of which a provider took the message.",
            "short",
            Query('sum(increase(orderbell_decisions_total{@, outcome=~"sent|merged"}[1h]))'),
            runbook="OrderbellNobodyTold",
            decimals=0,
        ),
        figure(
            "Urgent ones, 99 % within",
            "From the event to the provider's yes, the hold included. Five minutes is the most that was promised.",
            "s",
            Query(f"""histogram_quantile(0.99, sum by (le) (
                rate(orderbell_time_to_provider_seconds_bucket{{@, {_URGENT}}}[$__rate_interval])
            ))"""),
            steps=below(240, 300),
            runbook="OrderbellNoticesLate",
        ),
        figure(
            "Workers ready",
            "Members of the group, recovered, and Kafka answers.",
            "none",
            Query('sum(orderbell_ready{job="$job"})'),
            steps=above(0.5, 1),
            runbook="OrderbellNoWorkerReady",
        ),
        figure(
            "Alerts firing",
            "Of all kinds.",
            "none",
            Query('count(ALERTS{alertname=~"Orderbell.*", alertstate="firing"}) or vector(0)'),
            steps=below(1, 2),
        ),
    )
    told = (
        graph(
            "Missed, by how long it is looked back",
            "The share that came late or never. Above 1.44 % over an hour the month's budget is gone in two days.",
            "percentunit",
            *(
                Query(f'job:orderbell_notices_missed:ratio_rate{window}{{job="$job"}}', window)
                for window in ("5m", "1h", "6h", "3d")
            ),
            steps=below(0.001, 0.0144),
            runbook="OrderbellNoticesLate",
            span=12,
        ),
        rows_of(
            "Alerts",
            "Those that fire, and those that are about to. The name leads to the runbook.",
            Query(
                """max by (alertname, alertstate, severity, provider, topic, instance) (
                    ALERTS{alertname=~"Orderbell.*"}
                )"""
            ),
            hidden=("Time", "Value"),
            link="alertname",
        ),
        graph(
            "Time to the provider, urgent kinds",
            "From the event to the provider's yes, the hold included.",
            "s",
            *map(_slowest, ("0.5", "0.95", "0.99")),
            steps=below(240, 300),
            runbook="OrderbellNoticesLate",
        ),
        graph(
            "Late, by kind",
            "First acceptances after notify_by.",
            A_SECOND,
            Query(
                'sum by (kind) (rate(orderbell_notices_in_time_total{@, in_time="no"}[$__rate_interval]))', "{{kind}}"
            ),
            runbook="OrderbellNoticesLate",
            stacked=True,
        ),
        graph(
            "From provider to telephone",
            "What providers took, and what was reported as delivered. Of mails nothing is, and of pushes not always.",
            A_SECOND,
            Query('sum(rate(orderbell_receipts_total{@, status="accepted"}[$__rate_interval]))', "accepted"),
            Query('sum(rate(orderbell_receipts_total{@, status="delivered"}[$__rate_interval]))', "delivered"),
            runbook="OrderbellNotArriving",
        ),
    )
    ends = (
        graph(
            "Exceptions, by kind",
            "As they are found, repeats included.",
            A_SECOND,
            Query("sum by (kind) (rate(orderbell_exceptions_total{@}[$__rate_interval]))", "{{kind}}"),
            stacked=True,
        ),
        graph(
            "How they end",
            "One decision for each exception and audience.",
            A_SECOND,
            Query("sum by (outcome) (rate(orderbell_decisions_total{@}[$__rate_interval]))", "{{outcome}}"),
            stacked=True,
        ),
        graph(
            "Not told, by reason",
            "Failed, expired and suppressed. The page on reasons says what to do about each.",
            A_SECOND,
            Query(
                """sum by (outcome, reason) (
                    rate(orderbell_decisions_total{@, outcome=~"failed|expired|suppressed"}[$__rate_interval])
                ) > 0""",
                "{{outcome}}, {{reason}}",
            ),
            runbook="OrderbellNoticesFail",
            stacked=True,
        ),
    )
    causes = (
        graph(
            "Behind with what is published",
            "How old the last record applied is, where more wait. More on the dashboard Pipeline.",
            "s",
            Query("max by (topic) (orderbell_lag_seconds{@})", "{{topic}}"),
            steps=below(10, 60),
            runbook="OrderbellWatchBehind",
        ),
        graph(
            "Behind with what is due",
            "For how long the earliest deadline of a task is past.",
            "s",
            Query("max by (task) (orderbell_deadlines_overdue_seconds{@})", "{{task}}"),
            steps=below(10, 60),
            runbook="OrderbellDeadlinesOverdue",
        ),
        graph(
            "Calls that go ill, by provider",
            "No answer, an error of the provider's own, or a no to the account. More on the dashboard Providers.",
            "percentunit",
            Query('job_provider:orderbell_calls_ill:ratio_rate5m{job="$job"}', "{{provider}}"),
            steps=below(0.05, 0.25),
            runbook="OrderbellProviderFailing",
        ),
    )
    says = "Whether customers are told in time, and if not, roughly why."
    return board(
        "orderbell-overview",
        "Overview",
        says,
        [
            (row("Now"), now),
            (row("Are customers told in time?"), told),
            (row("What becomes of exceptions"), ends),
            (row("What may hold them up"), causes),
        ],
    )

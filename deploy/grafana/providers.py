"""Those who take messages: whether they do, and whether what they took arrives."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.board import PROVIDER, board
from deploy.grafana.parts import A_MINUTE, A_SECOND, Query, above, below, graph, risen, row

_OF = 'provider=~"$provider"'


def _rate(series: str, labels: str, *more: str) -> str:
    matched = ", ".join((_OF, *more))
    return f"sum by ({labels}) (rate({series}{{@, {matched}}}[$__rate_interval]))"


def providers() -> Dashboard:
    """The dashboard."""
    calls = (
        graph(
            "Calls, by what came back",
            "accepted; in_doubt: no answer; not_begun: we let it be; else the class of the provider's no.",
            A_SECOND,
            Query(f"{_rate('orderbell_calls_total', 'provider, result')} > 0", "{{provider}}, {{result}}"),
            runbook="OrderbellProviderFailing",
            stacked=True,
            span=12,
        ),
        graph(
            "Calls that go ill",
            "The share that had no answer, an error of the provider's own, or a no to the account.",
            "percentunit",
            Query(f'job_provider:orderbell_calls_ill:ratio_rate5m{{job="$job", {_OF}}}', "{{provider}}"),
            steps=below(0.05, 0.25),
            runbook="OrderbellProviderFailing",
            span=12,
        ),
        graph(
            "Breakers open",
            "In how many partitions: each has its own, and asks the provider with single probes only while it is open.",
            "short",
            Query(f"sum by (provider) (orderbell_breakers_open{{@, {_OF}}})", "{{provider}}"),
            steps=below(0.5, 1),
            runbook="OrderbellBreakerOpen",
            span=6,
        ),
        graph(
            "Breakers that turned",
            "One that opens and closes all the time: the provider is well at times.",
            A_MINUTE,
            Query(f"60 * {_rate('orderbell_breakers_turned_total', 'provider, to')}", "{{provider}} {{to}}"),
            runbook="OrderbellBreakerOpen",
            span=6,
        ),
        graph(
            "The account refused",
            "For want of money (balance), or for key, rights, address or clock (configuration).",
            A_SECOND,
            Query(
                _rate("orderbell_calls_total", "provider, result", 'result=~"balance|configuration"'),
                "{{provider}}, {{result}}",
            ),
            runbook="OrderbellBalanceLow",
            span=6,
        ),
        graph(
            "Calls refused for credentials, by worker",
            "One worker alone: its address is not on the allow-list, its clock is off, or its settings differ.",
            A_SECOND,
            Query(
                _rate("orderbell_calls_total", "instance, provider", 'result="configuration"'),
                "{{instance}}, {{provider}}",
            ),
            runbook="OrderbellAccountRefused",
            span=6,
        ),
    )
    doubt = (
        graph(
            "Doubts that begin and end",
            "Attempts of which it was not known whether the provider took them.",
            A_SECOND,
            Query(_rate("orderbell_doubts_total", "provider, change"), "{{provider}}, {{change}}"),
            runbook="OrderbellDoubtsGrowing",
            span=6,
        ),
        graph(
            "In doubt now",
            "It grows: a provider hangs, or its answers get lost. What is not learnt in time is not sent again.",
            "short",
            Query(f"sum by (provider) (orderbell_doubts_open{{@, {_OF}}})", "{{provider}}"),
            steps=below(5, 10),
            runbook="OrderbellDoubtsGrowing",
            span=6,
        ),
        graph(
            "The oldest doubt",
            "None lasts longer than ten minutes, where the sender is not behind.",
            "s",
            Query(f"max by (provider) (orderbell_doubts_open_oldest_seconds{{@, {_OF}}})", "{{provider}}"),
            steps=below(300, 660),
            runbook="OrderbellDoubtsGrowing",
            span=6,
        ),
        graph(
            "Questions about messages",
            "What the providers said, and by which rule the message was known.",
            A_SECOND,
            Query(
                _rate("orderbell_queries_total", "provider, result, known_by"), "{{provider}}, {{result}} {{known_by}}"
            ),
            Query(_rate("orderbell_repeats_in_doubt_total", "provider"), "{{provider}}, sent once more"),
            span=6,
        ),
    )
    arrival = (
        graph(
            "Delivered share, last hour",
            "Of what a provider took, how much was reported as delivered.",
            "percentunit",
            Query(f'job_provider:orderbell_receipts_delivered:ratio_rate1h{{job="$job", {_OF}}}', "{{provider}}"),
            steps=above(0.5, 0.9),
            runbook="OrderbellNotArriving",
        ),
        graph(
            "States that messages reach",
            "Each change of an attempt's state is one receipt.",
            A_SECOND,
            Query(f"{_rate('orderbell_receipts_total', 'provider, status')} > 0", "{{provider}}, {{status}}"),
            runbook="OrderbellNotArriving",
            stacked=True,
        ),
        graph(
            "Roads that turned, and messages that went around",
            "A road is a provider, a carrier and a text. Collapsed: less than half of it arrived.",
            "short",
            Query(
                risen("orderbell_roads_turned_total", "provider, carrier, to", _OF), "{{provider}} {{carrier}} {{to}}"
            ),
            Query(
                f"""sum by (provider, carrier) (
                    increase(orderbell_roads_avoided_total{{@, {_OF}}}[$__rate_interval])
                ) > 0""",
                "around {{provider}} {{carrier}}",
            ),
            runbook="OrderbellRoadCollapsed",
        ),
        graph(
            "What vendors push, by our answer",
            "Reports and replies. 503: it could not be stored; 400: it is not what we expect.",
            A_SECOND,
            Query(_rate("orderbell_callbacks_total", "provider, what, answer"), "{{provider}} {{what}}, {{answer}}"),
            runbook="OrderbellCallbacksRefused",
            span=12,
        ),
        graph(
            "What is made of reports",
            "waiting: it came before we knew of the message; unmatched: nobody ever claimed it.",
            A_SECOND,
            Query(_rate("orderbell_reports_total", "provider, what"), "{{provider}}, {{what}}"),
            Query(_rate("orderbell_reports_skipped_total", "provider"), "{{provider}}, of no open attempt"),
            span=12,
        ),
    )
    return board(
        "orderbell-providers",
        "Providers",
        "Those who take messages: whether they do, and whether what they took arrives.",
        [(row("Calls"), calls), (row("In doubt"), doubt), (row("Arriving"), arrival)],
        [PROVIDER],
    )

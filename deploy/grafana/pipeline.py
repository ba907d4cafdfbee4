"""From what upstream publishes to the commands: read, judged and due in time."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.board import TOPIC, board
from deploy.grafana.parts import A_MINUTE, A_SECOND, Query, Step, below, figure, graph, risen, row


def _turn(share: str) -> Query:
    buckets = "sum by (task, le) (rate(orderbell_turn_seconds_bucket{@}[$__rate_interval]))"
    return Query(f"histogram_quantile({share}, {buckets})", "{{task}}")


def pipeline() -> Dashboard:
    """The dashboard."""
    reading = (
        graph(
            "Events read, by topic",
            "What is read and applied.",
            A_SECOND,
            Query('sum by (topic) (rate(orderbell_events_total{@, topic=~"$topic"}[$__rate_interval]))', "{{topic}}"),
            runbook="OrderbellFeedSilent",
        ),
        graph(
            "Events read, by type",
            "Of orders and logistics.",
            A_SECOND,
            Query(
                'sum by (type) (rate(orderbell_events_total{@, topic=~"orders|logistics"}[$__rate_interval]))',
                "{{type}}",
            ),
            stacked=True,
        ),
        graph(
            "Lag in seconds, by topic",
            "How old the last record applied is, where more wait: of the partition that is furthest behind.",
            "s",
            Query('max by (topic) (orderbell_lag_seconds{@, topic=~"$topic"})', "{{topic}}"),
            steps=below(10, 60),
            runbook="OrderbellWatchBehind",
        ),
        graph(
            "Lag in records, by topic",
            "How many wait, over all partitions.",
            "short",
            Query('sum by (topic) (orderbell_lag_records{@, topic=~"$topic"})', "{{topic}}"),
            runbook="OrderbellLagging",
        ),
        graph(
            "The partitions furthest behind",
            "One alone: a key that brings most, or a task in trouble. All: too much for the workers, or a slow Kafka.",
            "s",
            Query(
                'topk(8, max by (topic, partition) (orderbell_lag_seconds{@, topic=~"$topic"}))',
                "{{topic}} {{partition}}",
            ),
            steps=below(10, 60),
            runbook="OrderbellLagging",
        ),
        graph(
            "Read and left alone",
            "Events that came again, and types that we don't know.",
            A_SECOND,
            Query(
                "sum by (topic, reason) (rate(orderbell_events_skipped_total{@}[$__rate_interval]))",
                "{{topic}}, {{reason}}",
            ),
            Query(
                "sum by (reason) (rate(orderbell_commands_skipped_total{@}[$__rate_interval]))", "commands, {{reason}}"
            ),
            stacked=True,
        ),
        graph(
            "Dead letters",
            "Records that can't be read.",
            A_SECOND,
            Query(
                "sum by (topic, reason) (rate(orderbell_dead_letters_total{@}[$__rate_interval])) > 0",
                "{{topic}}, {{reason}}",
            ),
            runbook="OrderbellDeadLetters",
            stacked=True,
            span=6,
        ),
        graph(
            "Clocks of records",
            "How far ahead of the worker's clock the newest record is dated.",
            "s",
            Query("max by (task) (orderbell_clock_ahead_seconds{@})", "{{task}}"),
            steps=below(5, 60),
            runbook="OrderbellClockAhead",
            span=6,
        ),
        graph(
            "Clocks of workers",
            "How far each is from Kafka's, on either side.",
            "s",
            Query("max by (instance) (abs(orderbell_clock_skew_seconds{@}))", "{{instance}}"),
            steps=below(1, 5),
            runbook="OrderbellClockSkewed",
            span=6,
        ),
        graph(
            "Records lost",
            "Takings over that found that Kafka had let go of what was to be read next, in the time shown.",
            "short",
            Query("sum by (topic) (increase(orderbell_records_lost_total{@}[$__rate_interval]))", "{{topic}}"),
            steps=below(0.5, 1),
            runbook="OrderbellRecordsLost",
            span=6,
        ),
    )
    turns = (
        graph(
            "Turns, by task",
            "A turn takes what has come, and commits all that follows from it at once.",
            A_SECOND,
            Query("sum by (task) (rate(orderbell_turns_total{@}[$__rate_interval]))", "{{task}}"),
        ),
        graph(
            "A turn's time, 99 % within",
            "Work and commit. Above a second Kafka commits slowly.",
            "s",
            _turn("0.99"),
            steps=below(0.5, 1),
            runbook="OrderbellWatchBehind",
        ),
        graph(
            "Defects",
            "Steps on which the program raised. More than ten in a minute halt a task.",
            A_MINUTE,
            Query("sum by (task) (60 * rate(orderbell_defects_total{@}[$__rate_interval]))", "{{task}}"),
            steps=below(1, 10),
            runbook="OrderbellDefects",
        ),
    )
    detecting = (
        figure(
            "Parcels known",
            "Watched, or remembered after their end.",
            "short",
            Query('sum(orderbell_state_entries{@, task="logistics"})'),
        ),
        figure(
            "Orders known",
            "For 30 days after their last news.",
            "short",
            Query('sum(orderbell_state_entries{@, task="orders"})'),
        ),
        figure(
            "Storms that hold",
            "Of a kind, or of a carrier: what looks like a fault upstream waits for its end, or for your word.",
            "none",
            Query("count(count by (storm) (orderbell_storms_holding{@})) or vector(0)"),
            steps=(Step("green"), Step("orange", 1)),
            runbook="OrderbellStormHolding",
        ),
        figure(
            "Defects, last hour",
            "Steps on which the program raised.",
            "short",
            Query("sum(increase(orderbell_defects_total{@}[1h]))"),
            steps=below(1, 10),
            runbook="OrderbellDefects",
            decimals=0,
        ),
        figure(
            "Dead letters, last hour",
            "Records that can't be read.",
            "short",
            Query("sum(increase(orderbell_dead_letters_total{@}[1h]))"),
            steps=below(1, 40),
            runbook="OrderbellDeadLetters",
            decimals=0,
        ),
        figure(
            "Furthest past a deadline",
            "Of all tasks.",
            "s",
            Query("max(orderbell_deadlines_overdue_seconds{@})"),
            steps=below(10, 60),
            runbook="OrderbellDeadlinesOverdue",
        ),
        graph(
            "Past their deadlines",
            "For how long the earliest deadline of a task is past: of the partition that is furthest behind.",
            "s",
            Query("max by (task) (orderbell_deadlines_overdue_seconds{@})", "{{task}}"),
            steps=below(10, 60),
            runbook="OrderbellDeadlinesOverdue",
        ),
        graph(
            "Exceptions found, by kind",
            "Repeats included.",
            A_SECOND,
            Query("sum by (kind) (rate(orderbell_exceptions_total{@}[$__rate_interval]))", "{{kind}}"),
            stacked=True,
        ),
        graph(
            "Storms",
            "Notices that a storm of a kind, a carrier or one customer begins to hold; storms that begin and end.",
            "short",
            Query("sum by (what) (increase(orderbell_storm_held_total{@}[$__rate_interval]))", "held, {{what}}"),
            Query(risen("orderbell_storms_turned_total", "storm, change"), "{{storm}} {{change}}"),
            runbook="OrderbellStormHolding",
        ),
    )
    return board(
        "orderbell-pipeline",
        "Pipeline",
        "From what upstream publishes to the commands: read, judged and due in time.",
        [(row("Reading"), reading), (row("Turns"), turns), (row("Finding"), detecting)],
        [TOPIC],
    )

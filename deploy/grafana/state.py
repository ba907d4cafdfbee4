"""The workers: what they hold, how they come back, and whether they agree."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.board import board
from deploy.grafana.parts import A_MINUTE, Query, Step, above, below, figure, graph, risen, row, rows_of


def state() -> Dashboard:
    """The dashboard."""
    now = (
        figure(
            "Workers that answer",
            "As Prometheus finds them.",
            "none",
            Query('sum(up{job="$job"})'),
            steps=above(0.5, 1),
            runbook="OrderbellWorkerDown",
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
            "Tasks recovered",
            "Six for each partition, over all workers.",
            "none",
            Query('sum(orderbell_tasks{@, state="recovered"})'),
            steps=above(0.5, 1),
            runbook="OrderbellTasksNotRecovered",
        ),
        figure(
            "Tasks halted",
            "Nobody works on their partitions. A restart alone does not help.",
            "none",
            Query('sum(orderbell_tasks{@, state="halted"})'),
            steps=(Step("green"), Step("red", 1)),
            runbook="OrderbellTaskHalted",
        ),
        figure(
            "Rules in force",
            "How many different ones: more than one while a reload goes around.",
            "none",
            Query('count(count by (hash) (orderbell_rules_info{job="$job"}))'),
            steps=(Step("green"), Step("red", 2)),
            runbook="OrderbellRulesDiffer",
        ),
        figure(
            "Oldest view of the ledger",
            "Above two seconds that worker sends no text message.",
            "s",
            Query("max(orderbell_ledger_confirmed_age_seconds{@})"),
            steps=below(2, 10),
            runbook="OrderbellLedgerStale",
            decimals=1,
        ),
    )
    coming_back = (
        graph(
            "Tasks, by what they are at",
            "Over all workers.",
            "short",
            Query("sum by (state) (orderbell_tasks{@})", "{{state}}"),
            runbook="OrderbellTasksNotRecovered",
            stacked=True,
            span=6,
        ),
        graph(
            "Halted, by task and partition",
            "After more than ten defects in a minute. The next owner halts at the same records.",
            "short",
            Query("sum by (task, partition) (orderbell_task_halted{@})", "{{task}} {{partition}}"),
            steps=below(0.5, 1),
            runbook="OrderbellTaskHalted",
            span=6,
        ),
        graph(
            "Taking a task over, 99 % within",
            "Fencing the former owner, and restoring the state.",
            "s",
            Query(
                """histogram_quantile(0.99, sum by (task, le) (
                    rate(orderbell_recovery_seconds_bucket{@}[$__rate_interval])
                ))""",
                "{{task}}",
            ),
            steps=below(30, 60),
            runbook="OrderbellTasksNotRecovered",
            span=6,
        ),
        graph(
            "Takings over that failed",
            "Trouble with Kafka, by the kind of error. Nothing is lost by it, but time.",
            "short",
            Query(risen("orderbell_incarnations_failed_total", "task, error"), "{{task}}, {{error}}"),
            runbook="OrderbellTakeoversFail",
            span=6,
        ),
        graph(
            "The group dealt out anew",
            "Once for each worker that comes or goes.",
            A_MINUTE,
            Query("60 * sum by (instance) (rate(orderbell_rebalances_total{@}[$__rate_interval]))", "{{instance}}"),
        ),
        graph(
            "Ready",
            "1 while a worker is a member, recovered, and Kafka answers.",
            "none",
            Query("orderbell_ready{@}", "{{instance}}"),
            runbook="OrderbellWorkerNotReady",
        ),
        graph(
            "Up since",
            "How long each worker has been running.",
            "s",
            Query("time() - orderbell_process_start_time_seconds{@}", "{{instance}}"),
            runbook="OrderbellWorkerRestarts",
        ),
    )
    holding = (
        graph(
            "State entries, by task",
            "Orders, parcels, customers with something open, messages that wait for reports.",
            "short",
            Query("sum by (task) (orderbell_state_entries{@})", "{{task}}"),
            span=6,
        ),
        graph(
            "State bytes, by task",
            "In the changelogs when they are compacted, about: what is read back when a task is taken over.",
            "bytes",
            Query("sum by (task) (orderbell_state_bytes{@})", "{{task}}"),
            runbook="OrderbellTasksNotRecovered",
            span=6,
        ),
        graph(
            "The largest states",
            "One partition far above the others: a key that brings most.",
            "bytes",
            Query("topk(8, max by (task, partition) (orderbell_state_bytes{@}))", "{{task}} {{partition}}"),
            runbook="OrderbellTasksNotRecovered",
            span=6,
        ),
        graph(
            "Memory, by worker",
            "Resident: its share of the state, and some 70 MiB.",
            "bytes",
            Query("orderbell_process_resident_memory_bytes{@}", "{{instance}}"),
            runbook="OrderbellWorkerRestarts",
            span=6,
        ),
        graph(
            "Processor, by worker",
            "Of one core: a worker can use no more than one.",
            "percentunit",
            Query("rate(orderbell_process_cpu_seconds_total{@}[$__rate_interval])", "{{instance}}"),
            steps=below(0.7, 0.9),
            span=6,
        ),
        graph(
            "View of the opt-out ledger, by worker",
            "How long ago its end was last confirmed. Above two seconds no text message goes.",
            "s",
            Query("orderbell_ledger_confirmed_age_seconds{@}", "{{instance}}"),
            steps=below(2, 10),
            runbook="OrderbellLedgerStale",
            span=6,
        ),
        graph(
            "Files and connections, by worker",
            "The share of what it may have open.",
            "percentunit",
            Query("orderbell_process_open_fds{@} / orderbell_process_max_fds{@}", "{{instance}}"),
            steps=below(0.7, 0.9),
            span=6,
        ),
        graph(
            "Last reading of the rules",
            "1 where it was taken, 0 where the file was refused.",
            "none",
            Query("orderbell_rules_reload_successful{@}", "{{instance}}"),
            runbook="OrderbellRulesRefused",
            span=6,
        ),
        rows_of(
            "Rules in force, by worker",
            "Each by its hash, which stands in every decision too.",
            Query("count by (instance, hash) (orderbell_rules_info{@})"),
            hidden=("Time", "Value"),
            span=24,
            height=5,
        ),
    )
    return board(
        "orderbell-state",
        "State and recovery",
        "The workers: what they hold, how they come back, and whether they agree.",
        [(row("Now"), now), (row("Coming back"), coming_back), (row("Holding"), holding)],
    )

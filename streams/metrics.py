"""Every metric, declared once: its name, its meaning, its labels.

All names begin ``orderbell_``; times are in seconds. What a turn counts is applied when the turn is committed, so a
turn that is done again counts once. What a worker that dies has not applied by then is not counted.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

import prometheus_client as prometheus

from streams.engine.lasting import Total
from streams.engine.turn import Turn


class Declared(NamedTuple):
    """A metric. ``name`` is without ``orderbell_`` and, of a counter, without ``_total``."""

    name: str
    meaning: str
    labels: tuple[str, ...] = ()
    scale: float = 1
    """What one that is counted adds."""


TEN_THOUSANDTHS = 10_000
"""Money is counted in whole ten-thousandths of CNY."""

COUNTED: Mapping[str, Declared] = {
    "events": Declared("events", "Events read, by topic and type.", ("topic", "type")),
    "skipped": Declared("events_skipped", "Events that were read and left alone.", ("topic", "reason")),
    "dead_letters": Declared("dead_letters", "Records that could not be read.", ("topic", "reason")),
    "exceptions": Declared("exceptions", "Exceptions that were detected.", ("kind",)),
    "decisions": Declared("decisions", "How exceptions ended.", ("outcome", "reason")),
    "commands_skipped": Declared("commands_skipped", "Commands that came again.", ("reason",)),
    "calls": Declared(
        "calls",
        "Calls that ask a provider to send: `accepted`, `in_doubt`, `not_begun` (we let it be), or the class of a no.",
        ("provider", "result"),
    ),
    "breakers": Declared(
        "breakers_turned", "Circuit breakers that opened, since a provider failed, or closed.", ("provider", "to")
    ),
    "queries": Declared(
        "queries",
        "Calls that ask what became of a message, and by which rule it was found.",
        ("provider", "result", "known_by"),
    ),
    "repeats_in_doubt": Declared(
        "repeats_in_doubt", "Messages sent once more, since nothing could be learnt.", ("provider",)
    ),
    "receipts": Declared("receipts", "Changes of a message's state.", ("provider", "status")),
    "roads_avoided": Declared(
        "roads_avoided",
        "Messages that another provider sent, the carrier being lost to this one.",
        ("provider", "carrier"),
    ),
    "roads_turned": Declared(
        "roads_turned",
        "Delivered shares that collapsed, or are well again, as a task sees them.",
        ("provider", "carrier", "template_id", "to"),
    ),
    "callbacks": Declared("callbacks", "Requests of vendors, by our answer.", ("provider", "what", "answer")),
    "reports": Declared("reports", "Delivery reports, by what was said or done with them.", ("provider", "what")),
    "reports_skipped": Declared("reports_skipped", "Delivery reports of no open attempt.", ("provider",)),
    "replies": Declared("replies", "What customers wrote back, by what it stops.", ("provider", "stops")),
    "opt_outs": Declared("opt_outs", "Stops written to the ledger, by how they were learnt.", ("provider", "source")),
    "service_tasks": Declared("service_tasks", "Tasks for a human.", ("reason",)),
    "coupons_granted": Declared("coupons_granted", "Coupons for new customers.", ("kind",)),
    "coupons_told": Declared(
        "coupons_told",
        "Notices with a coupon that a message told: whether it told of the coupon, and why not.",
        ("how",),
    ),
    "storms": Declared("storms_turned", "Storms that began or ended, as a task sees them.", ("storm", "change")),
    "storm_held": Declared("storm_held", "Notices that a storm has held.", ("what",)),
    "in_time": Declared(
        "notices_in_time", "First acceptances by a provider, by whether they came by `notify_by`.", ("kind", "in_time")
    ),
    "doubts": Declared(
        "doubts",
        "Attempts of which it was not known whether the provider took them, and how that ended.",
        ("provider", "change"),
    ),
    "segments": Declared("segments", "Segments that providers took.", ("provider",)),
    "segments_saved": Declared("segments_saved", "Segments fewer than one message for each exception would have cost."),
    "cost": Declared(
        "cost_yuan", "What messages cost that providers took, CNY.", ("provider",), scale=1 / TEN_THOUSANDTHS
    ),
    "rebalances": Declared("rebalances", "How often the group was dealt out anew."),
    "turns": Declared("turns", "Turns committed.", ("task",)),
    "lost": Declared(
        "records_lost", "Takings over that found that Kafka had let go of records which were not read yet.", ("topic",)
    ),
    "incarnations_failed": Declared("incarnations_failed", "Takings over that ended in a failure.", ("task", "error")),
    "defects": Declared("defects", "Steps on which a processor raised.", ("task",)),
}
"""What is counted, under the name by which the code counts it."""

OBSERVED: Mapping[str, tuple[Declared, tuple[float, ...]]] = {
    "time_to_provider": (
        Declared("time_to_provider_seconds", "From an event's occurrence to a provider's acceptance.", ("kind",)),
        (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 90, 120, 180, 300, 600, 1_800, 3_600, 14_400, 86_400),
    ),
    "recovery_seconds": (
        Declared("recovery_seconds", "Taking a task over: fencing, and restoring its state.", ("task",)),
        (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
    ),
    "turn_seconds": (
        Declared("turn_seconds", "A turn's work and commit.", ("task",)),
        (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    ),
}
"""Distributions, with the upper bounds of their buckets. Counted with the value in seconds as the last label."""

GAUGED: Mapping[str, Declared] = {
    "lag_records": Declared("lag_records", "How many records of a source are not yet applied.", ("topic", "partition")),
    "lag_seconds": Declared(
        "lag_seconds", "How old the last record applied is, where more wait.", ("topic", "partition")
    ),
    "overdue": Declared(
        "deadlines_overdue_seconds", "For how long the earliest deadline of a task is past.", ("task", "partition")
    ),
    "ahead": Declared(
        "clock_ahead_seconds",
        "How far ahead of this worker's clock the newest record is dated.",
        ("task", "partition"),
    ),
    "skew": Declared(
        "clock_skew_seconds",
        "How far the clock of Kafka is ahead of this worker's, or behind (negative), by the commits of the last five "
        "minutes.",
        ("task", "partition"),
    ),
    "state": Declared(
        "state_entries",
        "Entries of a task's state: those of shipments are the parcels that are watched or remembered.",
        ("task", "partition"),
    ),
    "size": Declared(
        "state_bytes",
        "Bytes of a task's state in its changelog once compacted: of many entries about, by a sample each minute. "
        "In memory it takes four to ten times as much.",
        ("task", "partition"),
    ),
    "breakers_open": Declared(
        "breakers_open",
        "1 while a partition asks a provider with single probes only, since it failed.",
        ("provider", "partition"),
    ),
    "storms_holding": Declared(
        "storms_holding",
        "1 while a partition holds notices back, since far more than usual came of a kind or of a carrier's stalls.",
        ("storm", "partition"),
    ),
    "doubts_open": Declared(
        "doubts_open",
        "Attempts of which it is not known whether the provider took them, and which it is asked about.",
        ("provider", "partition"),
    ),
    "doubts_open_oldest": Declared(
        "doubts_open_oldest_seconds", "How long ago the oldest attempt in doubt was begun.", ("provider", "partition")
    ),
    "tasks": Declared("tasks", "Tasks of this worker, by what they are at.", ("state",)),
    "halted": Declared(
        "task_halted",
        "1 for a task that is halted, so that nobody works on its partition: `defects`, more than ten within a minute. "
        "Started anew, it halts again at the same records until the cause is gone.",
        ("task", "partition", "reason"),
    ),
    "ready": Declared("ready", "1 while the worker is a member of the group, recovered, and Kafka answers."),
    "rules": Declared("rules_info", "1, with the hash of the rules in force.", ("hash",)),
    "rules_taken": Declared(
        "rules_reload_successful", "1 where the last reading of the rules was taken, 0 where it was refused."
    ),
    "ledger": Declared("ledger_entries", "Words in the opt-out ledger."),
    "ledger_age": Declared(
        "ledger_confirmed_age_seconds",
        "How long ago the end of the opt-out ledger was last confirmed: above 2 no SMS goes.",
    ),
}
"""What is so at the moment."""

TASK_STATES = ("recovered", "recovering", "halted")
"""What tasks are at."""

OF_THE_PROCESS: Mapping[str, str] = {
    "process_resident_memory_bytes": "Memory that the worker holds.",
    "process_virtual_memory_bytes": "Memory that the worker could hold.",
    "process_cpu_seconds_total": "Processor time that the worker used.",
    "process_start_time_seconds": "When the worker was started, in seconds since 1970.",
    "process_open_fds": "Files and connections that the worker has open.",
    "process_max_fds": "How many it may have open.",
}
"""What ``prometheus_client`` tells of the process, where the system has ``/proc``."""


class Metrics:
    """One worker's metrics, on a registry of their own. It is the engine's ``Watcher``."""

    def __init__(self) -> None:
        prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody asks for
        self.registry = prometheus.CollectorRegistry()
        prometheus.ProcessCollector(namespace="orderbell", registry=self.registry)
        self._counters = {key: self._make(prometheus.Counter, declared) for key, declared in COUNTED.items()}
        self._histograms = {
            key: self._make(prometheus.Histogram, declared, buckets=buckets)
            for key, (declared, buckets) in OBSERVED.items()
        }
        self._gauges = {key: self._make(prometheus.Gauge, declared) for key, declared in GAUGED.items()}
        self._lasting: defaultdict[tuple[str, int], list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        """What is shown as lasting by each task: gauges, and the values of their labels."""

    def _make(self, kind: Any, declared: Declared, **more: Any) -> Any:
        return kind(f"orderbell_{declared.name}", declared.meaning, declared.labels, registry=self.registry, **more)

    def stand_at_zero(self, what: Iterable[tuple[str, ...]]) -> None:
        """Shows counters before anything is counted: names of ``COUNTED`` and their labels' values."""
        for name, *labels in what:
            self._counters[name].labels(*labels)

    def count(self, *what: str) -> None:
        """Counts one: a name of ``COUNTED`` and its labels' values."""
        self.apply(Counter({what: 1}))

    def apply(self, counts: Counter[tuple[str, ...]]) -> None:
        """Adds what was counted. ``KeyError`` for a name, ``ValueError`` for labels, that are not declared."""
        for (name, *labels), times in counts.items():
            if name in self._histograms:
                *labels, value = labels
                for _ in range(times):
                    self._histograms[name].labels(*labels).observe(float(value))
            else:
                counter = self._counters[name]
                (counter.labels(*labels) if labels else counter).inc(times * COUNTED[name].scale)

    # The engine's watcher.

    def turn(self, task: str, partition: int, records: int, turn: Turn[Any, Any], seconds: float) -> None:
        """A turn was committed."""
        self.apply(turn.counts)
        self._counters["turns"].labels(task).inc()
        self._histograms["turn_seconds"].labels(task).observe(seconds)

    def lag(self, topic: str, partition: int, records: int, seconds: float) -> None:
        """How far a source is behind."""
        self._gauges["lag_records"].labels(topic, partition).set(records)
        self._gauges["lag_seconds"].labels(topic, partition).set(seconds)

    def state(self, task: str, partition: int, entries: int, lasting: Iterable[Total]) -> None:
        """How many entries the state has, and what lasts by them."""
        self._gauges["state"].labels(task, partition).set(entries)
        self._over(task, partition)
        for gauge, labels, number, oldest in lasting:
            self._last(task, partition, gauge, labels, number)
            if f"{gauge}_oldest" in self._gauges:
                self._last(task, partition, f"{gauge}_oldest", labels, oldest)

    def size(self, task: str, partition: int, octets: int) -> None:
        """How many bytes the state has."""
        self._gauges["size"].labels(task, partition).set(octets)

    def _last(self, task: str, partition: int, gauge: str, labels: tuple[str, ...], value: float) -> None:
        of = (*labels, str(partition))
        self._gauges[gauge].labels(*of).set(value)
        self._lasting[task, partition].append((gauge, of))

    def _over(self, task: str, partition: int) -> None:
        """What lasted by the last measure is shown no longer."""
        for gauge, labels in self._lasting.pop((task, partition), ()):
            self._gauges[gauge].remove(*labels)

    def taken_over(self, task: str, partition: int, seconds: float) -> None:
        """A task's state was restored."""
        self._histograms["recovery_seconds"].labels(task).observe(seconds)

    def behind(self, task: str, partition: int, overdue: float, ahead: float, skew: float | None) -> None:
        """How long a deadline has been past, how far ahead the newest record is dated, and Kafka's clock is."""
        self._gauges["overdue"].labels(task, partition).set(overdue)
        self._gauges["ahead"].labels(task, partition).set(ahead)
        if skew is None:
            self._gauges["skew"].remove_by_labels({"task": task, "partition": str(partition)})
        else:
            self._gauges["skew"].labels(task, partition).set(skew)

    def lost(self, topic: str, partition: int) -> None:
        """Kafka had let go of records which were not read yet."""
        self.count("lost", topic)

    def failed(self, task: str, partition: int, error: str) -> None:
        """An incarnation ended by a failure."""
        self.count("incarnations_failed", task, error)

    def halted(self, task: str, partition: int, reason: str) -> None:
        """The task is given up, and shown so until it leaves."""
        self._gauges["halted"].labels(task, partition, reason).set(1)

    def rebalanced(self) -> None:
        """The group was dealt out anew."""
        self.count("rebalances")

    def left(self, task: str, partition: int, sources: Iterable[str]) -> None:
        """The task has gone elsewhere: what this worker knew of it is no longer so."""
        for topic in sources:
            self._gauges["lag_records"].remove_by_labels({"topic": topic, "partition": str(partition)})
            self._gauges["lag_seconds"].remove_by_labels({"topic": topic, "partition": str(partition)})
        for gauge in ("overdue", "ahead", "skew", "state", "size", "halted"):
            self._gauges[gauge].remove_by_labels({"task": task, "partition": str(partition)})
        self._over(task, partition)

    # What the worker knows.

    def rules_in_force(self, rules_hash: str) -> None:
        """The rules were loaded."""
        self._gauges["rules"].clear()
        self._gauges["rules"].labels(rules_hash).set(1)
        self._gauges["rules_taken"].set(1)

    def rules_refused(self) -> None:
        """A rules file was bad, and changed nothing."""
        self._gauges["rules_taken"].set(0)

    def ledger(self, entries: Callable[[], int], age: Callable[[], float]) -> None:
        """Whom to ask how many words the opt-out ledger has, and how old the last confirmation of its end is."""
        self._gauges["ledger"].set_function(lambda: float(entries()))
        self._gauges["ledger_age"].set_function(age)

    def worker(self, ready: Callable[[], bool], tasks: Callable[[str], int]) -> None:
        """Whom to ask whether the worker is ready, and how many of its tasks are in a state."""
        self._gauges["ready"].set_function(lambda: float(ready()))
        for state in TASK_STATES:
            self._gauges["tasks"].labels(state).set_function(partial(tasks, state))

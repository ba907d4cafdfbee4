"""The metrics, and that nothing is counted which is not declared."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import generate_latest

import agents
import streams
from streams.engine.lasting import Total
from streams.engine.table import Overlay
from streams.engine.turn import Turn
from streams.metrics import COUNTED, GAUGED, OBSERVED, OF_THE_PROCESS, Metrics
from streams.zeroes import ENDS, zeroes

ROOT = Path(__file__).parents[2]


def _shown(metrics: Metrics) -> str:
    return generate_latest(metrics.registry).decode()


def test_what_was_counted_is_shown() -> None:
    metrics = Metrics()
    metrics.apply(Counter({("skipped", "orders", "unknown_type"): 3, ("decisions", "sent", "accepted"): 1}))
    metrics.count("skipped", "orders", "unknown_type")
    shown = _shown(metrics)
    assert 'orderbell_events_skipped_total{reason="unknown_type",topic="orders"} 4.0' in shown
    assert 'orderbell_decisions_total{outcome="sent",reason="accepted"} 1.0' in shown


def test_a_distribution_is_counted_with_its_value_last() -> None:
    metrics = Metrics()
    metrics.apply(Counter({("time_to_provider", "payment_failed", "4.2"): 2}))
    shown = _shown(metrics)
    assert 'orderbell_time_to_provider_seconds_sum{kind="payment_failed"} 8.4' in shown
    assert 'orderbell_time_to_provider_seconds_bucket{kind="payment_failed",le="2.5"} 0.0' in shown
    assert 'orderbell_time_to_provider_seconds_bucket{kind="payment_failed",le="5.0"} 2.0' in shown


def test_what_is_not_declared_is_an_error() -> None:
    with pytest.raises(KeyError):
        Metrics().count("nonsense")
    with pytest.raises(ValueError, match="label"):
        Metrics().count("events", "orders")


def test_it_watches_the_engine() -> None:
    metrics = Metrics()
    turn: Turn[object, None] = Turn(Overlay({}), {}, None, now=0, wall=0)
    turn.count("events", "orders", "order.paid")
    metrics.turn("orders", 1, 1, turn, 0.004)
    metrics.failed("orders", 1, "ProducerFenced")
    metrics.lost("orders", 1)
    metrics.lag("orders", 1, 12, 3.5)
    metrics.state("orders", 1, 99, [])
    metrics.size("orders", 1, 12_345)
    shown = _shown(metrics)
    assert 'orderbell_events_total{topic="orders",type="order.paid"} 1.0' in shown
    assert 'orderbell_turns_total{task="orders"} 1.0' in shown
    assert 'orderbell_turn_seconds_count{task="orders"} 1.0' in shown
    assert 'orderbell_incarnations_failed_total{error="ProducerFenced",task="orders"} 1.0' in shown
    assert 'orderbell_records_lost_total{topic="orders"} 1.0' in shown
    assert 'orderbell_lag_records{partition="1",topic="orders"} 12.0' in shown
    assert 'orderbell_lag_seconds{partition="1",topic="orders"} 3.5' in shown
    assert 'orderbell_state_entries{partition="1",task="orders"} 99.0' in shown
    assert 'orderbell_state_bytes{partition="1",task="orders"} 12345.0' in shown


def test_of_a_task_that_left_nothing_stays_behind() -> None:
    metrics = Metrics()
    for partition in (1, 2):
        metrics.lag("orders", partition, 12, 3.5)
        metrics.state("orders", partition, 99, [])
        metrics.size("orders", partition, 12_345)
    metrics.left("orders", 1, ["orders"])
    shown = _shown(metrics)
    assert 'partition="1"' not in shown
    assert shown.count('partition="2"') == 4
    metrics.left("orders", 7, ["orders"])


def test_what_lasts_is_shown_until_it_is_over_or_the_task_leaves() -> None:
    metrics = Metrics()
    open_, doubts = Total("breakers_open", ("aliyun",), 1, 0), Total("doubts_open", ("aliyun",), 3, 42.5)
    metrics.state("sender", 1, 9, [open_, doubts, Total("storms_holding", ("carrier:sf",), 1, 0)])
    metrics.state("sender", 2, 9, [open_])
    metrics.state("orders", 1, 9, [])
    shown = _shown(metrics)
    assert 'orderbell_breakers_open{partition="1",provider="aliyun"} 1.0' in shown
    assert 'orderbell_breakers_open{partition="2",provider="aliyun"} 1.0' in shown
    assert 'orderbell_doubts_open{partition="1",provider="aliyun"} 3.0' in shown
    assert 'orderbell_doubts_open_oldest_seconds{partition="1",provider="aliyun"} 42.5' in shown
    assert 'orderbell_storms_holding{partition="1",storm="carrier:sf"} 1.0' in shown
    metrics.state("sender", 1, 9, [Total("breakers_open", ("aliyun",), 0, 0)])
    shown = _shown(metrics)
    assert 'orderbell_breakers_open{partition="1",provider="aliyun"} 0.0' in shown
    assert 'orderbell_breakers_open{partition="2",provider="aliyun"} 1.0' in shown
    assert "orderbell_doubts_open{" not in shown
    assert "orderbell_storms_holding{" not in shown
    metrics.left("orders", 1, ["orders"])
    assert "orderbell_breakers_open{" in _shown(metrics)
    metrics.left("sender", 1, [])
    metrics.left("sender", 2, [])
    assert "orderbell_breakers_open{" not in _shown(metrics)


def test_a_halted_task_is_shown_with_its_reason_until_it_leaves() -> None:
    metrics = Metrics()
    metrics.halted("orders", 1, "defects")
    metrics.left("sender", 1, [])
    assert 'orderbell_task_halted{partition="1",reason="defects",task="orders"} 1.0' in _shown(metrics)
    metrics.left("orders", 1, ["orders"])
    assert "orderbell_task_halted{" not in _shown(metrics)


def test_only_the_rules_in_force_are_shown() -> None:
    metrics = Metrics()
    metrics.rules_in_force("aaaa")
    metrics.rules_in_force("bbbb")
    assert [line for line in _shown(metrics).splitlines() if line.startswith("orderbell_rules_info")] == [
        'orderbell_rules_info{hash="bbbb"} 1.0'
    ]


def test_a_bad_rules_file_shows_until_a_good_one_is_read() -> None:
    metrics = Metrics()
    metrics.rules_in_force("aaaa")
    assert "orderbell_rules_reload_successful 1.0" in _shown(metrics)
    metrics.rules_refused()
    assert "orderbell_rules_reload_successful 0.0" in _shown(metrics)
    assert 'orderbell_rules_info{hash="aaaa"} 1.0' in _shown(metrics)
    metrics.rules_in_force("bbbb")
    assert "orderbell_rules_reload_successful 1.0" in _shown(metrics)


def test_of_counters_whose_labels_are_known_the_first_rise_is_seen() -> None:
    metrics = Metrics()
    metrics.stand_at_zero(zeroes(("aliyun", "smtp")))
    shown = _shown(metrics)
    assert 'orderbell_notices_in_time_total{in_time="no",kind="payment_failed"} 0.0' in shown
    assert 'orderbell_calls_total{provider="smtp",result="balance"} 0.0' in shown
    assert 'orderbell_roads_avoided_total{carrier="unicom",provider="aliyun"} 0.0' in shown
    assert 'orderbell_receipts_total{provider="inbox",status="delivered"} 0.0' in shown
    assert 'orderbell_records_lost_total{topic="notification-commands"} 0.0' in shown
    assert "tencent" not in shown


def test_it_stands_at_zero_how_an_exception_can_end_and_no_other_way() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", (ROOT / "docs" / "reasons.md").read_text(), re.MULTILINE)
    written = {(outcome, reason) for reason, outcome in rows if reason != "superseded"}
    assert {(outcome, reason) for outcome, reasons in ENDS.items() for reason in reasons} == written | {
        ("merged", "accepted")
    }


def test_the_ledger_is_asked_for_its_size() -> None:
    metrics = Metrics()
    size = [3]
    metrics.ledger(lambda: size[0], lambda: 1.5)
    size[0] = 4
    assert "orderbell_ledger_entries 4.0" in _shown(metrics)
    assert "orderbell_ledger_confirmed_age_seconds 1.5" in _shown(metrics)


def test_money_is_counted_in_yuan() -> None:
    metrics = Metrics()
    metrics.apply(Counter({("cost", "aliyun"): 450, ("segments", "aliyun"): 1}))
    assert 'orderbell_cost_yuan_total{provider="aliyun"} 0.045' in _shown(metrics)


def test_a_worker_says_what_its_tasks_are_at() -> None:
    metrics = Metrics()
    states = {"recovered": 23, "recovering": 0, "halted": 0}
    metrics.worker(lambda: states["recovering"] == 0, lambda state: states[state])
    assert "orderbell_ready 1.0" in _shown(metrics)
    states["recovering"] = 1
    metrics.behind("orders", 1, 12.5, 0.25, -3.5)
    metrics.taken_over("orders", 1, 0.3)
    shown = _shown(metrics)
    assert 'orderbell_tasks{state="recovering"} 1.0' in shown
    assert "orderbell_ready 0.0" in shown
    assert 'orderbell_deadlines_overdue_seconds{partition="1",task="orders"} 12.5' in shown
    assert 'orderbell_clock_ahead_seconds{partition="1",task="orders"} 0.25' in shown
    assert 'orderbell_clock_skew_seconds{partition="1",task="orders"} -3.5' in shown
    assert 'orderbell_recovery_seconds_count{task="orders"} 1.0' in shown
    metrics.behind("orders", 1, 0, 0, None)
    assert "orderbell_clock_skew_seconds{" not in _shown(metrics), "it was long ago"
    metrics.behind("orders", 1, 0, 0, 1)
    metrics.left("orders", 1, ())
    assert 'partition="1"' not in _shown(metrics)


def test_two_workers_in_one_process_do_not_share_metrics() -> None:
    one, other = Metrics(), Metrics()
    one.count("defects", "orders")
    assert "orderbell_defects_total{" not in _shown(other)


def test_no_name_or_meaning_is_declared_twice_and_none_is_missing() -> None:
    declared = [*COUNTED.values(), *(d for d, _ in OBSERVED.values())]
    assert len({d.name for d in declared}) == len({d.meaning for d in declared}) == len(declared)
    names = {line.split()[2] for line in _shown(Metrics()).splitlines() if line.startswith("# HELP")}
    counted = {f"orderbell_{d.name}_total" for d in COUNTED.values()}
    others = {d.name for d in (*GAUGED.values(), *(d for d, _ in OBSERVED.values()))} | set(OF_THE_PROCESS)
    assert names == counted | {f"orderbell_{name}" for name in others}


def _counted() -> Iterator[tuple[str, str, int | None]]:
    """Every ``turn.count("name", ..)`` and ``metrics.count(..)`` of the code: where, the name, how many labels
    (``None``: that is not to be seen)."""
    for package in (streams, agents):
        assert package.__file__ is not None
        for path in Path(package.__file__).parent.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Call(
                        func=ast.Attribute(
                            attr="count",
                            value=ast.Name(id="turn") | ast.Attribute(attr="turn" | "metrics") | ast.Name(id="self"),
                        ),
                        args=[ast.Constant(value=str(name)), *labels],
                    ):
                        starred = any(isinstance(label, ast.Starred) for label in labels)
                        yield f"{path.name}:{node.lineno}", name, None if starred else len(labels)


def test_all_that_the_code_counts_is_declared() -> None:
    found = list(_counted())
    assert len(found) > 10
    for where, name, labels in found:
        declared = OBSERVED[name][0] if name in OBSERVED else COUNTED.get(name)
        assert declared is not None, f"{where}: {name}"
        expected = len(declared.labels) + (name in OBSERVED)
        assert labels in (None, expected), f"{where}: {name}"


def test_all_that_is_declared_is_counted() -> None:
    """But for what the watcher counts itself, and what is counted under a name that is not written out."""
    assert set(COUNTED) - {name for _, name, _ in _counted()} <= {"turns"}

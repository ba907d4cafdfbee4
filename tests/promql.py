"""Reads queries: what they ask for, and what is wrong with them before any Prometheus is asked."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple, get_args

import promql_parser
from promql_parser import (
    AggModifierType,
    AggregateExpr,
    BinaryExpr,
    Call,
    Expr,
    MatchOp,
    MatrixSelector,
    ParenExpr,
    SubqueryExpr,
    UnaryExpr,
    VectorSelector,
)

from schemas.rules import Provider
from schemas.words import NoticeKind
from streams.metrics import COUNTED, TASK_STATES
from streams.topics import SOURCES
from streams.zeroes import zeroes
from tests.exposed import EXPOSED, Exposed

OF_THE_SCRAPE = frozenset({"job", "instance"})
_OTHERS: Mapping[str, Exposed] = {
    "up": Exposed("gauge", frozenset()),
    "ALERTS": Exposed("gauge", frozenset({"alertname", "alertstate", "severity", "provider", "topic"})),
}
_WORD = re.compile(r"[\w-]+").fullmatch
_RATES = frozenset({"rate", "increase", "irate", "resets"})
_CONDITIONS = frozenset({"and", "or", "unless", "==", "!=", ">", "<", ">=", "<="})
_SPANS = frozenset({"delta", "deriv"})


class Found(NamedTuple):
    """A series that a query selects, and what is done to it right there."""

    name: str
    matched: Mapping[str, tuple[str, ...]]
    """By label the values that are named, alternatives apart; none where it is a pattern."""
    call: str | None
    """The function around it; ``appears`` where only what was not there before is taken."""


def selected(expr: Expr, call: str | None = None) -> Iterator[Found]:
    """What a query selects."""
    match expr:
        case VectorSelector():
            yield Found(expr.name or "", _matched(expr), call)
        case MatrixSelector():
            yield from selected(expr.vector_selector, call)
        case Call():
            for argument in expr.args:
                yield from selected(argument, expr.func.name)
        case AggregateExpr():
            yield from selected(expr.expr)
        case BinaryExpr(lhs=VectorSelector() as new, rhs=VectorSelector() as former) if former.offset is not None:
            yield from selected(new, "appears")
            yield from selected(former, "appears")
        case BinaryExpr():
            yield from selected(expr.lhs)
            yield from selected(expr.rhs)
        case ParenExpr() | UnaryExpr():
            yield from selected(expr.expr, call)
        case SubqueryExpr():
            yield from selected(expr.expr)


def flaws(query: str, recorded: Mapping[str, frozenset[str]]) -> list[str]:
    """What is wrong: it can't be parsed; a series, label or value that is not; a counter or a gauge treated as the
    other. ``recorded``: the series that rules record, with their labels."""
    try:
        expr = promql_parser.parse(query)
    except ValueError as error:
        return [f"can't be parsed: {error}"]
    known = {**EXPOSED, **_OTHERS, **{name: Exposed("gauge", labels) for name, labels in recorded.items()}}
    found = list(selected(expr))
    names = {one.name for one in found}
    wrong = [f"{name}: no such series" for name in sorted(names - known.keys())]
    if wrong:
        return wrong
    labels = frozenset().union(*(known[name].labels for name in names)) | OF_THE_SCRAPE
    wrong += [f"{label}: no such label" for label in sorted(_grouped(expr) - labels)]
    return wrong + [flaw for one in found for flaw in _flaws_of(one, known[one.name])]


def _flaws_of(one: Found, series: Exposed) -> Iterator[str]:
    for label, values in one.matched.items():
        if label not in series.labels | OF_THE_SCRAPE:
            yield f"{one.name}: no label {label}"
        allowed = _values().get((one.name, label))
        if allowed is not None:
            yield from (f"{one.name}: {label} is never {value}" for value in values if value not in allowed)
    if series.kind == "gauge" and one.call in _RATES:
        yield f"{one.name} is a gauge: {one.call} is of counters"
    if series.kind == "counter" and one.call in _SPANS:
        yield f"{one.name} is a counter: {one.call} is of gauges"


def unrated(query: str) -> list[str]:
    """The counters that are taken as they stand: a restart of a worker looks like a fall, and a sum falls with it."""
    found = selected(promql_parser.parse(query))
    kinds = {name: series.kind for name, series in EXPOSED.items()}
    rated = _RATES | {"appears"}
    return [one.name for one in found if kinds.get(one.name) == "counter" and one.call not in rated]


def operands(expr: Expr) -> Iterator[Expr]:
    """The parts of a condition that must bring data for it to be able to speak: the sides of its comparisons and of
    ``and``, ``or``, ``unless``, as far as they select anything."""
    match expr:
        case ParenExpr():
            yield from operands(expr.expr)
        case BinaryExpr() if str(expr.op) in _CONDITIONS:
            for side in (expr.lhs, expr.rhs):
                if any(True for _ in selected(side)):
                    yield from operands(side)
        case AggregateExpr() if len(inner := list(operands(expr.expr))) > 1 or inner[0] is not expr.expr:
            yield from inner
        case Call() if expr.func.name == "absent":
            yield from expr.args
        case _:
            yield expr


def _matched(selector: VectorSelector) -> dict[str, tuple[str, ...]]:
    named = {}
    for matcher in selector.matchers.matchers:
        plain = matcher.op in (MatchOp.Equal, MatchOp.NotEqual)
        values = (matcher.value,) if plain else tuple(matcher.value.split("|"))
        named[matcher.name] = tuple(
            value for value in values if value and value.replace("_", "").replace("-", "").isalnum()
        )
    return named


def _grouped(expr: Expr) -> frozenset[str]:
    labels: set[str] = set()

    def note(node: Expr) -> None:
        if isinstance(node, AggregateExpr) and node.modifier is not None and node.modifier.type == AggModifierType.By:
            labels.update(node.modifier.labels)
        if isinstance(node, BinaryExpr) and node.modifier is not None and node.modifier.matching is not None:
            labels.update(node.modifier.matching.labels)

    promql_parser.walk(expr, note)
    return frozenset(labels)


@cache
def _values() -> Mapping[tuple[str, str], frozenset[str]]:
    """The values that labels can have, by series and label, where they are known."""
    values: dict[tuple[str, str], set[str]] = {}
    for key, *of_labels in zeroes(get_args(Provider)):
        declared = COUNTED[key]
        for label, value in zip(declared.labels, of_labels, strict=True):
            values.setdefault((f"orderbell_{declared.name}_total", label), set()).add(value)
    by_label = {
        "topic": {topic for topics in SOURCES.values() for topic in topics},
        "task": set(SOURCES),
        "provider": set(get_args(Provider)),
        "kind": set(get_args(NoticeKind)),
        "state": set(TASK_STATES),
    }
    for name, series in EXPOSED.items():
        for label in series.labels & by_label.keys():
            values[name, label] = values.get((name, label), set()) | by_label[label]
    return {key: frozenset(of_key) for key, of_key in values.items()}

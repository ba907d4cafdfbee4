"""Writes ``docs/metrics.md`` of what is declared: ``python -m orderbell.metrics_page > docs/metrics.md``."""

from collections.abc import Iterator, Mapping

from streams.metrics import COUNTED, GAUGED, OBSERVED, OF_THE_PROCESS, Declared

_HEAD = """# Metrics

`GET /metrics` has these, for Prometheus. All times are in seconds, money in CNY. A worker that dies has not counted
what it committed in the last moment; what a turn counts is counted when the turn is committed, so once. Counters
whose labels can only have so many values (`streams/zeroes.py`) stand at 0 from the start; any other with labels appears
with its first value.

This page is generated (`python -m orderbell.metrics_page`) from `streams/metrics.py`.
"""


def page() -> str:
    """The page, in Markdown."""
    observed = {key: declared for key, (declared, _) in OBSERVED.items()}
    return "\n".join(
        [
            _HEAD,
            *_table("Counted", COUNTED, "_total"),
            *_table("Distributions", observed, ""),
            *_table("So at the moment", GAUGED, ""),
            *_table("The process", {name: Declared(name, told) for name, told in OF_THE_PROCESS.items()}, ""),
        ]
    )


def _table(title: str, metrics: Mapping[str, Declared], ending: str) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| metric | labels | meaning |"
    yield "|---|---|---|"
    for declared in sorted(metrics.values()):
        labels = ", ".join(f"`{label}`" for label in declared.labels)
        yield f"| `orderbell_{declared.name}{ending}` | {labels} | {declared.meaning} |"
    yield ""


if __name__ == "__main__":
    print(page(), end="")

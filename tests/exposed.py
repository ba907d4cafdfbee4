"""What a worker shows to Prometheus, by the names that queries use."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from streams.metrics import COUNTED, GAUGED, OBSERVED, OF_THE_PROCESS


class Exposed(NamedTuple):
    """A series' kind, and its labels beside those that the scraping adds."""

    kind: Literal["counter", "gauge"]
    labels: frozenset[str]


def _exposed() -> dict[str, Exposed]:
    found = {f"orderbell_{d.name}_total": Exposed("counter", frozenset(d.labels)) for d in COUNTED.values()}
    found |= {f"orderbell_{d.name}": Exposed("gauge", frozenset(d.labels)) for d in GAUGED.values()}
    for declared, _ in OBSERVED.values():
        for ending, more in (("_bucket", {"le"}), ("_count", set()), ("_sum", set())):
            found[f"orderbell_{declared.name}{ending}"] = Exposed("counter", frozenset(declared.labels) | more)
    for name in OF_THE_PROCESS:
        found[f"orderbell_{name}"] = Exposed("counter" if name.endswith("_total") else "gauge", frozenset())
    return found


EXPOSED: Mapping[str, Exposed] = _exposed()

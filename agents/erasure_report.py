"""Whether a customer is erased, and until when what still names it is there.

A record stays for as long as its topic's configuration says (``streams.policy.keeping``). Of a compacted topic's newest
records some name a customer who is erased, and rightly so, since something is still to be decided about it: what a
provider was asked, an order or a parcel that is not over. They have an end of their own.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from agents.erasure_traces import Trace, Traces, What
from schemas.times import HOUR, MINUTE, Micros, instant
from streams import topics
from streams.operators import watch
from streams.operators.order import REMEMBERED as ORDER_REMEMBERED
from streams.operators.order import Order
from streams.operators.report_join import Joining
from streams.operators.sending.outbox import REMEMBERED, Outbox
from streams.operators.watch import Shipment
from streams.policy.keeping import Keeping

SEEN_THROUGH: Micros = 30 * MINUTE
"""Within how long all has ended that a provider was asked before the erasure, and the erasure is taken in."""

SLACK: Micros = HOUR
"""How long after its time a state may be there, say while its worker is down."""
_LONG_AGO: Micros = 0
"""When a customer was erased whose erasure is remembered, and not when."""

Verdict = Literal["erased", "not_erased", "unknown"]


class Group(msgspec.Struct, kw_only=True):
    """The traces of one kind in one topic. ``until``: when the last is gone, ``None`` where that has no end;
    ``overdue``: how many of an erased customer's should be gone by now."""

    topic: str
    what: What
    count: int
    oldest: datetime
    newest: datetime
    until: datetime | None
    overdue: int
    why: str


class Report(msgspec.Struct, kw_only=True):
    """What was found. ``remembered_until``: how long the sender knows, without a name, that somebody was erased."""

    customer_id: str
    verdict: Verdict
    erased_at: datetime | None
    looked_at: datetime
    records: int
    traces: list[Group]
    clean: list[str]
    missing: list[str]
    remembered_until: datetime | None

    @property
    def holds(self) -> bool:
        """Whether the customer is erased, and nothing remains past its time."""
        return self.verdict == "erased" and not any(group.overdue for group in self.traces)


class _Stay(NamedTuple):
    """Until when a trace is there; ``due``: from when on something is wrong if it is there as it is."""

    until: Micros | None
    due: Micros | None
    why: str


def report(customer_id: str, traces: Traces, keeping: Mapping[str, Keeping], now: Micros) -> Report:
    """Judges what was found. ``keeping``: how the topics that were read are kept."""
    verdict, erased_at = _verdict(traces)
    erasure = _LONG_AGO if verdict == "erased" and erased_at is None else erased_at
    groups = dict[tuple[str, What], list[tuple[Trace, _Stay]]]()
    for trace in traces.found:
        stay = _stay(trace, keeping[trace.topic], erasure)
        groups.setdefault((trace.topic, trace.what), []).append((trace, stay))
    declared = [topic.name for topic in topics.TOPICS]
    ordered = sorted(groups.items(), key=lambda group: (declared.index(group[0][0]), group[0][1]))
    named = {topic for topic, _ in groups}
    left = traces.left
    return Report(
        customer_id=customer_id,
        verdict=verdict,
        erased_at=None if erased_at is None else instant(erased_at),
        looked_at=instant(now),
        records=sum(traces.read.values()),
        traces=[_group(*of, found, erasure, now) for of, found in ordered],
        clean=[name for name in declared if name in keeping and name not in named],
        missing=[name for name in declared if name not in keeping],
        remembered_until=None if left is None else instant(_end(left)),
    )


def _verdict(traces: Traces) -> tuple[Verdict, Micros | None]:
    """By what upstream published last; where that is gone, by what became of it here."""
    last = traces.said_last() or traces.profile()
    if last is not None:
        return ("erased", last.at) if last.null else ("not_erased", None)
    if traces.left is not None:
        until = traces.left.erased_until
        return "erased", until - REMEMBERED if until else None
    return ("not_erased" if traces.found else "unknown"), None


def _group(
    topic: str, what: What, found: Sequence[tuple[Trace, _Stay]], erased_at: Micros | None, now: Micros
) -> Group:
    times = [trace.at for trace, _ in found]
    ends = [stay.until for _, stay in found]
    known = [end for end in ends if end is not None]
    return Group(
        topic=topic,
        what=what,
        count=len(found),
        oldest=instant(min(times)),
        newest=instant(max(times)),
        until=instant(max(known)) if len(known) == len(ends) else None,
        overdue=0 if erased_at is None else sum(stay.due is None or stay.due < now for _, stay in found),
        why="; ".join(dict.fromkeys(stay.why for _, stay in found)),
    )


def _stay(trace: Trace, keeping: Keeping, erased_at: Micros | None) -> _Stay:
    match trace.what:
        case "record":
            until, why = keeping.unreplaced(trace.at), "retention"
        case "replaced":
            until, why = keeping.replaced(trace.replaced_at or trace.at), "replaced, until compaction"
        case "null":
            until, why = keeping.null(trace.at), "the null itself, until all have read it"
        case "newest" if trace.topic == topics.PROVIDER_MESSAGES.name:
            until, why = keeping.unreplaced(trace.at), "whose message a vendor reports"
        case "newest" if erased_at is None:
            return _Stay(None, None, "in force")
        case "newest":
            ends_at, why = _ends(trace, erased_at)
            return _Stay(None if ends_at is None else keeping.replaced(ends_at), ends_at, why)
    return _Stay(until, until, why)


def _ends(trace: Trace, erased_at: Micros) -> tuple[Micros | None, str]:
    """When a record is replaced that is the newest of its key, and why it is there until then."""
    match trace.state:
        case Outbox(erased=True):
            return erased_at + SEEN_THROUGH, "a provider was asked before the erasure"
        case Outbox() if erased_at + REMEMBERED <= trace.at:
            return _end(trace.state) + SLACK, "found for it when the erasure was no longer remembered"
        case Order():
            return trace.state.news_at + ORDER_REMEMBERED + SLACK, "an order names its consignor"
        case Shipment():
            return watch.forgotten_at(trace.state, 0) + SLACK, "a parcel that is watched names its customer"
        case Joining():
            return trace.state.until + SLACK, "whose message a vendor reports"
    return None, "not erased here"


def _end(box: Outbox) -> Micros:
    """When the last is forgotten of an outbox in which nothing is open."""
    parts = (box.settles, box.closed, box.decided, box.told, box.done, box.named)
    return max([box.erased_until, *(one.until for part in parts for one in part)])

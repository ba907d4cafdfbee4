"""The counters that stand at zero from the start: those whose labels can only have so many values.

Prometheus sees a rise only between two values. A counter that appears with its first value hides that rise, so of what
must never happen the first time would go unseen.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import get_args

from schemas.calls import ErrorClass
from schemas.outputs import CouponTold, Outcome, Reason, Status
from schemas.rules import CARRIERS, SmsProvider
from schemas.words import KINDS, NoticeKind
from streams.errors import DeadLetterReason
from streams.topics import SOURCES

ENDS: Mapping[Outcome, tuple[Reason, ...]] = {
    Outcome.SENT: (Reason.ACCEPTED,),
    Outcome.MERGED: (Reason.ACCEPTED,),
    Outcome.DUPLICATE: (Reason.REPEATED,),
    Outcome.SETTLED: (Reason.RESOLVED, Reason.ORDER_CLOSED),
    Outcome.SUPPRESSED: (
        Reason.OPTED_OUT,
        Reason.MUTED,
        Reason.NOT_TOLD,
        Reason.CAPPED,
        Reason.OVER_BUDGET,
        Reason.SWITCHED_OFF,
        Reason.STORM,
        Reason.DRY_RUN,
        Reason.ERASED,
    ),
    Outcome.FAILED: (
        Reason.NO_CONTACT,
        Reason.BAD_NUMBER,
        Reason.NO_PROVIDER,
        Reason.TEMPLATE_REFUSED,
        Reason.CONTENT_REFUSED,
        Reason.PROVIDER_REFUSED,
        Reason.IN_DOUBT,
        Reason.OVERFLOW,
    ),
    Outcome.EXPIRED: (Reason.OVERTAKEN,),
}
"""With which reasons an exception may end how."""


def zeroes(providers: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Names of ``streams.metrics.COUNTED`` with values of their labels. ``providers``: those that are set up."""
    sms = tuple(provider for provider in providers if provider in get_args(SmsProvider))
    yield from (("decisions", outcome, reason) for outcome, reasons in ENDS.items() for reason in reasons)
    for name, *values in (
        ("exceptions", KINDS),
        ("in_time", get_args(NoticeKind), ("yes", "no")),
        ("dead_letters", {topic for topics in SOURCES.values() for topic in topics}, get_args(DeadLetterReason)),
        ("lost", {topic for topics in SOURCES.values() for topic in topics}),
        ("defects", SOURCES),
        ("calls", providers, ("accepted", "in_doubt", "not_begun", *ErrorClass)),
        ("breakers", providers, ("opened", "closed")),
        ("doubts", providers, ("begun", "taken", "not_taken", "given_up")),
        ("repeats_in_doubt", providers),
        ("receipts", (*providers, "inbox"), get_args(Status)),
        ("segments", providers),
        ("cost", providers),
        ("roads_avoided", sms, CARRIERS),
        ("opt_outs", sms, ("reply", "receipt", "call")),
        ("storm_held", ("carrier", "kind", "customer")),
        ("service_tasks", ("vip", "high_value")),
        ("coupons_granted", KINDS),
        ("coupons_told", CouponTold),
    ):
        yield from ((name, *labels) for labels in product(*values))

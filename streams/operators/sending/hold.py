"""How long a notice waits before it is looked at, and when it is too late for it."""

from typing import NamedTuple

from schemas.outputs import Outcome, Reason
from schemas.times import SECOND, Micros
from streams.operators.sending.outbox import Notice
from streams.policy.rules import KindRules, Rules
from streams.policy.verdict import Verdict

EXPIRED = Verdict(Outcome.EXPIRED, Reason.OVERTAKEN)
SWITCHED_OFF = Verdict(Outcome.SUPPRESSED, Reason.SWITCHED_OFF)

MARGIN: Micros = 20 * SECOND
"""How long before ``notify_by`` a notice leaves the hold at the latest, to leave time for the sending itself."""


class Later(NamedTuple):
    """It may not go before ``at``."""

    at: Micros


def rules_of(notice: Notice, rules: Rules) -> KindRules:
    """The rules of the notice's kind, of which commands of other kinds are never let in."""
    return rules.kinds[notice.kind]  # type: ignore[index]


def look_at(notice: Notice, rules: Rules) -> Micros:
    """When a notice that has no notifications yet is next looked at."""
    return min(over_at(notice, rules), max(ready_at(notice, rules), _not_before(notice, rules)))


def may_ride(notice: Notice, rules: Rules, now: Micros) -> bool:
    """Whether a notice that is held may go in another's message, and so before its hold is over."""
    if opening(notice, rules, now) > now or _not_before(notice, rules) > now:
        return False
    return now >= notice.detected_at + rules_of(notice, rules).patience


def expires_at(notice: Notice, rules: Rules) -> Micros:
    """When a notice that has not been taken goes no more: a stall's age counts from its detection."""
    begins = notice.detected_at if notice.kind == "shipment_stalled" else notice.occurred_at
    return begins + rules_of(notice, rules).expire_after


def switched_off(notice: Notice, rules: Rules) -> bool:
    """Whether an operator has stopped the notice's kind or merchant."""
    off = rules.file.switched_off
    return notice.kind in off.kinds or notice.merchant_id in off.merchants


def over_at(notice: Notice, rules: Rules) -> Micros:
    """From when on what of a notice has not been taken goes no more. A switch works at once, whatever it waits for."""
    return notice.arrived_at if switched_off(notice, rules) else expires_at(notice, rules)


def over(notice: Notice, rules: Rules, now: Micros) -> Verdict | None:
    """How what of a notice has not been taken ends now, where its time is over."""
    if switched_off(notice, rules):
        return SWITCHED_OFF
    return EXPIRED if expires_at(notice, rules) <= now else None


def opening(notice: Notice, rules: Rules, at: Micros) -> Micros:
    """The first moment from ``at`` on at which the window of the notice's kind is open."""
    return rules_of(notice, rules).window.next_allowed(at, rules.time_zone)


def _not_before(notice: Notice, rules: Rules) -> Micros:
    """What a storm holds is looked at as soon as an operator has said what is to become of it."""
    said = notice.storm is not None and (not rules.file.storm_guard or notice.storm in rules.file.storm.answers)
    return 0 if said else notice.not_before


def ready_at(notice: Notice, rules: Rules) -> Micros:
    """When a notice's hold is over. It counts from the detection: while it was on its way to us it was held as well."""
    held_until = min(notice.detected_at + rules_of(notice, rules).merge_hold, notice.notify_by - MARGIN)
    return opening(notice, rules, max(notice.arrived_at, held_until))

"""What follows from a provider's no: another try and when, or the end."""

from hashlib import blake2b
from typing import NamedTuple

from schemas.calls import ErrorClass
from schemas.outputs import Outcome, Reason
from schemas.times import MINUTE, SECOND, Micros
from streams.policy.verdict import Verdict


class Retry(NamedTuple):
    """Another attempt may begin from ``at`` on."""

    at: Micros


_SOON: Micros = MINUTE
"""The longest pause while the notice can still be in time."""
_LATE: Micros = 10 * MINUTE
"""The longest pause after that."""

_FIRST_PAUSE: dict[ErrorClass, Micros] = {
    ErrorClass.RETRY_LATER: SECOND,
    ErrorClass.RATE_LIMITED: SECOND,
    ErrorClass.UNREACHABLE: SECOND,
    ErrorClass.NUMBER_UNAVAILABLE: MINUTE,
    ErrorClass.BALANCE: MINUTE,
    ErrorClass.CONFIGURATION: MINUTE,
    ErrorClass.DAY_LIMIT: _LATE,
    ErrorClass.NOT_NOW: _LATE,
}
"""What mends itself, or an operator mends, and how soon that may be."""

_ENDS: dict[ErrorClass, Verdict] = {
    ErrorClass.OPTED_OUT: Verdict(Outcome.SUPPRESSED, Reason.OPTED_OUT),
    ErrorClass.BAD_NUMBER: Verdict(Outcome.FAILED, Reason.BAD_NUMBER),
    ErrorClass.TEMPLATE: Verdict(Outcome.FAILED, Reason.TEMPLATE_REFUSED),
    ErrorClass.CONTENT: Verdict(Outcome.FAILED, Reason.CONTENT_REFUSED),
    ErrorClass.DRY_RUN: Verdict(Outcome.SUPPRESSED, Reason.DRY_RUN),
}

_EVERYWHERE = frozenset({ErrorClass.OPTED_OUT, ErrorClass.BAD_NUMBER, ErrorClass.DRY_RUN})
"""What is so at any provider: of the number, or of all messages."""

_ADVERTISEMENT = frozenset(
    {ErrorClass.TEMPLATE, ErrorClass.CONTENT, ErrorClass.NOT_NOW, ErrorClass.DAY_LIMIT, ErrorClass.UNKNOWN}
)
"""What may be so of a text that advertises and not of a notice: vendors review, count and hold back the two apart."""

REFUSED = Verdict(Outcome.FAILED, Reason.PROVIDER_REFUSED)


def at_provider(
    refusal: ErrorClass, notification_id: str, times: int, now: Micros, notify_by: Micros
) -> Retry | Verdict:
    """What follows at the same provider from its refusal of class ``refusal``, the ``times``-th of a notification.

    The pauses double from the class's first: up to a minute until ``notify_by``, up to ten minutes after it. Up to a
    fifth is added, by the notification, so that those refused together do not come back together.
    """
    first = _FIRST_PAUSE.get(refusal)
    if first is None:
        return _ENDS.get(refusal, REFUSED)
    longest = max(first, _SOON if now < notify_by else _LATE)
    pause = min(first << min(times - 1, 20), longest)
    return Retry(now + pause + pause * _per_mille(notification_id, times) // 5_000)


def when_lost(times: int) -> Micros:
    """The pause before a provider is asked again that, as it says itself, lost a message, so many times.

    The first is short, so that another provider is asked, and this one where there is no other. The others double
    from a minute to ten: if the provider only says late what it took, each further message is one more that arrives.
    """
    return SECOND if times == 1 else min(MINUTE << min(times - 2, 20), _LATE)


def everywhere(refusal: ErrorClass) -> bool:
    """Whether no other provider is to be asked after such a refusal."""
    return refusal in _EVERYWHERE


def of_the_advertisement(refusal: ErrorClass) -> bool:
    """Whether a provider that refused a text with a coupon may take the notice by itself."""
    return refusal in _ADVERTISEMENT


def _per_mille(notification_id: str, times: int) -> int:
    digest = blake2b(f"{notification_id}.{times}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) * 1_000 >> 32

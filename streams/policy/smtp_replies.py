"""What a mail server's no means, by what can be done about it.

The reply's own code says whether it is for now or for good, and the step at which it came whom it is about: RFC 5321,
4.2. An enhanced status code says more where the server gives one: RFC 3463, RFC 7505, the registry of IANA.
"""

import re
from collections.abc import Mapping
from typing import Literal

from schemas.calls import ErrorClass

Step = Literal["greeting", "tls", "login", "sender", "recipient", "data", "mail"]
"""What was answered: the connection, STARTTLS, the credentials, ``MAIL``, ``RCPT``, ``DATA``, the mail itself."""

_ENHANCED = re.compile(r"([245])\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9.])")

_BAD_MAILBOX = ErrorClass.BAD_NUMBER
_NOT_NOW = ErrorClass.NUMBER_UNAVAILABLE
_OURS = ErrorClass.CONFIGURATION

_FOR_GOOD: Mapping[str, ErrorClass] = {
    "1.1": _BAD_MAILBOX,  # no such mailbox
    "1.2": _BAD_MAILBOX,  # no such host
    "1.3": _BAD_MAILBOX,  # not an address
    "1.6": _BAD_MAILBOX,  # moved, and nobody knows where to
    "1.7": _OURS,  # the sender's address
    "1.8": _OURS,  # the sender's host
    "1.10": _BAD_MAILBOX,  # the host takes no mail (null MX)
    "2.1": _BAD_MAILBOX,  # switched off
    "2.2": _NOT_NOW,  # full: servers say so for good, and its owner may empty it all the same
    "2.3": ErrorClass.CONTENT,  # too long
    "3.4": ErrorClass.CONTENT,  # too big
    "4.4": _BAD_MAILBOX,  # there is no way to the host
    "4.5": ErrorClass.DAY_LIMIT,  # as Google says that a day's allowance is used up
    "7.8": _OURS,  # the credentials
    "7.9": _OURS,  # the way of logging in
    "7.11": _OURS,  # encryption is needed
    "7.20": _OURS,  # DKIM
    "7.21": _OURS,
    "7.22": _OURS,
    "7.23": _OURS,  # SPF
    "7.24": _OURS,
    "7.25": _OURS,  # our host's name
    "7.26": _OURS,
    "7.27": _OURS,  # the sender's host takes no mail
}
"""By subject and detail of a ``5.X.Y``."""

_AT_THE_RECIPIENT: Mapping[int, ErrorClass] = {
    550: _BAD_MAILBOX,
    551: _BAD_MAILBOX,
    552: _NOT_NOW,
    553: _BAD_MAILBOX,
    556: _BAD_MAILBOX,
}
_OF_THE_RECIPIENT = re.compile(r"|[0124]\..*").fullmatch
_LOGIN_WANTED = frozenset({530, 534, 535, 538})


def smtp_class(step: Step, code: int, text: str) -> ErrorClass:
    """The class of a reply of 400 to 599 at a step. ``text`` is searched for an enhanced status code alone."""
    enhanced = _enhanced(code, text)
    if code < 500:
        return _for_now(step, code, enhanced)
    if (said := _FOR_GOOD.get(enhanced)) is not None:
        return said
    if enhanced.startswith("6."):
        return ErrorClass.CONTENT
    if step in ("greeting", "tls", "login", "sender") or code in _LOGIN_WANTED:
        return _OURS
    if step == "mail":
        return ErrorClass.CONTENT
    # 5.7.* may be about the recipient, or forbid us to send to anybody; 5.3.* and 5.5.* are about neither.
    if step == "recipient" and _OF_THE_RECIPIENT(enhanced):
        return _AT_THE_RECIPIENT.get(code, ErrorClass.UNKNOWN)
    return ErrorClass.UNKNOWN


def smtp_code(code: int, text: str) -> str:
    """How a reply is named in receipts and logs: ``550-5.1.1``, or ``550`` alone. Its words may hold an address."""
    enhanced = _enhanced(code, text)
    return f"{code}-{code // 100}.{enhanced}" if enhanced else f"{code}"


def _enhanced(code: int, text: str) -> str:
    """Subject and detail of the status code with which a reply begins, if it fits the reply; else empty."""
    found = _ENHANCED.match(text)
    if found is None or int(found[1]) != code // 100:
        return ""
    return f"{int(found[2])}.{int(found[3])}"


def _for_now(step: Step, code: int, enhanced: str) -> ErrorClass:
    """421 closes the connection, and X.3.* is the server's own trouble. What else comes at the recipient is of that
    mailbox: busy, full, or put off for a while (greylisting)."""
    if enhanced == "5.3":
        return ErrorClass.RATE_LIMITED
    if step == "recipient" and code != 421 and not enhanced.startswith("3."):
        return _NOT_NOW
    return ErrorClass.RETRY_LATER

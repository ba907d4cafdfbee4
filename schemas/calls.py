"""What the sender asks a provider's gateway, and what may come of it.

Nothing here travels or is stored: a request lives until its result. What is personal in it does not show itself.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

import msgspec

from schemas.times import Micros


class ErrorClass(StrEnum):
    """Why a message was not taken or not delivered, by what can be done about it."""

    RETRY_LATER = "retry_later"
    """The vendor has a trouble of its own."""
    RATE_LIMITED = "rate_limited"
    """Too many at once, to the vendor or to this number: a pause mends it."""
    DAY_LIMIT = "day_limit"
    """A day's or a month's allowance is used up."""
    NOT_NOW = "not_now"
    """The vendor takes such a text only at other hours."""
    OPTED_OUT = "opted_out"
    """The number's owner said stop."""
    TEMPLATE = "template"
    """The template, its variables or the signature are refused."""
    CONTENT = "content"
    """The words are refused."""
    BALANCE = "balance"
    """The account has no money left, or is stopped for it."""
    BAD_NUMBER = "bad_number"
    """There is no such number, device, account or mailbox."""
    NUMBER_UNAVAILABLE = "number_unavailable"
    """The number could not be reached now: switched off, suspended, its device in trouble."""
    CONFIGURATION = "configuration"
    """Our credentials, their rights, our address or our clock are refused: an operator mends it."""
    UNREACHABLE = "unreachable"
    """Nothing was sent: the provider could not be reached, or not in time."""
    DRY_RUN = "dry_run"
    """Nothing is sent for real."""
    UNKNOWN = "unknown"
    """The vendor said no, for a reason that we don't know."""


class SendRequest(msgspec.Struct, kw_only=True, frozen=True):
    """One message to one number (E.164).

    ``template`` is the vendor's own id, ``variables`` come in order of appearance, ``out_id`` is echoed by the
    vendor, and not one byte of it goes to the vendor from ``call_by`` on. ``marketing``: it advertises, so a number
    that stopped that has it no more.
    """

    number: str
    signature: str
    template: str
    variables: Mapping[str, str]
    out_id: str
    call_by: Micros
    marketing: bool = False

    def __repr__(self) -> str:
        return f"SendRequest(out_id={self.out_id!r})"


class PushOptions(msgspec.Struct, kw_only=True, frozen=True):
    """How a message is to reach a device, as the rules have it; names and values are the vendor's own.

    ``time_to_live``: for how many seconds it is kept for a device that is not in reach. ``channels`` says by phone
    maker what its channel is to be told. ``open_with`` is the intent that a touch starts on Android, ``category`` what
    HarmonyOS files the message under. ``reports``: whether the vendor is asked to tell what became of it.
    """

    platforms: tuple[str, ...]
    time_to_live: int
    channels: Mapping[str, Mapping[str, Any]]
    channel_id: str | None
    open_with: str | None
    category: str | None
    reports: bool


class PushRequest(msgspec.Struct, kw_only=True, frozen=True):
    """One message to the devices of one contact. ``order_id`` is handed to the app that opens it.

    ``shorter``, by phone maker, is the ``body`` for a channel that does not take so long a one.
    """

    devices: tuple[str, ...]
    title: str
    body: str
    shorter: Mapping[str, str]
    order_id: str
    options: PushOptions
    out_id: str
    call_by: Micros

    def __repr__(self) -> str:
        return f"PushRequest(out_id={self.out_id!r})"


class CardRequest(msgspec.Struct, kw_only=True, frozen=True):
    """One template message to one follower of the WeChat account.

    ``template`` is the vendor's own id, ``fields`` are its data by name; ``url`` is where a touch leads.
    """

    openid: str
    template: str
    fields: Mapping[str, str]
    url: str | None
    out_id: str
    call_by: Micros

    def __repr__(self) -> str:
        return f"CardRequest(out_id={self.out_id!r})"


class MailRequest(msgspec.Struct, kw_only=True, frozen=True):
    """One mail to one address: the same in ``plain`` text and in ``html``."""

    to: str
    subject: str
    plain: str
    html: str
    out_id: str
    call_by: Micros

    def __repr__(self) -> str:
        return f"MailRequest(out_id={self.out_id!r})"


Request = SendRequest | PushRequest | CardRequest | MailRequest
"""A message as its channel's gateway takes it."""


class SendResult(msgspec.Struct, kw_only=True, frozen=True):
    """What became of a ``Request``.

    ``accepted``: the vendor's own yes, with its ``message_id``. ``rejected``: the vendor's own no. ``not_sent``: not
    one byte of it was written. ``unknown``: all else, so it may have been taken.

    ``error_class`` is set for ``rejected`` and ``not_sent``. ``code`` is the vendor's own word for a no, else a word
    of ours (``too_late``, ``opted_out``, ``connect_failed``, ``timeout``, ..) for metrics, receipts and logs; neither
    is ever free text.
    """

    outcome: Literal["accepted", "rejected", "not_sent", "unknown"]
    message_id: str | None = None
    error_class: ErrorClass | None = None
    code: str | None = None


class QueryRequest(msgspec.Struct, kw_only=True, frozen=True):
    """The question what became of the message to ``number`` (E.164) that was sent at ``sent_at`` with ``out_id``.

    ``message_id``: the vendor's own id of it, where that is known. ``others``: the ids of our other messages by this
    provider. ``alone``: each of those that may have gone to this number lately is among them, so that an id which is
    not can only be this message's.
    """

    number: str
    out_id: str
    sent_at: Micros
    message_id: str | None = None
    others: frozenset[str] = frozenset()
    alone: bool = False

    def __repr__(self) -> str:
        return f"QueryRequest(out_id={self.out_id!r})"


class QueryResult(msgspec.Struct, kw_only=True, frozen=True):
    """What the vendor says of a message.

    ``absent``: it doesn't know it, having been asked for all that it could be. ``waiting``: taken, not reported yet.
    ``delivered``, ``failed``: taken, and reported, with the vendor's times and, where it failed, its ``code`` and the
    ``error_class`` of that. ``unanswered``: nothing was learnt; ``code`` says why.

    ``known_by`` is the rule by which it was found: the ``echo`` of our id, the vendor's own ``serial``, or that no
    message ``else`` of ours could be the one that is there.
    """

    found: Literal["absent", "waiting", "delivered", "failed", "unanswered"]
    message_id: str | None = None
    error_class: ErrorClass | None = None
    code: str | None = None
    sent_at: Micros | None = None
    reported_at: Micros | None = None
    known_by: Literal["echo", "serial", "else"] | None = None

"""What the sender remembers of one customer: one entry of its table, each part of which has an end.

No part grows without bound: where one holds more than ``MOST`` (open notices: ``MOST_OPEN``) its oldest leave first.
"""

from decimal import Decimal
from typing import Any, Literal, NamedTuple

import msgspec

from schemas.outputs import CouponTold, Packed
from schemas.rules import Carrier, Provider
from schemas.times import DAY, HOUR, Micros
from schemas.words import Audience, Channel, NoticeKind, Urgency
from streams.policy.verdict import Verdict

MOST_OPEN = 500
"""How many notices of a customer are open at once."""
MOST = 2_000
"""How many settles, closed orders and decided commands of one, and how many messages, are remembered at once. What is
remembered is one record of the changelog, which takes 4 MiB."""

REMEMBERED: Micros = 30 * DAY
"""How long a settle, a closed order and an erasure are remembered."""
REPLAYED: Micros = 7 * DAY
"""How long a decided command is known again: as long as its topic keeps it."""
REPORTED: Micros = 72 * HOUR
"""How long after an attempt's start its report is waited for."""
HEARD: Micros = HOUR
"""How long a message of which the last was heard may be taken for one in doubt: no doubt lasts so long."""
NAMED: Micros = 5 * DAY
"""How long it is remembered which vendor's ids lead to the customer: longer than their topic keeps them."""
COUNTED: Micros = DAY
"""How long a message counts for the caps and limits of its contact."""


class Plan(NamedTuple):
    """What is left of a notice's plan for a contact: the steps to come, when the next is taken at the latest, and the
    ``last`` that was taken. Entries that were written before that was told have none: then it is all that was sent."""

    contact_id: str
    rest: tuple[tuple[Channel, ...], ...]
    at: Micros
    last: tuple[Channel, ...] = ()


class Gift(NamedTuple):
    """A coupon that was given with a notice: CNY, and how long it is good."""

    amount: Decimal
    until: Micros


class Notice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A notify command that is not over, in so far as it decides or is told.

    ``not_before`` is when it is next looked at, where that is later than its hold and its window say; ``storm``: the
    name of the storm that holds it; ``planned``: it has its first notifications, and ``plans`` are the steps that may
    follow them; ``coupon`` was given with it; ``decided``: its outcome is written, and notifications of it are
    still open.
    """

    command_id: str
    kind: NoticeKind
    subject: str
    audience: Audience
    urgency: Urgency
    order_id: str
    tracking_no: str | None = None
    merchant_id: str | None = None
    facts: dict[str, Any]
    event_id: str
    occurred_at: Micros
    detected_at: Micros
    notify_by: Micros
    arrived_at: Micros
    not_before: Micros = 0
    storm: str | None = None
    planned: bool = False
    plans: tuple[Plan, ...] = ()
    coupon: Gift | None = None
    decided: bool = False


class Rider(NamedTuple):
    """What else an attempt told of that counted as not taken: its notification tells of it no more."""

    command_id: str
    order_id: str
    kind: NoticeKind


class Remarks(NamedTuple):
    """What a decision says of the message that told: ``coupon``, whether that told of the one that was given with the
    notice, and ``packed``, why it told of several or of one alone."""

    coupon: CouponTold | None = None
    packed: Packed | None = None


NO_REMARKS = Remarks()


class Attempt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One try at one provider, for as long as anything about it can still change.

    ``ask_at`` is when the provider is next asked what became of it (in doubt), ``give_up_at`` when asking ends.
    ``reconcile_at`` is when it is next asked for a report that is missing; ``place`` the question's place in the line.
    ``carrier`` is the number's, which may be gone when the report comes. ``saved``: how many segments fewer it has than
    a message for each of its commands; ``coupon`` and ``packed`` are its ``remarks``. ``riders`` were told by it,
    should it turn out to have been taken after all.
    """

    attempt: int
    provider: Provider
    status: Literal["sending", "unknown", "accepted", "not_taken"] = "sending"
    started_at: Micros
    give_up_at: Micros = 0
    ask_at: Micros | None = None
    reconcile_at: Micros = 0
    place: Micros = 0
    message_id: str | None = None
    recipient: str
    template_id: str
    text_length: int
    segments: int
    cost: str
    rules: str
    carrier: Carrier | None = None
    saved: int = 0
    coupon: CouponTold | None = None
    packed: Packed | None = None
    riders: tuple[Rider, ...] = ()

    @property
    def remarks(self) -> Remarks:
        """What the decision says of it if it is taken."""
        return Remarks(self.coupon, self.packed)

    @property
    def under_way(self) -> bool:
        """Whether its fate is open, so that no other attempt may begin."""
        return self.status == "sending" or self.ask_at is not None


class Bar(NamedTuple):
    """A provider that refused a notification, so many times: it is asked again from ``until`` on.

    ``ends``: it is not asked again, and so the notification ends if nobody else takes it.
    """

    provider: Provider
    times: int
    until: Micros
    ends: Verdict | None = None


class Halt(NamedTuple):
    """How a command of a notification ends unless the attempt under way turns out to have been taken."""

    command_id: str
    verdict: Verdict


class Notification(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message to one contact on one channel. It tells of several commands only from ``sending`` on.

    ``address`` is where it went, from ``sending`` on until it is known not to have been taken, or its notice
    and its last attempt are over, or its customer is erased. ``beside``: it went in quiet hours, and its delivery
    does not end the plan; ``alone``: what it tells goes in no message with others. ``tried`` counts its attempts,
    ``next_at`` is when the next may begin, ``bars`` are the providers that refused it; ``plain``: so did they its
    words, and it goes without those that came from upstream. ``verdict``: how it ended for this contact. ``doubted``:
    the attempt of which nothing could be learnt, and which those after it repeat. ``halted``: the commands that are
    over unless the attempt under way turns out to have been taken. ``arrived``: what was reported of it.
    """

    notification_id: str
    command_ids: tuple[str, ...]
    order_ids: tuple[str, ...]
    kinds: tuple[NoticeKind, ...]
    merchant_id: str | None = None
    contact_id: str
    channel: Channel = "sms"
    address: str | None = None
    beside: bool = False
    alone: bool = False
    next_at: Micros = 0
    tried: int = 0
    doubted: int = 0
    bars: tuple[Bar, ...] = ()
    plain: bool = False
    verdict: Verdict | None = None
    halted: tuple[Halt, ...] = ()
    arrived: Literal["delivered", "undelivered"] | None = None
    attempts: tuple[Attempt, ...] = ()

    @property
    def under_way(self) -> Attempt | None:
        """The attempt whose fate is open."""
        return next((attempt for attempt in self.attempts if attempt.under_way), None)

    @property
    def waits(self) -> bool:
        """Whether a further attempt is to be made and may begin as far as the notification itself goes."""
        return self.verdict is None and self.under_way is None

    def find(self, attempt: int) -> Attempt | None:
        """The attempt of that number, while it is remembered."""
        return next((a for a in self.attempts if a.attempt == attempt), None)


class Settled(NamedTuple):
    """What is over: the exceptions of ``subject`` that occurred at or before ``before``.

    But never one of the event itself: the update that ends one stall is what the next one counts from.
    """

    subject: str
    before: Micros
    until: Micros
    event_id: str

    def ends(self, subject: str, occurred_at: Micros, event_id: str) -> bool:
        """Whether an exception is over by it."""
        return subject == self.subject and occurred_at <= self.before and event_id != self.event_id


class Closed(NamedTuple):
    """An order that ``event_id`` completed or cancelled."""

    order_id: str
    event_id: str
    until: Micros


class Decided(NamedTuple):
    """A command whose outcome is written."""

    command_id: str
    until: Micros


class Submitted(NamedTuple):
    """A message that was given to a provider, unless that refused it. It counts until ``until``."""

    contact_id: str
    kind: NoticeKind
    provider: str
    template_id: str
    notification_id: str
    attempt: int
    until: Micros


class Heard(NamedTuple):
    """A message of which the last has been heard, by a provider that does not always echo our id."""

    provider: str
    message_id: str | None
    recipient: str
    until: Micros


class Once(NamedTuple):
    """What is done once in a while: a coupon given, a request made. It is not done again before ``until``."""

    what: str
    until: Micros


class Named(NamedTuple):
    """A message whose vendor's id leads to the customer until ``until``; ``key`` is that of ``provider-messages``."""

    key: str
    until: Micros


class Outbox(msgspec.Struct, kw_only=True, omit_defaults=True, tag="outbox"):
    """All that is remembered of one customer. Its tuples are replaced, never changed; the oldest come first.

    ``told`` are the subjects of which somebody was told, so that good news of them is news. ``erased``: the customer
    was, and has not come back; ``erased_until``: up to then what is found for it ends so.
    """

    notices: tuple[Notice, ...] = ()
    notifications: tuple[Notification, ...] = ()
    settles: tuple[Settled, ...] = ()
    closed: tuple[Closed, ...] = ()
    decided: tuple[Decided, ...] = ()
    submitted: tuple[Submitted, ...] = ()
    heard: tuple[Heard, ...] = ()
    told: tuple[Once, ...] = ()
    done: tuple[Once, ...] = ()
    named: tuple[Named, ...] = ()
    erased: bool = False
    erased_until: Micros = 0

    def knows(self, command_id: str) -> bool:
        """Whether the command has come before."""
        return any(n.command_id == command_id for n in self.notices) or any(
            d.command_id == command_id for d in self.decided
        )

    def notice(self, command_id: str) -> Notice | None:
        """The open notice of that command."""
        return next((n for n in self.notices if n.command_id == command_id), None)

    def of(self, notice: Notice) -> tuple[Notification, ...]:
        """The notifications that tell of ``notice``."""
        return tuple(n for n in self.notifications if notice.command_id in n.command_ids)

    def notification(self, notification_id: str) -> Notification | None:
        """The notification of that id."""
        return next((n for n in self.notifications if n.notification_id == notification_id), None)

    def keep(self, changed: Notice | Notification) -> None:
        """Puts a changed notice or notification in the place of the former one."""
        if isinstance(changed, Notice):
            self.notices = tuple(changed if n.command_id == changed.command_id else n for n in self.notices)
        else:
            same = changed.notification_id
            self.notifications = tuple(changed if n.notification_id == same else n for n in self.notifications)

    @property
    def empty(self) -> bool:
        """Whether nothing is left to remember."""
        return not (
            self.notices
            or self.notifications
            or self.settles
            or self.closed
            or self.decided
            or self.submitted
            or self.heard
            or self.told
            or self.done
            or self.named
            or self.erased_until
        )

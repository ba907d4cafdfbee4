"""What Orderbell publishes: commands, decisions, receipts, dead letters."""

from enum import StrEnum
from typing import Any, Literal

import msgspec

from schemas.words import Audience, Channel, Id, NoticeKind, Time, Urgency


class Command(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The topic ``notification-commands``, key ``customer_id``.

    A ``notify`` asks for an exception to be told; a ``settle`` says that those of its subject which occurred at
    or before ``settles_before`` are over.
    """

    command_id: str
    action: Literal["notify", "settle"]
    kind: NoticeKind | Literal["*"]
    subject: str
    audience: Audience
    urgency: Urgency
    customer_id: Id
    order_id: Id
    tracking_no: Id | None = None
    merchant_id: Id | None = None
    facts: dict[str, Any]
    event_id: str
    occurred_at: Time
    detected_at: Time
    notify_by: Time | None = None
    settles_before: Time | None = None
    rules: str


class Outcome(StrEnum):
    """How an exception ended for one audience."""

    SENT = "sent"
    MERGED = "merged"
    DUPLICATE = "duplicate"
    SETTLED = "settled"
    SUPPRESSED = "suppressed"
    FAILED = "failed"
    EXPIRED = "expired"


class Reason(StrEnum):
    """Why: the one list of words that decisions, metrics and traces share."""

    ACCEPTED = "accepted"
    """A provider took the message."""
    REPEATED = "repeated"
    """The same subject was let through within its repeat window."""
    RESOLVED = "resolved"
    """What was wrong came right before the message went out."""
    ORDER_CLOSED = "order_closed"
    """The order had been completed or cancelled."""
    SUPERSEDED = "superseded"
    """Another message of the same plan was delivered first."""
    OPTED_OUT = "opted_out"
    """The number's owner, or the vendor's own list, said stop."""
    MUTED = "muted"
    """No contact wants this kind."""
    NOT_TOLD = "not_told"
    """Good news of a trouble that nobody was told of."""
    CAPPED = "capped"
    """The contact has had as many messages of the kind within 24 hours as the rules allow."""
    OVER_BUDGET = "over_budget"
    """The day's money of the provider or the merchant is used up."""
    SWITCHED_OFF = "switched_off"
    """An operator has stopped the kind or the merchant."""
    STORM = "storm"
    """It was held as part of a storm, and an operator said to drop it."""
    DRY_RUN = "dry_run"
    """Nothing is sent for real: this is what would have gone."""
    ERASED = "erased"
    """The customer was erased."""
    OVERTAKEN = "overtaken"
    """``expire_after`` passed while the message could not go."""
    NO_CONTACT = "no_contact"
    """The customer has no contact that this channel reaches."""
    BAD_NUMBER = "bad_number"
    """No contact's number can be read, or the vendor says that it does not exist."""
    NO_PROVIDER = "no_provider"
    """No provider is set up for the channel."""
    TEMPLATE_REFUSED = "template_refused"
    """The vendor refused the template or the signature, or there is no text for what happened."""
    CONTENT_REFUSED = "content_refused"
    """The vendor refused the words."""
    PROVIDER_REFUSED = "provider_refused"
    """The vendor said no for a reason that repeating does not mend."""
    IN_DOUBT = "in_doubt"
    """Whether the vendor took the message could not be learnt, so it is not repeated."""
    OVERFLOW = "overflow"
    """The customer had too many open notices."""


class CouponTold(StrEnum):
    """Whether the message that decided told of the coupon that was given with its notice, and why not. The coupon lies
    in the inbox in any case."""

    IN_MESSAGE = "in_message"
    """It did."""
    CHANNEL = "channel"
    """The channel tells of no coupons."""
    WITH_OTHERS = "with_others"
    """The message told of several exceptions, which costs less."""
    TRIED = "tried"
    """An attempt before it was not taken."""
    URGENT = "urgent"
    """What is urgent goes in no advertisement."""
    NO_CONSENT = "no_consent"
    """The customer has not agreed to marketing."""
    NOT_BUYER = "not_buyer"
    """The contact is another one than the buyer, who agreed."""
    STOPPED = "stopped"
    """The number's owner said R, or that nothing more is to come."""
    HOURS = "hours"
    """It was not between 08:00 and 20:00."""
    PROVIDER = "provider"
    """The provider that took the message takes no coupons."""
    OVER_BUDGET = "over_budget"
    """What marketing may cost in a day is used up."""
    NOT_ARRIVING = "not_arriving"
    """Too few of such texts arrive with the number's carrier."""
    NO_TEXT = "no_text"
    """No approved text tells both, truly and in no more segments."""


class Packed(StrEnum):
    """Why the text message that decided told of what it did, where more of the same contact waited that might ride."""

    MERGED = "merged"
    """Together they cost fewer segments, or no more in fewer messages."""
    NOTHING_IN_COMMON = "nothing_in_common"
    """No text that is on tells it with any of the others."""
    NO_GAIN = "no_gain"
    """With others it would have cost no less, or did not fit."""
    NO_WAY = "no_way"
    """They were to go together, and no provider took that then."""


class Decision(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The topic ``notification-decisions``, key ``customer_id``: one for each exception and audience.

    ``coupon``: what became of a coupon that was given with the notice, where a message was taken. ``packed``: why it
    went with others, or alone though others waited.
    """

    command_id: str
    event_id: str
    kind: NoticeKind
    order_id: Id
    customer_id: Id
    audience: Audience
    outcome: Outcome
    reason: Reason
    notification_id: str | None = None
    coupon: CouponTold | None = None
    packed: Packed | None = None
    rules: str
    decided_at: Time


Status = Literal["accepted", "rejected", "unknown", "delivered", "undelivered", "no_report"]


class Receipt(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The topic ``delivery-receipts``, key ``notification_id``: one for each change of a message's state.

    ``text_length`` is in UTF-16 units with the signature; ``cost`` is CNY, ``"0"`` unless accepted; ``attempt``
    counts from 1 over all providers of one notification; ``status_at`` is the vendor's time where it gives one.
    """

    receipt_id: str
    notification_id: str
    command_ids: list[str]
    customer_id: Id
    contact_id: Id
    order_ids: list[str]
    kinds: list[NoticeKind]
    merchant_id: Id | None = None
    channel: Channel
    provider: str
    provider_message_id: str | None = None
    recipient: str
    template_id: str
    variant: str | None = None
    text_length: int
    segments: int
    cost: str
    status: Status
    status_at: Time
    reason: str | None = None
    attempt: int
    rules: str


class ServiceTask(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The topic ``service-tasks``, key ``customer_id``: what a human is to do for a customer, once for a command.

    ``amount`` is CNY; ``note`` says in Chinese what happened, with nothing personal.
    """

    task_id: str
    kind: NoticeKind
    reason: Literal["vip", "high_value"]
    priority: Literal["high", "normal"]
    customer_id: Id
    order_id: Id
    amount: str | None = None
    command_id: str
    due_by: Time
    created_at: Time
    note: str


class CouponGrant(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The topic ``coupon-grants``, key ``customer_id``: an apology to a new customer, once in a period."""

    grant_id: str
    customer_id: Id
    order_id: Id
    command_id: str
    kind: NoticeKind
    amount: str
    valid_until: Time
    reason: Literal["apology"]
    created_at: Time


class Action(msgspec.Struct, kw_only=True, frozen=True):
    """What a reader can do: a label to touch, and the word by which the shop's app knows what to open."""

    label: str
    action: str


class InboxMessage(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The topic ``inbox-messages``, key ``customer_id``: what the shop's app shows in the customer's inbox."""

    message_id: str
    notification_id: str
    customer_id: Id
    contact_id: Id
    order_ids: list[str]
    kinds: list[NoticeKind]
    title: str
    body: str
    actions: list[Action]
    created_at: Time


class DeadLetter(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The topic ``dead-letters``, key of the source record: what could not be read, as it came (base64)."""

    topic: str
    partition: int
    offset: int
    timestamp: Time
    key: bytes | None
    value: bytes | None
    reason: str
    error: str
    dead_at: Time
    truncated: bool = False
    value_bytes: int | None = None
    value_sha256: str | None = None

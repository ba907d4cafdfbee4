"""The rules file: all that a business person changes. Durations and windows stay as they were written."""

from typing import Any, Literal

import msgspec

from schemas.words import Audience, NoticeKind, RuledKind, Tier

SmsProvider = Literal["aliyun", "tencent"]

Provider = Literal[SmsProvider, "jpush", "wechat", "smtp", "inbox"]
"""Who takes a message. The inbox is our own: its messages are a topic."""

Carrier = Literal["mobile", "unicom", "telecom", "broadnet"]
"""China Mobile, China Unicom, China Telecom, China Broadnet: with each of them texts are filed apart."""
CARRIERS: tuple[Carrier, ...] = ("mobile", "unicom", "telecom", "broadnet")

Category = Literal["notification", "marketing"]

Mechanism = Literal["restock_notice", "progress_notice", "human_follow_up", "call_back", "coupon", "substitute_offer"]
"""What keeps a promise that a text makes: somebody is told the restock, hears of progress, is followed up or
called by a human, finds a coupon in the account, can have the substitute that is named."""

Count = Literal["1", "1+", "2", "2+", "3+"]

Paid = Literal["yes", "no", "unknown"]

Steps = tuple[str | tuple[str, ...], ...]
"""A plan: a step is a channel, or several that are sent at once."""


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What must be so of each exception in a message for a text to be taken, beside that its variables are known.

    ``None`` is no condition. The counts are of what the message is about: its kinds and orders, and the goods and
    parcels of the order that has most of them.
    """

    tier: Tier | None = None
    paid: Paid | tuple[Paid, ...] | None = None
    unique: bool | None = None
    kinds: Count = "1"
    orders: Count = "1"
    goods: Count = "1"
    parcels: Count = "1"


class AliyunTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How Aliyun knows a text: the id that it gave when it approved it, and with which carriers it is filed."""

    id: str
    filed: tuple[Carrier, ...] = CARRIERS


class TencentTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How Tencent knows a text. ``text`` and ``max`` are its compact form, for variables of six characters."""

    id: str
    filed: tuple[Carrier, ...] = CARRIERS
    text: str | None = None
    max: dict[str, int] = msgspec.field(default_factory=dict)


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A text with ``${name}`` for each variable, and ``max``, the longest of each in UTF-16 units.

    ``needs`` names the mechanisms whose work the text promises: without them it isn't taken.
    """

    kind: NoticeKind | Literal["*"]
    audience: Audience = "buyer"
    category: Category = "notification"
    enabled: bool = True
    text: str
    max: dict[str, int]
    when: When = When()
    needs: tuple[Mechanism, ...] = ()
    aliyun: AliyunTemplate
    tencent: TencentTemplate


Line = str | tuple[str, ...]
"""A line of a mail, or several ways to say it: the first counts of which every variable is known."""


class MailWhen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What must be so for a mail's text to be taken. ``None`` is no condition."""

    tier: Tier | None = None
    paid: Paid | tuple[Paid, ...] | None = None
    unique: bool | None = None


class MailText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a mail says of one exception, with ``${name}`` for each variable.

    ``subject`` is its heading as well, ``happened`` are its paragraphs, ``details`` are rows of ``label：value``,
    ``steps`` what comes next, in order. A line that can be said in no way is left out. ``needs`` names the mechanisms
    whose work the text promises: without them it isn't taken.
    """

    kind: NoticeKind
    audience: Audience = "buyer"
    enabled: bool = True
    when: MailWhen = MailWhen()
    needs: tuple[Mechanism, ...] = ()
    subject: Line
    happened: tuple[Line, ...]
    details: tuple[Line, ...] = ()
    steps: tuple[Line, ...] = ()


class Mail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in every mail, and its texts by id, in the order in which they are tried.

    ``several_subject`` and ``several`` head a mail that tells several exceptions; ``help`` says whom to ask,
    ``safety`` what we never ask for.
    """

    greeting: str
    several_subject: str
    several: str
    next: str
    help: str
    help_consignor: str
    safety: str
    footer: str
    texts: dict[str, MailText]


class WorkingYear(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A year in which it is known when banks work: days off from Monday to Friday, and weekend days that are worked."""

    off: tuple[str, ...]
    worked: tuple[str, ...]


class ByTier(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Plans of single tiers, where they differ from that for all."""

    vip: Steps | None = None
    regular: Steps | None = None
    new: Steps | None = None


class KindRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of one kind; the wire contract says what each means.

    ``patience``: how much of its hold a notice is left alone before it rides in another's message.
    ``channels_by_tier``: the plans of tiers that have their own; ``silent``: what an urgent notice takes at once in a
    customer's quiet hours, beside the silent channels of its plan.
    ``repeat_in_doubt``: what may have been sent and can't be learnt is sent once more, so that it may arrive twice.
    """

    within: str
    repeat_window: str
    merge_hold: str
    patience: str
    expire_after: str
    window: str
    channels: Steps
    silent: tuple[str, ...]
    repeat_in_doubt: bool
    channels_by_tier: ByTier = ByTier()


class StallRules(KindRules, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``after`` is the silence that makes a stall, ``after_by_carrier`` a carrier's own."""

    after: str
    after_by_carrier: dict[str, str]


class Kinds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The five exceptions, and good news of two of them, which no ``channels`` switch off."""

    payment_failed: KindRules
    stock_shortage: KindRules
    address_undeliverable: KindRules
    order_cancelled: KindRules
    shipment_stalled: StallRules
    stock_replenished: KindRules
    shipment_resumed: KindRules


class ProviderLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a provider takes of our account: messages in a second, messages of one text to one number in 24 hours, and
    the units of the longest variable. ``marketing``: whether it takes texts with coupons. ``price`` is its own, CNY a
    segment; without it the one for all providers holds.
    """

    rate: int
    number_limit: int
    variable_limit: int
    marketing: bool
    price: str | None = None


class Sms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The providers in the order in which they are tried; ``price`` is CNY a segment, a decimal string."""

    providers: tuple[SmsProvider, ...]
    price: str
    aliyun: ProviderLimits
    tencent: ProviderLimits


Platform = Literal["android", "ios", "hmos"]

PhoneMaker = Literal["xiaomi", "huawei", "honor", "meizu", "oppo", "vivo", "fcm", "nio", "asus", "hmos"]
"""Whoever has a channel of its own to its phones, as JPush names it."""


class Push(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How an app push reaches its devices.

    ``rate``: calls a second. ``title`` stands above each; empty, it is that of the kind. ``time_to_live``: how long
    one is kept for a device that is not in reach. ``reports``: JPush is asked to tell what became of it. ``open_with``
    is the intent that a touch starts on Android and ``channel_id`` the app's own notification channel, where they are
    not empty.

    Each phone maker's table goes to its channel as it stands (``options.third_party_channel``); but the ``category`` of
    ``hmos`` goes where HarmonyOS looks for it. ``by_kind`` has what differs for single kinds.
    """

    rate: int
    title: str
    platforms: tuple[Platform, ...]
    time_to_live: str
    reports: bool
    open_with: str
    channel_id: str
    xiaomi: dict[str, Any] = msgspec.field(default_factory=dict)
    huawei: dict[str, Any] = msgspec.field(default_factory=dict)
    honor: dict[str, Any] = msgspec.field(default_factory=dict)
    meizu: dict[str, Any] = msgspec.field(default_factory=dict)
    oppo: dict[str, Any] = msgspec.field(default_factory=dict)
    vivo: dict[str, Any] = msgspec.field(default_factory=dict)
    fcm: dict[str, Any] = msgspec.field(default_factory=dict)
    nio: dict[str, Any] = msgspec.field(default_factory=dict)
    asus: dict[str, Any] = msgspec.field(default_factory=dict)
    hmos: dict[str, Any] = msgspec.field(default_factory=dict)
    by_kind: dict[str, dict[str, dict[str, Any]]] = msgspec.field(default_factory=dict)


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """CNY a day, decimal strings, by provider and by merchant; what is not named has none. Marketing may use
    ``marketing_percent`` of it and stops first."""

    providers: dict[str, str]
    merchants: dict[str, str]
    marketing_percent: int


class CardTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """How the WeChat platform knows a card, by its ``id``, and what stands in its ``fields``, by their names.

    Without a ``kind`` it tells the one that it is named by. ``needs`` names the mechanisms whose work it promises.
    """

    id: str
    fields: dict[str, str]
    kind: NoticeKind | None = None
    audience: Audience = "buyer"
    enabled: bool = True
    when: When = When()
    needs: tuple[Mechanism, ...] = ()


class Wechat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The cards of the WeChat account. ``url`` is the page that a touch on a buyer's opens, with ``${order}``."""

    templates: dict[str, CardTemplate]
    url: str | None = None


class SwitchedOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an operator has stopped: nothing of these kinds, of these merchants, by these providers."""

    kinds: tuple[RuledKind, ...]
    providers: tuple[Provider, ...]
    merchants: tuple[str, ...]


class Storm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many notices a day of one customer are usual, and an operator's word on storms that are held.

    A storm is named ``carrier:ID``, ``kind:KIND`` or ``customer:ID``.
    """

    customer_daily: int
    answers: dict[str, Literal["tell", "drop"]]


class RulesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole rules file: the defaults with what was laid over them.

    ``step_wait``: how long a step of a plan has to be delivered before the next is taken. ``high_value``: the amount
    of a cancellation from which a human calls back, and all humans' tasks are to be done ``task_within``.
    A new customer is given a coupon of ``coupon_amount`` once in a ``coupon_period``, valid for ``coupon_valid``.
    Contact data confirmed longer ago than ``confirm_every`` is to be looked through.
    ``working_days``: by year, what is known of it.
    """

    signature: str
    profile_wait: str
    time_zone: str
    step_wait: str
    high_value: str
    task_within: str
    coupon_amount: str
    coupon_period: str
    coupon_valid: str
    confirm_every: str
    merge: bool
    daily_cap: int
    storm_guard: bool
    sensitive_words: tuple[str, ...]
    sms: Sms
    push: Push
    budget: Budget
    wechat: Wechat
    switched_off: SwitchedOff
    storm: Storm
    kinds: Kinds
    templates: dict[str, Template]
    mail: Mail
    working_days: dict[str, WorkingYear]

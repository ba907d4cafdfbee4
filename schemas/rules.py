"""The rules file: all that a business person changes. Durations and windows stay as they were written."""

from typing import Literal

import msgspec

from schemas.words import Audience, NoticeKind, Tier

Provider = Literal["aliyun", "tencent"]

Category = Literal["notification", "marketing"]

Mechanism = Literal["restock_notice", "progress_notice", "human_follow_up", "call_back", "coupon", "substitute_offer"]
"""What keeps a promise that a text makes: somebody is told the restock, hears of progress, is followed up or
called by a human, finds a coupon in the account, can have the substitute that is named."""

Count = Literal["1", "2", "2+", "3+"]


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What must be so for a text to be taken, beside that each of its variables is known.

    ``None`` is no condition; the counts are of what one message is about.
    """

    tier: Tier | None = None
    paid: Literal["yes", "no", "unknown"] | None = None
    unique: bool | None = None
    orders: Count = "1"
    goods: Count = "1"
    parcels: Count = "1"


class AliyunTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How Aliyun knows a text: the id that it gave when it approved it."""

    id: str


class TencentTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How Tencent knows a text. ``text`` and ``max`` are its compact form, for variables of six characters."""

    id: str
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


class KindRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of one kind; the wire contract says what each means."""

    within: str
    repeat_window: str
    merge_hold: str
    expire_after: str
    window: str
    channels: tuple[str | tuple[str, ...], ...]


class StallRules(KindRules, frozen=True, forbid_unknown_fields=True):
    """``after`` is the silence that makes a stall, ``after_by_carrier`` a carrier's own."""

    after: str
    after_by_carrier: dict[str, str]


class Kinds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The five kinds."""

    payment_failed: KindRules
    stock_shortage: KindRules
    address_undeliverable: KindRules
    order_cancelled: KindRules
    shipment_stalled: StallRules


class Sms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The providers in the order in which they are tried; ``price`` is CNY a segment, a decimal string."""

    providers: tuple[Provider, ...]
    price: str


class RulesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole rules file: the defaults with what was laid over them."""

    signature: str
    profile_wait: str
    time_zone: str
    sms: Sms
    kinds: Kinds
    templates: dict[str, Template]

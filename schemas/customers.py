"""The records of the topic ``customers``, key ``customer_id``; a null value erases the customer everywhere."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from schemas.words import Channel, Id, NoticeKind, Text, Tier, Time

HourMinute = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z")]


class Contact(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Somebody to tell. No ``kinds`` means all kinds; a telephone number comes as its owner wrote it."""

    contact_id: Id
    role: Literal["buyer", "consignor", "other"]
    name: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    push_ids: tuple[Text, ...] | None = None
    wechat_openid: Text | None = None
    kinds: tuple[NoticeKind, ...] | None = None
    verified_at: Time | None = None


class QuietHours(msgspec.Struct, kw_only=True, frozen=True, rename={"from_": "from"}):
    """The hours of a customer's day in which nothing may ring; they may wrap midnight."""

    from_: HourMinute
    to: HourMinute
    time_zone: str

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("time_zone is not an IANA time zone") from None


class Preferences(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What the customer asked for."""

    channels: tuple[Channel, ...] | None = None
    quiet_hours: QuietHours | None = None
    muted_kinds: tuple[NoticeKind, ...] | None = None
    personalised: bool | None = None


class Customer(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A customer's profile."""

    customer_id: Id
    tier: Tier
    contacts: tuple[Contact, ...]
    preferences: Preferences | None = None
    marketing_consent: bool | None = None

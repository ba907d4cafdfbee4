"""The types that the wire records share: ids, texts, money, days, and the closed lists of words."""

from datetime import datetime
from typing import Annotated, Literal, get_args

from msgspec import Meta

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
"""An identifier: 1 to 64 of ``A-Z a-z 0-9 _ -``."""

HotId = Annotated[str, Meta(min_length=1, max_length=64)]
"""An ``Id`` whose characters the decoder checks, all of an event's at once: a pattern each costs a third of
a microsecond, which on the two busy topics is more than all else that decoding does."""

Text = Annotated[str, Meta(max_length=200)]
"""A name, a reason, an address: up to 200 characters."""

Money = Annotated[str, Meta(pattern=r"^[0-9]{1,15}(\.[0-9]{1,4})?\Z")]
"""CNY as a decimal string."""

Days = Annotated[int, Meta(ge=0, le=999)] | Annotated[str, Meta(pattern=r"^[0-9]{1,3}(-[0-9]{1,3})?\Z")]
"""A number of days: an integer, ``"N"`` or ``"N-M"``."""

Time = Annotated[datetime, Meta(tz=True)]
"""RFC 3339 with an offset."""

Kind = Literal["payment_failed", "stock_shortage", "address_undeliverable", "order_cancelled", "shipment_stalled"]
"""The five exceptions."""

RuledKind = Literal[Kind, "stock_replenished", "shipment_resumed"]
"""All that is told by rules of its own: the exceptions, and good news of two of them."""

NoticeKind = Literal[
    RuledKind,
    "delay_forecast",
    "stock_forecast",
    "contact_invalid",
    "contact_check",
]
"""All that a contact can be told of, or mute."""

KINDS: tuple[Kind, ...] = get_args(Kind)
RULED_KINDS: tuple[RuledKind, ...] = get_args(RuledKind)
Channel = Literal["sms", "push", "wechat", "email", "inbox"]
Audience = Literal["buyer", "consignor"]
Tier = Literal["vip", "regular", "new"]
Urgency = Literal["urgent", "delayed", "routine"]

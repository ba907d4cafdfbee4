"""The records of the topic ``inventory``: read and checked, and without effect so far."""

from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.words import Id, Text, Time


class Inbound(msgspec.Struct, kw_only=True):
    """Goods on their way to the shop."""

    quantity: Annotated[int, Meta(ge=0)]
    eta: Time


class StockLevel(msgspec.Struct, kw_only=True):
    """The topic ``inventory``, key ``sku``."""

    event_id: Id
    sku: Id
    name: Text
    available: int
    occurred_at: Time
    merchant_id: Id | None = None
    reserved: int | None = None
    inbound: list[Inbound] | None = None

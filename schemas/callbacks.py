"""The topic ``provider-callbacks``: what vendors push to us, as it came."""

from typing import Literal

import msgspec

from schemas.words import Time

What = Literal["receipt", "reply"]
"""A delivery report, or what somebody wrote back."""


class Callback(msgspec.Struct, kw_only=True, frozen=True):
    """One element of a vendor's push. ``element`` is its JSON, byte for byte, read or not."""

    provider: str
    what: What
    element: msgspec.Raw
    received_at: Time

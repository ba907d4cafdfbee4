"""The topic ``provider-callbacks``: what vendors push to us, as it came."""

from typing import Literal

import msgspec

from schemas.words import Time

What = Literal["receipt", "reply"]
"""A delivery report, or what somebody wrote back."""


class Callback(msgspec.Struct, kw_only=True, frozen=True):
    """One element of a vendor's push, read or not.

    ``element`` is its JSON, byte for byte; of a vendor that does not write JSON its text, as a JSON string.
    """

    provider: str
    what: What
    element: msgspec.Raw
    received_at: Time

"""What the sender has the worker do outside: a gateway's request, and whose it is.

``provider`` names the gateway; what it answers comes back with the call.
"""

import msgspec

from schemas.calls import QueryRequest, SendRequest
from schemas.times import Micros


class SendCall(msgspec.Struct, kw_only=True, frozen=True):
    """Send a message."""

    provider: str
    customer_id: str
    notification_id: str
    attempt: int
    request: SendRequest


class QueryCall(msgspec.Struct, kw_only=True, frozen=True):
    """Ask what became of a message; the question is begun at ``asked_at`` or later."""

    provider: str
    customer_id: str
    notification_id: str
    attempt: int
    asked_at: Micros
    request: QueryRequest

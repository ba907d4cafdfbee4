"""What the sender has the worker do outside: a gateway's request, and whose it is.

``provider`` names the gateway; what it answers comes back with the call.
"""

from typing import Generic, TypeVar

import msgspec

from schemas.calls import QueryRequest, Request
from schemas.times import Micros

R_co = TypeVar("R_co", bound=Request, covariant=True)


class SendCall(msgspec.Struct, Generic[R_co], kw_only=True, frozen=True):
    """Send a message."""

    provider: str
    customer_id: str
    notification_id: str
    attempt: int
    request: R_co


class QueryCall(msgspec.Struct, kw_only=True, frozen=True):
    """Ask what became of a message; the question is begun at ``asked_at`` or later."""

    provider: str
    customer_id: str
    notification_id: str
    attempt: int
    asked_at: Micros
    request: QueryRequest

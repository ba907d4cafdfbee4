"""The port to a provider of text messages."""

from collections.abc import Callable
from typing import Literal, Protocol

from schemas.calls import QueryRequest, QueryResult, SendRequest, SendResult

Hindrance = Callable[[], Literal["opted_out", "ledger_stale"] | None]
"""Asked right before the request is written: why the message must not go after all, or ``None``."""


class SmsGateway(Protocol):
    """Sends through one provider. Neither method raises, but when it is cancelled."""

    name: str

    async def send(self, request: SendRequest, hindrance: Hindrance) -> SendResult:
        """Sends a message, at most once.

        ``request.call_by`` and ``hindrance`` are looked at when the connection is there, with nothing awaited
        between that look and the write. The answer is waited for 10 s.
        """
        ...

    async def query(self, request: QueryRequest) -> QueryResult:
        """Asks what became of a message."""
        ...

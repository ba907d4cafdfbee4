"""The port to a provider of text messages."""

from collections.abc import Callable, Mapping
from typing import Literal, Protocol

from schemas.calls import ErrorClass, QueryRequest, QueryResult, SendRequest, SendResult

Hindrance = Callable[[], Literal["opted_out", "ledger_stale"] | None]
"""Asked right before the request is written: why the message must not go after all, or ``None``."""

NOT_SENT: Mapping[str, ErrorClass] = {"opted_out": ErrorClass.OPTED_OUT, "ledger_stale": ErrorClass.RETRY_LATER}
"""The class of what was hindered. All else that was not written could not reach the provider."""


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

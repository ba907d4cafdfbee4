"""The ports to providers."""

from collections.abc import Callable, Mapping
from typing import Literal, Protocol, TypeVar

from schemas.calls import (
    CardRequest,
    ErrorClass,
    MailRequest,
    PushRequest,
    QueryRequest,
    QueryResult,
    Request,
    SendRequest,
    SendResult,
)

Hindered = Literal["opted_out", "marketing_stopped", "ledger_stale"]
Hindrance = Callable[[], Hindered | None]
"""Asked right before the request is written: why the message must not go after all, or ``None``."""

NOT_SENT: Mapping[str, ErrorClass] = {
    "opted_out": ErrorClass.OPTED_OUT,
    "marketing_stopped": ErrorClass.RETRY_LATER,
    "ledger_stale": ErrorClass.RETRY_LATER,
}
"""The class of what was hindered. All else that was not written could not reach the provider."""


R = TypeVar("R", bound=Request, contravariant=True)


class Gateway(Protocol[R]):
    """Sends through one provider. No method raises, but when it is cancelled."""

    name: str

    async def send(self, request: R, hindrance: Hindrance) -> SendResult:
        """Sends a message, at most once.

        ``request.call_by`` and ``hindrance`` are looked at when the connection is there, with nothing awaited
        between that look and the write. The answer is waited for 10 s.
        """
        ...


class SmsGateway(Gateway[SendRequest], Protocol):
    """Sends text messages, and can be asked about them."""

    async def query(self, request: QueryRequest) -> QueryResult:
        """Asks what became of a message."""
        ...


AnyGateway = SmsGateway | Gateway[PushRequest] | Gateway[CardRequest] | Gateway[MailRequest]
"""A gateway of any channel. It is asked only for what its channel knows."""

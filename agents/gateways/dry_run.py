"""A dry run: everything happens but the calls, and what is decided says what would have gone."""

from collections.abc import Collection
from typing import Generic, TypeVar

from agents.gateways.gateway import NOT_SENT, Hindrance, SmsGateway
from schemas.calls import ErrorClass, QueryRequest, QueryResult, Request, SendRequest, SendResult

R = TypeVar("R", bound=Request)

_NOTHING_GOES = SendResult(outcome="not_sent", error_class=ErrorClass.DRY_RUN, code="dry_run")
_NOBODY_TO_ASK = QueryResult(found="unanswered", code="dry_run")


class DryRunGateway(Generic[R]):
    """Stands in the place of a provider's gateway, and lets nothing through."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def send(self, request: R, hindrance: Hindrance) -> SendResult:
        """Says what hinders the message, or that it would have gone."""
        if (why := hindrance()) is not None:
            return SendResult(outcome="not_sent", error_class=NOT_SENT[why], code=why)
        return _NOTHING_GOES


class DryRunSmsGateway(DryRunGateway[SendRequest]):
    """Stands before a provider's gateway and lets through what is for a test number (E.164), and questions.

    Questions pass, since a message in doubt may have gone before the dry run began. ``real`` is ``None`` where the
    provider has no credentials: then nothing passes.
    """

    def __init__(self, name: str, real: SmsGateway | None, test_numbers: Collection[str]) -> None:
        super().__init__(name)
        self._real = real
        self._test_numbers = frozenset(test_numbers)

    async def send(self, request: SendRequest, hindrance: Hindrance) -> SendResult:
        """Sends to a test number. Of another it says what hinders the message, or that it would have gone."""
        if self._real is not None and request.number in self._test_numbers:
            return await self._real.send(request, hindrance)
        return await super().send(request, hindrance)

    async def query(self, request: QueryRequest) -> QueryResult:
        """Asks what became of a message."""
        return _NOBODY_TO_ASK if self._real is None else await self._real.query(request)

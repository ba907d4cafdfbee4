"""Does the calls that the sender asks for: each goes to its provider's gateway."""

from collections.abc import Mapping
from functools import partial
from typing import cast

import structlog

from agents.gateways.gateway import AnyGateway, Gateway, Hindered, SmsGateway
from schemas.calls import ErrorClass, QueryResult, Request, SendRequest, SendResult
from streams.clock import Clock
from streams.errors import place
from streams.operators.ports import OptOuts
from streams.operators.sending.calls import QueryCall, SendCall

log = structlog.get_logger()

_DEFECT = "defect"
_OF_THE_ACCOUNT = frozenset({ErrorClass.BALANCE, ErrorClass.CONFIGURATION})


class Caller:
    """Brings a call to its gateway, with a last look at the opt-outs right before a message goes."""

    def __init__(self, gateways: Mapping[str, AnyGateway], opt_outs: OptOuts, clock: Clock) -> None:
        self._gateways = gateways
        self._opt_outs = opt_outs
        self._clock = clock

    async def perform(self, call: SendCall[Request] | QueryCall) -> SendResult | QueryResult:
        """What came of the call. A gateway that raises has a defect: what became of the message is in doubt then."""
        try:
            result = await self._perform(call)
        except Exception as error:  # noqa: BLE001  # whatever it is, the message must not be taken for not sent
            # Its text is left out, since it may hold what the request held.
            of, name = call.notification_id, type(error).__name__
            log.error("gateway_raised", provider=call.provider, notification_id=of, error=name, at=place(error))
            if isinstance(call, QueryCall):
                return QueryResult(found="unanswered", code=_DEFECT)
            return SendResult(outcome="unknown", code=_DEFECT)
        if isinstance(result, SendResult) and result.error_class in _OF_THE_ACCOUNT:
            log.warning("account_refused", provider=call.provider, error=result.error_class, code=result.code)
        return result

    async def _perform(self, call: SendCall[Request] | QueryCall) -> SendResult | QueryResult:
        gateway = self._gateways[call.provider]
        if isinstance(call, QueryCall):
            return await cast("SmsGateway", gateway).query(call.request)
        request = call.request
        hindrance = partial(self._hindrance, request) if isinstance(request, SendRequest) else _unhindered
        return await cast("Gateway[Request]", gateway).send(request, hindrance)

    def _hindrance(self, request: SendRequest) -> Hindered | None:
        if not self._opt_outs.fresh(self._clock.now()):
            return "ledger_stale"
        if self._opt_outs.stopped(request.number):
            return "opted_out"
        return "marketing_stopped" if request.marketing and self._opt_outs.stopped_marketing(request.number) else None


def _unhindered() -> None:
    """The ledger is of telephone numbers: no other channel is stopped by it."""

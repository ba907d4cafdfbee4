"""What a worker makes of a gateway with a defect."""

from typing import Any

from structlog.testing import capture_logs

from agents.calling import Caller
from agents.gateways.gateway import Hindrance
from schemas.calls import ErrorClass, PushRequest, QueryRequest, QueryResult, SendRequest, SendResult
from schemas.times import SECOND
from streams.operators.sending.calls import QueryCall, SendCall
from tests.clock import START, ManualClock
from tests.jpush_far_end import a_push
from tests.sending import ANN, Ledger


class Broken:
    """A gateway that can't do anything."""

    name = "aliyun"

    async def send(self, request: SendRequest, hindrance: Hindrance) -> SendResult:
        raise TypeError(f"no good: {request.number}")

    async def query(self, request: QueryRequest) -> QueryResult:
        raise TypeError(f"no good: {request.number}")


async def test_what_a_gateway_with_a_defect_was_asked_to_send_is_in_doubt_and_nothing_is_told_of_it() -> None:
    caller = Caller({"aliyun": Broken()}, Ledger(), ManualClock())
    send = SendRequest(number=ANN, signature="s", template="t", variables={}, out_id="o", call_by=START + SECOND)
    ask = QueryRequest(number=ANN, out_id="o", sent_at=START)
    whose: dict[str, Any] = {"provider": "aliyun", "customer_id": "c1", "notification_id": "n-1", "attempt": 1}
    with capture_logs() as logged:
        assert await caller.perform(SendCall(request=send, **whose)) == SendResult(outcome="unknown", code="defect")
        asked = await caller.perform(QueryCall(request=ask, asked_at=START, **whose))
    assert asked == QueryResult(found="unanswered", code="defect")
    assert [line["event"] for line in logged] == ["gateway_raised"] * 2
    assert ANN not in str(logged)


class Poor:
    """A gateway of an account without money."""

    name = "aliyun"

    async def send(self, request: SendRequest, hindrance: Hindrance) -> SendResult:
        return SendResult(outcome="rejected", error_class=ErrorClass.BALANCE, code="isv.AMOUNT_NOT_ENOUGH")

    async def query(self, request: QueryRequest) -> QueryResult:
        raise NotImplementedError


async def test_an_account_that_is_refused_is_told_of_with_the_vendors_code() -> None:
    caller = Caller({"aliyun": Poor()}, Ledger(), ManualClock())
    send = SendRequest(number=ANN, signature="s", template="t", variables={}, out_id="o", call_by=START + SECOND)
    call = SendCall(provider="aliyun", customer_id="c1", notification_id="n-1", attempt=1, request=send)
    with capture_logs() as logged:
        await caller.perform(call)
    assert [(line["event"], line["code"]) for line in logged] == [("account_refused", "isv.AMOUNT_NOT_ENOUGH")]


class Taking:
    """A gateway whose provider takes everything."""

    name = "jpush"

    def __init__(self) -> None:
        self.sent: list[PushRequest] = []

    async def send(self, request: PushRequest, hindrance: Hindrance) -> SendResult:
        assert hindrance() is None
        self.sent.append(request)
        return SendResult(outcome="accepted", message_id="1")


async def test_what_is_no_text_message_goes_though_nothing_is_known_of_the_opt_outs() -> None:
    gateway, opt_outs, clock = Taking(), Ledger(), ManualClock()
    opt_outs.is_fresh = False
    push = a_push(clock)
    call = SendCall(provider="jpush", customer_id="c1", notification_id="n-1", attempt=1, request=push)
    result = await Caller({"jpush": gateway, "aliyun": Broken()}, opt_outs, clock).perform(call)
    assert result == SendResult(outcome="accepted", message_id="1")
    assert gateway.sent == [push]

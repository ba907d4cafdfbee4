"""What a dry run lets through."""

from typing import Literal

import pytest

from agents.gateways.dry_run import DryRunGateway, DryRunSmsGateway
from agents.gateways.gateway import Hindrance
from schemas.calls import ErrorClass, PushRequest, QueryRequest, QueryResult, SendRequest, SendResult
from tests.clock import ManualClock
from tests.gateways import NUMBER, a_message, a_question, unhindered
from tests.jpush_far_end import a_push

TEST_NUMBER = "+8613900000009"
TAKEN = SendResult(outcome="accepted", message_id="1")
WAITING = QueryResult(found="waiting")


class Real:
    """A gateway whose provider takes everything."""

    name = "aliyun"

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, request: SendRequest, hindrance: Hindrance) -> SendResult:
        assert hindrance() is None
        self.sent.append(request.number)
        return TAKEN

    async def query(self, request: QueryRequest) -> QueryResult:
        return WAITING


async def test_a_message_goes_to_a_test_number_only() -> None:
    real, clock = Real(), ManualClock()
    gateway = DryRunSmsGateway("aliyun", real, (TEST_NUMBER,))
    would_have_gone = SendResult(outcome="not_sent", error_class=ErrorClass.DRY_RUN, code="dry_run")
    assert await gateway.send(a_message(clock), unhindered) == would_have_gone
    assert await gateway.send(a_message(clock, number=TEST_NUMBER), unhindered) == TAKEN
    assert real.sent == [TEST_NUMBER]
    assert await DryRunSmsGateway("aliyun", None, ()).send(a_message(clock), unhindered) == would_have_gone


@pytest.mark.parametrize(
    ("why", "error_class"), [("opted_out", ErrorClass.OPTED_OUT), ("ledger_stale", ErrorClass.RETRY_LATER)]
)
async def test_what_would_have_been_hindered_says_so(
    why: Literal["opted_out", "ledger_stale"], error_class: ErrorClass
) -> None:
    result = await DryRunSmsGateway("aliyun", Real(), ()).send(a_message(ManualClock(), number=NUMBER), lambda: why)
    assert result == SendResult(outcome="not_sent", error_class=error_class, code=why)


async def test_a_question_passes_where_there_is_somebody_to_ask() -> None:
    question = a_question(ManualClock())
    assert await DryRunSmsGateway("aliyun", Real(), ()).query(question) == WAITING
    assert (await DryRunSmsGateway("aliyun", None, ()).query(question)).found == "unanswered"


async def test_by_another_channel_nothing_goes() -> None:
    gateway: DryRunGateway[PushRequest] = DryRunGateway("jpush")
    result = await gateway.send(a_push(ManualClock()), unhindered)
    assert result == SendResult(outcome="not_sent", error_class=ErrorClass.DRY_RUN, code="dry_run")

"""What a gateway must keep beside all else whose vendor knows a message again by its key."""

from typing import Literal

import pytest

from agents.gateways.http import Http
from schemas.calls import SendResult
from schemas.times import MILLISECOND, SECOND
from tests.clock import ManualClock
from tests.far_end import Act, http
from tests.gateway_contract import PAGE, GatewayContract
from tests.gateways import Vendor, send, unknown


class RepeatingGatewayContract(GatewayContract):
    """What was not answered is said once more."""

    @pytest.mark.parametrize(
        "lost",
        [
            Act(then="reset"),
            Act(then="close"),
            Act(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "close"),
            Act(http(PAGE, 502)),
            Act(http(b"{}")),
            Act(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "close"),
        ],
    )
    async def test_what_was_not_answered_is_said_once_more_and_in_the_same_words(
        self, vendor: Vendor, over: Http, clock: ManualClock, lost: Act
    ) -> None:
        async with vendor.far_end(lost, Act(http(vendor.yes))) as far_end:
            result = await send(vendor, far_end.address, over, clock)
            first, again = far_end.requests
        assert result == SendResult(outcome="accepted", message_id=vendor.message_id)
        assert first == again

    async def test_what_is_not_answered_in_time_is_said_once_more(self, vendor: Vendor, clock: ManualClock) -> None:
        impatient = Http(clock, answer_within=200 * MILLISECOND)
        async with vendor.far_end(Act(), Act(http(vendor.yes))) as far_end:
            assert (await send(vendor, far_end.address, impatient, clock)).outcome == "accepted"
            assert len(far_end.requests) == 2
        await impatient.close()

    async def test_ten_seconds_after_its_time_nothing_is_said_again(
        self, vendor: Vendor, over: Http, clock: ManualClock
    ) -> None:
        async with vendor.far_end(Act(then="reset"), Act(http(vendor.yes))) as far_end:
            result = await send(vendor, far_end.address, over, clock, hindrance=lambda: clock.advance(15 * SECOND))
            assert result.outcome == "unknown"
            assert len(far_end.requests) == 1

    async def test_what_is_hindered_the_second_time_stays_in_doubt(
        self, vendor: Vendor, over: Http, clock: ManualClock
    ) -> None:
        looks: list[Literal["opted_out"] | None] = [None, "opted_out"]
        async with vendor.far_end(Act(then="reset")) as far_end:
            result = await send(vendor, far_end.address, over, clock, hindrance=lambda: looks.pop(0))
            assert result == unknown("reset")
            assert len(far_end.requests) == 1

"""What every gateway over HTTP must keep, whatever its vendor: what is surely not sent, and what is in doubt."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.gateways.http import Http
from schemas.calls import ErrorClass, SendResult
from schemas.times import MILLISECOND, SECOND
from tests.certificate import self_signed
from tests.clock import ManualClock
from tests.far_end import Act, http, unused
from tests.gateways import (
    INHERITED,
    NUMBER,
    SmsVendor,
    Vendor,
    a_question,
    garbled,
    nonsense,
    not_sent,
    send,
    send_late,
    unknown,
)

PAGE = b"<html><head><title>Bad Gateway</title></head><body>nginx</body></html>"


class GatewayContract:
    """Inherit this with a fixture ``vendor``."""

    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock()

    @pytest.fixture
    async def over(self, clock: ManualClock) -> AsyncIterator[Http]:
        over = Http(clock, answer_within=30 * SECOND)
        yield over
        await over.close()

    # Surely not sent.

    async def test_where_nobody_listens_nothing_is_sent(self, vendor: Vendor, over: Http, clock: ManualClock) -> None:
        with unused() as port:
            address = f"http://127.0.0.1:{port.getsockname()[1]}"
            assert await send(vendor, address, over, clock) == not_sent("connect_failed")

    async def test_a_name_that_does_not_resolve_sends_nothing(
        self, vendor: Vendor, over: Http, clock: ManualClock
    ) -> None:
        assert await send(vendor, "http://nobody.invalid", over, clock) == not_sent("dns_failed")

    async def test_an_authority_that_is_not_ours_is_sent_nothing(
        self, vendor: Vendor, over: Http, clock: ManualClock
    ) -> None:
        theirs, _ = self_signed()
        async with vendor.far_end(Act(http(vendor.yes)), tls=theirs) as far_end:
            assert await send(vendor, far_end.address, over, clock) == not_sent("tls_failed")
            assert far_end.requests == []

    @pytest.mark.parametrize("instead", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
    async def test_what_does_not_speak_tls_is_sent_nothing(
        self, vendor: Vendor, over: Http, clock: ManualClock, instead: bytes
    ) -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(instead)
            writer.close()

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            address = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            result = await send(vendor, address, over, clock)
        assert result.outcome == "not_sent"
        assert result.error_class is ErrorClass.UNREACHABLE

    async def test_a_connection_that_is_not_there_in_time_sends_nothing(
        self, vendor: Vendor, over: Http, clock: ManualClock
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and never shakes hands
            address = f"https://127.0.0.1:{silent.getsockname()[1]}"
            request = vendor.message(clock, call_by=clock.now() + 200 * MILLISECOND)
            assert await send(vendor, address, over, clock, request) == not_sent("connect_timeout")

    async def test_what_comes_too_late_does_not_even_connect(
        self, vendor: Vendor, over: Http, clock: ManualClock
    ) -> None:
        async with vendor.far_end(Act(http(vendor.yes))) as far_end:
            request = vendor.message(clock, call_by=clock.now())
            assert await send(vendor, far_end.address, over, clock, request) == not_sent("too_late")
            assert far_end.connections == 0

    @pytest.mark.parametrize("reused", [False, True])
    async def test_whenever_it_gets_too_late_before_the_first_byte_none_is_written(
        self, vendor: Vendor, reused: bool
    ) -> None:
        async with vendor.far_end(Act(http(vendor.yes))) as far_end:
            accepted, looks = await send_late(vendor, far_end.address, 1_000, reused)
            assert accepted.outcome == "accepted"
            requests = len(far_end.requests)
            for after in range(looks):
                late, _ = await send_late(vendor, far_end.address, after, reused)
                assert late.outcome == "not_sent"
                assert len(far_end.requests) == (requests := requests + reused)
            assert late.code == "too_late"

    @pytest.mark.parametrize(
        ("why", "error_class"),
        [
            ("opted_out", ErrorClass.OPTED_OUT),
            ("marketing_stopped", ErrorClass.RETRY_LATER),
            ("ledger_stale", ErrorClass.RETRY_LATER),
        ],
    )
    async def test_what_is_hindered_is_not_written(
        self, vendor: Vendor, over: Http, clock: ManualClock, why: str, error_class: ErrorClass
    ) -> None:
        async with vendor.far_end(Act(http(vendor.yes))) as far_end:
            result = await send(vendor, far_end.address, over, clock, hindrance=lambda: why)  # type: ignore[arg-type,return-value]
            assert result == SendResult(outcome="not_sent", error_class=error_class, code=why)
            await send(vendor, far_end.address, over, clock)  # whatever the first had written would have come by now
            assert len(far_end.requests) == 1

    async def test_between_the_last_look_and_the_write_nothing_else_is_done(
        self, vendor: Vendor, over: Http, clock: ManualClock
    ) -> None:
        written: list[bool] = []
        async with vendor.far_end(Act(http(vendor.yes))) as far_end:

            def look() -> None:
                asyncio.get_running_loop().call_soon(lambda: written.append(far_end.unread))

            await send(vendor, far_end.address, over, clock)  # the connection is there from now on
            await send(vendor, far_end.address, over, clock, hindrance=look)
        assert written == [True]

    # In doubt.

    @pytest.mark.parametrize("then", ["close", "reset"])
    async def test_a_connection_that_ends_without_an_answer_leaves_it_in_doubt(
        self, vendor: Vendor, over: Http, clock: ManualClock, then: Literal["close", "reset"]
    ) -> None:
        async with vendor.far_end(Act(then=then)) as far_end:
            assert await send(vendor, far_end.address, over, clock) == unknown("reset")
            assert len(far_end.requests) == vendor.tries

    async def test_an_answer_that_does_not_come_leaves_it_in_doubt(self, vendor: Vendor, clock: ManualClock) -> None:
        impatient = Http(clock, answer_within=200 * MILLISECOND)
        async with vendor.far_end(Act()) as far_end:
            assert await send(vendor, far_end.address, impatient, clock) == unknown("timeout")
            assert len(far_end.requests) == vendor.tries
        await impatient.close()

    async def test_an_answer_that_does_not_end_leaves_it_in_doubt(self, vendor: Vendor, clock: ManualClock) -> None:
        impatient = Http(clock, answer_within=200 * MILLISECOND)
        async with vendor.far_end(Act(http(vendor.yes)[:-1])) as far_end:
            assert await send(vendor, far_end.address, impatient, clock) == unknown("timeout")
        await impatient.close()

    async def test_an_answer_cut_off_anywhere_leaves_it_in_doubt(
        self, vendor: Vendor, over: Http, clock: ManualClock
    ) -> None:
        whole = http(vendor.yes)
        acts = [Act(whole[:cut], "close") for cut in range(len(whole)) for _ in range(vendor.tries)]
        async with vendor.far_end(*acts) as far_end:
            for _ in range(len(whole)):
                result = await send(vendor, far_end.address, over, clock)
                assert result.outcome == "unknown"

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    async def test_a_redirect_is_not_followed(
        self, vendor: Vendor, over: Http, clock: ManualClock, status: int
    ) -> None:
        async with vendor.far_end(Act(http(vendor.yes))) as elsewhere:
            redirect = http(b"", status, f"Location: {elsewhere.address}/\r\n")
            async with vendor.far_end(Act(redirect)) as far_end:
                assert await send(vendor, far_end.address, over, clock) == unknown(f"http_{status}")
                assert len(far_end.requests) == vendor.tries
            assert elsewhere.connections == 0

    @pytest.mark.parametrize("status", [201, 204, 400, 403, 404, 413, 429, 500, 502, 503, 504])
    async def test_a_page_of_some_machine_on_the_way_leaves_it_in_doubt(
        self, vendor: Vendor, over: Http, clock: ManualClock, status: int
    ) -> None:
        page = b"" if status == 204 else PAGE
        async with vendor.far_end(Act(http(page, status))) as far_end:
            assert await send(vendor, far_end.address, over, clock) == unknown(f"http_{status}")

    @pytest.mark.parametrize("status", [201, 202, 400, 500, 502])
    async def test_a_yes_with_the_wrong_status_leaves_it_in_doubt(
        self, vendor: Vendor, over: Http, clock: ManualClock, status: int
    ) -> None:
        async with vendor.far_end(Act(http(vendor.yes, status))) as far_end:
            assert await send(vendor, far_end.address, over, clock) == unknown(f"http_{status}")

    async def test_an_endless_answer_is_not_read_to_its_end(
        self, vendor: Vendor, over: Http, clock: ManualClock
    ) -> None:
        endless = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b" " * 500_000
        async with vendor.far_end(Act(endless)) as far_end:
            assert await send(vendor, far_end.address, over, clock) == unknown("too_long")

    @pytest.mark.parametrize(
        "answer",
        [
            b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
            b"HTTP/1.1 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        ],
    )
    async def test_what_is_no_http_leaves_it_in_doubt(
        self, vendor: Vendor, over: Http, clock: ManualClock, answer: bytes
    ) -> None:
        async with vendor.far_end(Act(answer, "close")) as far_end:
            assert (await send(vendor, far_end.address, over, clock)).outcome == "unknown"

    async def test_a_compressed_answer_was_not_asked_for(self, vendor: Vendor, over: Http, clock: ManualClock) -> None:
        squeezed = http(gzip.compress(vendor.yes), headers="Content-Encoding: gzip\r\n")
        async with vendor.far_end(Act(squeezed)) as far_end:
            assert await send(vendor, far_end.address, over, clock) == unknown("nonsense")
            assert b"Accept-Encoding" not in far_end.requests[0]

    @settings(max_examples=200, suppress_health_check=INHERITED, deadline=None)
    @given(st.data())
    async def test_no_nonsense_is_taken_for_a_yes(self, vendor: Vendor, data: st.DataObject) -> None:
        body = data.draw(nonsense(vendor.yes))
        clock = ManualClock()
        over = Http(clock)
        async with vendor.far_end(Act(http(body), "close")) as far_end:
            result = await send(vendor, far_end.address, over, clock)
        await over.close()
        assert result.outcome == "unknown", body

    @settings(max_examples=100, suppress_health_check=INHERITED, deadline=None)
    @given(st.data())
    async def test_whatever_bytes_come_nothing_is_raised(self, vendor: Vendor, data: st.DataObject) -> None:
        answer = data.draw(garbled(http(vendor.no, vendor.no_status)))
        clock = ManualClock()
        over = Http(clock, answer_within=50 * MILLISECOND)
        async with vendor.far_end(Act(answer, "close")) as far_end:
            result = await send(vendor, far_end.address, over, clock)
        await over.close()
        assert result.outcome in ("unknown", "rejected"), answer

    # Neither.

    async def test_the_vendors_yes_and_no_are_its_own(self, vendor: Vendor, over: Http, clock: ManualClock) -> None:
        async with vendor.far_end(Act(http(vendor.yes)), Act(http(vendor.no, vendor.no_status))) as far_end:
            yes = await send(vendor, far_end.address, over, clock)
            no = await send(vendor, far_end.address, over, clock)
        assert yes == SendResult(outcome="accepted", message_id=vendor.message_id)
        assert no == SendResult(outcome="rejected", error_class=vendor.error_class, code=vendor.code)

    async def test_it_goes_over_tls(self, vendor: Vendor, clock: ManualClock) -> None:
        theirs, trusting = self_signed()
        secure = Http(clock, tls=trusting)
        async with vendor.far_end(Act(http(vendor.yes)), Act(then="reset"), tls=theirs) as far_end:
            assert (await send(vendor, far_end.address, secure, clock)).outcome == "accepted"
            assert await send(vendor, far_end.address, secure, clock) == unknown("reset")
            assert (far_end.connections, len(far_end.requests)) == (vendor.tries, 1 + vendor.tries)
        await secure.close()

    # A connection that is used again.

    async def test_a_connection_that_was_closed_while_idle_is_not_used(
        self, vendor: Vendor, over: Http, clock: ManualClock
    ) -> None:
        async with vendor.far_end(Act(http(vendor.yes), "close")) as far_end:
            for count in range(1, 4):
                assert (await send(vendor, far_end.address, over, clock)).outcome == "accepted"
                assert (far_end.connections, len(far_end.requests)) == (count, count)
                await far_end.deserted()

    @pytest.mark.parametrize("whole", [True, False])
    async def test_what_nobody_asked_for_is_no_answer_to_the_next_message(
        self, vendor: Vendor, over: Http, clock: ManualClock, whole: bool
    ) -> None:
        async with vendor.far_end(Act(http(vendor.yes)), Act(http(vendor.no, vendor.no_status))) as far_end:
            assert (await send(vendor, far_end.address, over, clock)).outcome == "accepted"
            far_end.interject(http(vendor.yes)[: None if whole else -9])
            for _ in range(9):
                await asyncio.sleep(0)  # over loopback it is there at once, and read in the loop's next rounds
            assert await send(vendor, far_end.address, over, clock) == not_sent("connection_spoilt")
            assert (await send(vendor, far_end.address, over, clock)).outcome == "rejected"

    async def test_many_at_once_are_each_sent_once(self, vendor: Vendor, over: Http, clock: ManualClock) -> None:
        async with vendor.far_end(Act(http(vendor.yes))) as far_end:
            results = await asyncio.gather(*(send(vendor, far_end.address, over, clock) for _ in range(200)))
            assert {result.outcome for result in results} == {"accepted"}
            assert len(far_end.requests) == 200

    # What is personal.

    async def test_what_is_personal_does_not_show_itself(
        self, vendor: Vendor, over: Http, clock: ManualClock, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(0)
        request = vendor.message(clock)
        shown = [repr(request), repr(vendor.gateway("http://nobody.invalid", over, clock))]
        echoed = " ".join(vendor.personal).encode()
        acts = Act(then="reset"), Act(http(echoed, 500)), Act(http(vendor.yes)[:-1], "close")
        async with vendor.far_end(*acts) as far_end:
            for _ in acts:
                shown.append(repr(await send(vendor, far_end.address, over, clock, request)))  # noqa: PERF401
        shown.append(repr(await send(vendor, "http://nobody.invalid", over, clock, request)))
        assert not any(word in " ".join([*shown, caplog.text]) for word in vendor.personal)


class SmsGatewayContract(GatewayContract):
    """Of text messages: nothing is ever repeated, but there is somebody to ask."""

    @pytest.mark.parametrize("then", ["close", "reset"])
    async def test_what_a_reused_connection_swallows_is_in_doubt_and_not_repeated(
        self, vendor: Vendor, over: Http, clock: ManualClock, then: Literal["close", "reset"]
    ) -> None:
        async with vendor.far_end(Act(http(vendor.yes)), Act(then=then), Act(http(vendor.yes))) as far_end:
            assert (await send(vendor, far_end.address, over, clock)).outcome == "accepted"
            assert await send(vendor, far_end.address, over, clock) == unknown("reset")
            assert (far_end.connections, len(far_end.requests)) == (1, 2)

    @pytest.mark.parametrize(
        "act",
        [Act(then="reset"), Act(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "close"), Act(http(PAGE, 502))],
    )
    async def test_a_question_that_is_not_answered_teaches_nothing(
        self, vendor: SmsVendor, over: Http, clock: ManualClock, act: Act
    ) -> None:
        async with vendor.far_end(act) as far_end:
            gateway = vendor.gateway(far_end.address, over, clock)
            result = await gateway.query(a_question(clock))
        assert result.found == "unanswered"

    async def test_a_question_that_finds_nobody_teaches_nothing(
        self, vendor: SmsVendor, over: Http, clock: ManualClock
    ) -> None:
        with unused() as port:
            gateway = vendor.gateway(f"http://127.0.0.1:{port.getsockname()[1]}", over, clock)
            assert (await gateway.query(a_question(clock))).found == "unanswered"

    async def test_a_question_does_not_show_whose_it_is(self, clock: ManualClock) -> None:
        assert NUMBER[3:] not in repr(a_question(clock))

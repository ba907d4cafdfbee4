"""E-mail: what becomes of connections."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from schemas.calls import ErrorClass, SendResult
from schemas.times import MILLISECOND
from tests.clock import ManualClock
from tests.far_end import Act
from tests.gateways import unhindered, unknown
from tests.mail_far_end import GOOD, MAIL, MailFarEnd
from tests.unit.smtp_gateways import ACCEPTED, Gateways, a_mail


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def gateways(clock: ManualClock) -> AsyncIterator[Gateways]:
    made = Gateways(clock)
    yield made
    await made.close()


async def test_a_server_that_knows_no_ehlo_is_greeted_as_of_old(gateways: Gateways) -> None:
    async with MailFarEnd({"EHLO": Act(b"502 what?\r\n"), "HELO": Act(b"250 hello\r\n")}) as far_end:
        assert await gateways.send(far_end.port) == ACCEPTED


async def test_mails_one_after_another_share_a_connection(gateways: Gateways, clock: ManualClock) -> None:
    async with MailFarEnd() as far_end:
        gateway = gateways.to(far_end.port)
        for _ in range(3):
            assert await gateway.send(a_mail(clock), unhindered) == ACCEPTED
        assert (far_end.connections, len(far_end.mails)) == (1, 3)


async def test_a_connection_outlives_a_no_and_begins_anew(gateways: Gateways, clock: ManualClock) -> None:
    no = [Act(b"550 no such user\r\n"), Act(GOOD["RCPT"])]
    async with MailFarEnd({"RCPT": no}) as far_end:
        gateway = gateways.to(far_end.port)
        assert (await gateway.send(a_mail(clock), unhindered)).error_class is ErrorClass.BAD_NUMBER
        assert await gateway.send(a_mail(clock), unhindered) == ACCEPTED
        assert far_end.connections == 1
        verbs = [command.split(" ")[0] for command in far_end.commands]
        assert verbs == ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "DATA"]


async def test_a_connection_of_which_something_is_unclear_is_not_used_again(
    gateways: Gateways, clock: ManualClock
) -> None:
    acts = [Act(), Act(GOOD[MAIL])]
    async with MailFarEnd({MAIL: acts}) as far_end:
        gateway = gateways.to(far_end.port, answer_within=100 * MILLISECOND)
        assert await gateway.send(a_mail(clock), unhindered) == unknown("timeout")
        assert await gateway.send(a_mail(clock), unhindered) == ACCEPTED
        assert far_end.connections == 2


async def test_a_connection_that_the_server_ended_is_replaced_unnoticed(gateways: Gateways, clock: ManualClock) -> None:
    async with MailFarEnd() as far_end:
        gateway = gateways.to(far_end.port)
        for connections in (1, 2, 3):
            assert await gateway.send(a_mail(clock), unhindered) == ACCEPTED
            assert far_end.connections == connections
            far_end.hang_up()
    async with MailFarEnd({"RSET": Act(b"421 you were away too long\r\n", "close")}) as far_end:
        gateway = gateways.to(far_end.port)
        for connections in (1, 2, 3):
            assert await gateway.send(a_mail(clock), unhindered) == ACCEPTED
            assert far_end.connections == connections


async def test_an_idle_connection_takes_its_leave(gateways: Gateways, clock: ManualClock) -> None:
    async with MailFarEnd() as far_end:
        assert await gateways.send(far_end.port, idle_seconds=0.05) == ACCEPTED
        await far_end.deserted()
        assert far_end.commands[-1] == "QUIT"


async def test_a_closed_gateway_leaves_no_connection(gateways: Gateways, clock: ManualClock) -> None:
    async with MailFarEnd() as far_end:
        gateway = gateways.to(far_end.port)
        results = await asyncio.gather(*(gateway.send(a_mail(clock), unhindered) for _ in range(3)))
        assert results == [ACCEPTED] * 3
        await gateway.close()
        await far_end.deserted()
        assert far_end.commands.count("QUIT") == far_end.connections == 3


async def test_no_more_mails_are_under_way_at_once_than_there_are_places(
    gateways: Gateways, clock: ManualClock
) -> None:
    async with MailFarEnd() as far_end:
        gateway = gateways.to(far_end.port, most=2)
        results = await asyncio.gather(*(gateway.send(a_mail(clock), unhindered) for _ in range(8)))
        assert results == [ACCEPTED] * 8
        assert far_end.connections == 2


async def test_what_gets_no_place_in_time_is_not_the_servers_fault(gateways: Gateways, clock: ManualClock) -> None:
    async with MailFarEnd({MAIL: Act()}) as far_end:
        gateway = gateways.to(far_end.port, most=1, answer_within=600 * MILLISECOND)
        first = asyncio.ensure_future(gateway.send(a_mail(clock), unhindered))
        await far_end.handed_in()
        late = await gateway.send(a_mail(clock, call_by=clock.now() + 200 * MILLISECOND), unhindered)
        assert late == SendResult(outcome="not_sent", error_class=ErrorClass.RATE_LIMITED, code="busy")
        assert await first == unknown("timeout")


async def test_a_send_that_is_cancelled_leaves_no_connection(gateways: Gateways, clock: ManualClock) -> None:
    async with MailFarEnd({MAIL: Act()}) as far_end:
        sending = asyncio.ensure_future(gateways.send(far_end.port))
        await far_end.handed_in()
        sending.cancel()
        await far_end.deserted()
        assert sending.cancelled()

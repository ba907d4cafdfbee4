"""E-mail: what is surely not sent, what is in doubt, and what a server's no means."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Literal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agents.gateways.smtp import SmtpGateway
from schemas.calls import ErrorClass, SendResult
from schemas.times import MILLISECOND, SECOND
from streams.mail_settings import MailServer
from tests.certificate import self_signed
from tests.clock import ManualClock
from tests.far_end import Act, unused
from tests.gateways import not_sent, unhindered, unknown
from tests.mail_far_end import GOOD, GREETING, MAIL, STEPS, MailFarEnd
from tests.unit.smtp_gateways import ACCEPTED, SENDER, Gateways, a_mail

BEFORE_THE_MAIL = STEPS[:-1]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def gateways(clock: ManualClock) -> AsyncIterator[Gateways]:
    made = Gateways(clock)
    yield made
    await made.close()


# Surely not sent.


async def test_where_nobody_listens_nothing_is_sent(gateways: Gateways) -> None:
    with unused() as port:
        assert await gateways.send(port.getsockname()[1]) == not_sent("connect_failed")


async def test_a_name_that_does_not_resolve_sends_nothing(gateways: Gateways) -> None:
    assert await gateways.send(25, host="nobody.invalid") == not_sent("dns_failed")


async def test_an_authority_that_is_not_ours_is_sent_nothing(gateways: Gateways) -> None:
    theirs, _ = self_signed()
    async with MailFarEnd(tls=theirs) as far_end:
        assert await gateways.send(far_end.port, tls="implicit") == not_sent("tls_failed")
        assert far_end.commands == []


async def test_what_does_not_speak_tls_is_sent_nothing(gateways: Gateways) -> None:
    async with MailFarEnd() as far_end:
        assert await gateways.send(far_end.port, tls="implicit") == not_sent("tls_failed")
        assert far_end.commands == []


async def test_without_the_tls_that_is_required_nothing_goes_not_even_a_password(
    gateways: Gateways, clock: ManualClock
) -> None:
    async with MailFarEnd({"EHLO": Act(b"250-far.end\r\n250 AUTH PLAIN\r\n")}) as far_end:
        server = MailServer("127.0.0.1", far_end.port, "required", "user", "pass")
        gateway = SmtpGateway(server, SENDER, clock)
        result = await gateway.send(a_mail(clock), unhindered)
        assert result == SendResult(
            outcome="rejected", error_class=ErrorClass.CONFIGURATION, code="starttls_not_offered"
        )
        assert [command.split(" ")[0] for command in far_end.commands] == ["EHLO"]


async def test_a_server_that_does_not_greet_in_time_is_sent_nothing(gateways: Gateways, clock: ManualClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        request = a_mail(clock, call_by=clock.now() + 200 * MILLISECOND)
        assert await gateways.send(silent.getsockname()[1], request) == not_sent("connect_timeout")


@pytest.mark.parametrize("step", BEFORE_THE_MAIL)
async def test_a_reply_that_does_not_come_in_time_sends_nothing(
    gateways: Gateways, clock: ManualClock, step: str
) -> None:
    request = a_mail(clock, call_by=clock.now() + 200 * MILLISECOND)
    async with MailFarEnd({step: Act()}) as far_end:
        connected = step not in (GREETING, "EHLO")
        assert await gateways.send(far_end.port, request) == not_sent(
            "reply_timeout" if connected else "connect_timeout"
        )
        assert far_end.mails == []


@pytest.mark.parametrize("then", ["close", "reset"])
@pytest.mark.parametrize("step", BEFORE_THE_MAIL)
async def test_a_connection_that_ends_before_the_mail_sends_nothing(
    gateways: Gateways, step: str, then: Literal["close", "reset"]
) -> None:
    async with MailFarEnd({step: Act(then=then)}) as far_end:
        connected = step not in (GREETING, "EHLO")
        assert await gateways.send(far_end.port) == not_sent("reset" if connected else "connect_failed")
        assert far_end.mails == []


@pytest.mark.parametrize("reply", [b"hello\r\n", b"\xff\xfe\r\n", b"999 what\r\n", b"200\r\n", b"x" * 40_000])
@pytest.mark.parametrize("step", BEFORE_THE_MAIL)
async def test_nonsense_before_the_mail_sends_nothing(gateways: Gateways, step: str, reply: bytes) -> None:
    async with MailFarEnd({step: Act(reply)}) as far_end:
        assert await gateways.send(far_end.port) == not_sent("nonsense")
        assert far_end.mails == []


async def test_what_comes_too_late_does_not_even_connect(gateways: Gateways, clock: ManualClock) -> None:
    async with MailFarEnd() as far_end:
        assert await gateways.send(far_end.port, a_mail(clock, call_by=clock.now())) == not_sent("too_late")
        assert far_end.connections == 0


@pytest.mark.parametrize("reused", [False, True])
async def test_whenever_it_gets_too_late_before_the_mail_none_is_written(reused: bool) -> None:
    async with MailFarEnd() as far_end:
        accepted, looks = await _send_late(far_end.port, 1_000, reused)
        assert accepted.outcome == "accepted"
        mails = len(far_end.mails)
        for after in range(looks):
            late, _ = await _send_late(far_end.port, after, reused)
            assert (late.outcome, late.error_class) == ("not_sent", ErrorClass.UNREACHABLE)
            assert len(far_end.mails) == (mails := mails + reused)
        assert late.code == "too_late"


class _LateClock(ManualClock):
    """Jumps by 5 s when it has been looked at ``left`` times more."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 1_000
        self.looks = 0

    def now(self) -> int:
        self.looks += 1
        self.left -= 1
        return self.at + 5 * SECOND if self.left < 0 else self.at


async def _send_late(port: int, after_looks: int, reused: bool) -> tuple[SendResult, int]:
    clock = _LateClock()
    gateway = SmtpGateway(MailServer("127.0.0.1", port, "never"), SENDER, clock)
    if reused:
        await gateway.send(a_mail(clock), unhindered)
    request = a_mail(clock)
    clock.looks, clock.left = 0, after_looks
    result = await gateway.send(request, unhindered)
    await gateway.close()
    return result, clock.looks


@pytest.mark.parametrize("lets_pass", [0, 1])
@pytest.mark.parametrize(
    ("why", "error_class"), [("opted_out", ErrorClass.OPTED_OUT), ("ledger_stale", ErrorClass.RETRY_LATER)]
)
async def test_what_is_hindered_is_not_written(
    gateways: Gateways, why: Literal["opted_out", "ledger_stale"], error_class: ErrorClass, lets_pass: int
) -> None:
    asked = 0

    def hindrance() -> Literal["opted_out", "ledger_stale"] | None:
        nonlocal asked
        asked += 1
        return why if asked > lets_pass else None

    async with MailFarEnd() as far_end:
        result = await gateways.send(far_end.port, hindrance=hindrance)
        assert result == SendResult(outcome="not_sent", error_class=error_class, code=why)
        await far_end.deserted()
        assert far_end.mails == []
        assert ("DATA" in far_end.commands) == bool(lets_pass)


async def test_between_the_last_look_and_the_write_nothing_else_is_done(gateways: Gateways) -> None:
    written: list[bool] = []

    async with MailFarEnd() as far_end:

        def look() -> None:
            asyncio.get_running_loop().call_soon(lambda: written.append(far_end.unread))

        assert await gateways.send(far_end.port, hindrance=look) == ACCEPTED
    assert written == [True, True]


# In doubt.


@pytest.mark.parametrize("then", ["close", "reset"])
async def test_a_connection_that_ends_after_the_mail_leaves_it_in_doubt(
    gateways: Gateways, then: Literal["close", "reset"]
) -> None:
    async with MailFarEnd({MAIL: Act(then=then)}) as far_end:
        assert await gateways.send(far_end.port) == unknown("reset")
        assert (far_end.connections, len(far_end.mails)) == (1, 1)


async def test_a_reply_to_the_mail_that_does_not_come_leaves_it_in_doubt(gateways: Gateways) -> None:
    async with MailFarEnd({MAIL: Act()}) as far_end:
        assert await gateways.send(far_end.port, answer_within=200 * MILLISECOND) == unknown("timeout")
        assert (far_end.connections, len(far_end.mails)) == (1, 1)


async def test_the_reply_to_the_mail_is_waited_for_longer_than_the_mail_itself(
    gateways: Gateways, clock: ManualClock
) -> None:
    request = a_mail(clock, call_by=clock.now() + 200 * MILLISECOND)
    async with MailFarEnd({MAIL: Act()}) as far_end:
        sending = asyncio.ensure_future(gateways.send(far_end.port, request, answer_within=700 * MILLISECOND))
        began = asyncio.get_running_loop().time()
        assert await sending == unknown("timeout")
        assert asyncio.get_running_loop().time() - began >= 0.7


async def test_a_reply_to_the_mail_cut_off_anywhere_leaves_it_in_doubt(gateways: Gateways) -> None:
    whole = GOOD[MAIL]
    acts = [Act(whole[:cut], "close") for cut in range(len(whole))]
    async with MailFarEnd({MAIL: acts}) as far_end:
        for cut in range(len(whole)):
            assert (await gateways.send(far_end.port)).outcome == "unknown"
            assert len(far_end.mails) == cut + 1


NONSENSE = st.one_of(
    st.binary(max_size=40),
    st.integers(0, 999).map(lambda code: f"{code} what\r\n".encode()),
    st.sampled_from([b"250-half\r\n", b"\r\n", b"25", b"250ok", b"2500 ok\r\n", b"354 more\r\n", b"x" * 40_000]),
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NONSENSE)
@example(b"250-half\r\n")
@example(b"550 no\r\n")
@example(b" 250 ok\r\n")
async def test_only_a_yes_is_a_yes(reply: bytes) -> None:
    clock = ManualClock()
    async with MailFarEnd({MAIL: Act(reply, "close")}) as far_end:
        gateway = SmtpGateway(MailServer("127.0.0.1", far_end.port, "never"), SENDER, clock)
        result = await gateway.send(a_mail(clock), unhindered)
        await gateway.close()
    assert result.outcome in ("accepted", "rejected", "unknown")
    if result.outcome == "accepted":
        assert reply.startswith(b"250")
    if result.outcome == "rejected":
        assert reply[:1] in (b"4", b"5")
        assert result.code is not None
        assert result.code.replace("-", "").replace(".", "").isdecimal()


# A server's no.


@pytest.mark.parametrize(
    ("step", "reply", "error_class", "code"),
    [
        (GREETING, b"421 4.3.2 going down\r\n", ErrorClass.RETRY_LATER, "421-4.3.2"),
        (GREETING, b"554 no service for you\r\n", ErrorClass.CONFIGURATION, "554"),
        ("EHLO", b"421 later\r\n", ErrorClass.RETRY_LATER, "421"),
        ("EHLO", b"550 not you\r\n", ErrorClass.CONFIGURATION, "550"),
        ("MAIL", b"421 too much\r\n", ErrorClass.RETRY_LATER, "421"),
        ("MAIL", b"530 5.7.0 log in first\r\n", ErrorClass.CONFIGURATION, "530-5.7.0"),
        ("MAIL", b"553 mail from must equal authorized user\r\n", ErrorClass.CONFIGURATION, "553"),
        ("RCPT", b"550 5.1.1 zhang.san@customer.example?\r\n", ErrorClass.BAD_NUMBER, "550-5.1.1"),
        ("RCPT", b"550 no such user\r\n", ErrorClass.BAD_NUMBER, "550"),
        ("RCPT", b"550-5.1.1 no\r\n550 5.1.1 such user\r\n", ErrorClass.BAD_NUMBER, "550-5.1.1"),
        ("RCPT", b"450 4.2.1 busy\r\n", ErrorClass.NUMBER_UNAVAILABLE, "450-4.2.1"),
        ("RCPT", b"451 4.7.1 greylisted\r\n", ErrorClass.NUMBER_UNAVAILABLE, "451-4.7.1"),
        ("RCPT", b"452 4.2.2 full\r\n", ErrorClass.NUMBER_UNAVAILABLE, "452-4.2.2"),
        ("RCPT", b"452 4.3.1 no room here\r\n", ErrorClass.RETRY_LATER, "452-4.3.1"),
        ("RCPT", b"421 bye\r\n", ErrorClass.RETRY_LATER, "421"),
        ("RCPT", b"554 5.7.1 relay denied\r\n", ErrorClass.UNKNOWN, "554-5.7.1"),
        ("DATA", b"451 4.3.0 not now\r\n", ErrorClass.RETRY_LATER, "451-4.3.0"),
        ("DATA", b"554 no valid recipients\r\n", ErrorClass.UNKNOWN, "554"),
        (MAIL, b"451 4.3.0 not now\r\n", ErrorClass.RETRY_LATER, "451-4.3.0"),
        (MAIL, b"550 5.7.1 spam\r\n", ErrorClass.CONTENT, "550-5.7.1"),
        (MAIL, b"554 DT:SPM\r\n", ErrorClass.CONTENT, "554"),
        (MAIL, b"552 5.3.4 too big\r\n", ErrorClass.CONTENT, "552-5.3.4"),
        (MAIL, b"550 5.7.26 DMARC\r\n", ErrorClass.CONFIGURATION, "550-5.7.26"),
        (MAIL, b"550 5.4.5 a day's allowance\r\n", ErrorClass.DAY_LIMIT, "550-5.4.5"),
        (MAIL, b"421 4.7.0 slow down\r\n", ErrorClass.RETRY_LATER, "421-4.7.0"),
    ],
)
async def test_a_no_is_known_by_step_and_codes(
    gateways: Gateways, step: str, reply: bytes, error_class: ErrorClass, code: str
) -> None:
    async with MailFarEnd({step: Act(reply)}) as far_end:
        assert await gateways.send(far_end.port) == SendResult(outcome="rejected", error_class=error_class, code=code)


@pytest.mark.parametrize(
    "to", ["", "zhang", "zhang@", "@shop.example", "a b@c.example", "a@b@c", "张三@shop.example", "a@b..c",
           "a@b\r\nRCPT TO:<evil@x.example>", "<a@b.example>", "a@b.example>", "a@" + "x" * 64 + ".example"],
)  # fmt: skip
async def test_what_is_no_address_never_reaches_the_server(gateways: Gateways, clock: ManualClock, to: str) -> None:
    async with MailFarEnd() as far_end:
        result = await gateways.to(far_end.port).send(a_mail(clock, to=to), unhindered)
        assert result == SendResult(outcome="not_sent", error_class=ErrorClass.BAD_NUMBER, code="bad_address")
        assert far_end.connections == 0

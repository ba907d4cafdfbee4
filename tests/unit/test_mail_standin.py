"""The gateway against the mail stand-in, which reads mails with code of its own."""

import asyncio
import logging
import ssl
import sys
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agents.gateways.smtp import SmtpGateway
from orderbell.standins.mail.server import Fault, MailStandIn, Step
from schemas.calls import ErrorClass, MailRequest, SendResult
from schemas.times import MILLISECOND, SECOND, instant
from streams.mail_settings import Sender, Tls, mail_server
from tests.certificate import self_signed
from tests.clock import ManualClock
from tests.gateways import not_sent, unhindered, unknown
from tests.unit.upstream_words import ANY_CHARACTER, NASTY

TO = "zhang.san@customer.example"
SENDER = Sender("寄卖行", "service@shop.example")
ACCEPTED = SendResult(outcome="accepted", message_id="C1.N1.1@shop.example")
USERS = {"shop@x": "p%40ss:/word"}
LOGIN = "shop%40x:p%2540ss%3A%2Fword@"


@pytest.fixture
async def standin() -> AsyncIterator[MailStandIn]:
    made = MailStandIn()
    yield made
    await made.stop()


def a_mail(**changed: Any) -> MailRequest:
    fields: dict[str, Any] = {
        "to": TO,
        "subject": "订单A-1001已取消，退款5000.00元",
        "plain": "您好，\n订单A-1001已取消。",
        "html": '<html lang="zh-CN"><p>您好</p></html>',
        "out_id": "C1.N1.1",
        "call_by": ManualClock().now() + 5 * SECOND,
    }
    return MailRequest(**(fields | changed))


async def send(
    standin: MailStandIn,
    *requests: MailRequest,
    login: str = "",
    starttls: Tls = "never",
    tls: ssl.SSLContext | None = None,
    sender: Sender = SENDER,
    answer_within: int = 10 * SECOND,
) -> list[SendResult]:
    """What comes of mails, one after another."""
    url = (await standin.start()).replace("://", f"://{login}")
    server = mail_server(url if url.startswith("smtps") else f"{url}?starttls={starttls}")
    gateway = SmtpGateway(server, sender, ManualClock(), tls=tls, answer_within=answer_within)
    results = [await gateway.send(request, unhindered) for request in requests or (a_mail(),)]
    await gateway.close()
    return results


async def test_a_mail_arrives_as_it_was_written(standin: MailStandIn) -> None:
    assert await send(standin) == [ACCEPTED]
    [mail] = standin.mails
    assert (mail.sender, mail.to) == ("service@shop.example", TO)
    assert mail.header_from == "寄卖行 <service@shop.example>"
    assert mail.header_to == TO
    assert mail.subject == "订单A-1001已取消，退款5000.00元"
    assert mail.plain == "您好，\n订单A-1001已取消。"
    assert mail.html == '<html lang="zh-CN"><p>您好</p></html>'
    assert mail.message_id == "C1.N1.1@shop.example"
    assert mail.date == instant(ManualClock().now()).strftime("%a, %d %b %Y %H:%M:%S +0000")


WORDS = st.lists(st.text(ANY_CHARACTER, max_size=30) | NASTY, max_size=8).map("".join)


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WORDS, WORDS, WORDS, st.from_regex(r"[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}\.[1-9][0-9]{0,5}", fullmatch=True))
@example("订单\r\nBcc: evil@x.example", "a\r\n.\r\nMAIL FROM:<x@y.example>\r\n", "\r\n.\r\n", "C.N.1")
@example("=?utf-8?b?5Y2V?=", "..\n.\n\n", "--=_orderbell--", "C" * 64 + "." + "N" * 64 + ".999999")
async def test_whatever_is_in_it_a_mail_stays_one_mail_with_its_words(
    subject: str, plain: str, html: str, out_id: str
) -> None:
    standin = MailStandIn()
    request = a_mail(subject=subject, plain=plain, html=html, out_id=out_id)
    [result] = await send(standin, request, sender=Sender('Shop, "Inc" <x>', "service@shop.example"))
    await standin.stop()
    assert result == SendResult(outcome="accepted", message_id=f"{out_id}@shop.example"), standin.refused
    [mail] = standin.mails
    assert (mail.to, mail.header_to) == (TO, TO)
    assert mail.plain == "\n".join(readable(plain).replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    assert mail.html == "\n".join(readable(html).replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    if subject.isprintable():
        assert " ".join(mail.subject.split()) == " ".join(subject.split())


def readable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@pytest.mark.parametrize("name", ["某商城", "Shop, Inc", "寄卖行（华东）", ""])
async def test_the_senders_name_is_shown_as_it_is(standin: MailStandIn, name: str) -> None:
    await send(standin, sender=Sender(name, "service@shop.example"))
    shown = f'"{name}"' if "," in name else name
    assert standin.mails[0].header_from == f"{shown} <service@shop.example>".strip().replace(
        "<service@shop.example>", "<service@shop.example>" if name else "service@shop.example"
    )


async def test_a_login_that_is_right_is_enough_for_many_mails(standin: MailStandIn) -> None:
    standin = MailStandIn(USERS)
    assert await send(standin, a_mail(), a_mail(), login=LOGIN) == [ACCEPTED] * 2
    assert standin.connections == 1
    await standin.stop()


@pytest.mark.parametrize(("login", "code"), [("shop%40x:wrong@", "535-5.7.8"), ("", "530-5.7.0")])
async def test_a_login_that_is_refused_or_missing_is_ours_to_mend(login: str, code: str) -> None:
    standin = MailStandIn(USERS)
    [result] = await send(standin, login=login)
    assert result.outcome == "rejected"
    assert (result.error_class, result.code) == (ErrorClass.CONFIGURATION, code)
    assert standin.mails == []
    await standin.stop()


async def test_a_login_where_there_is_none_is_ours_to_mend(standin: MailStandIn) -> None:
    [result] = await send(standin, login=LOGIN)
    assert result == SendResult(outcome="rejected", error_class=ErrorClass.CONFIGURATION, code="login_not_offered")


@pytest.mark.parametrize("starttls", ["required", "if-offered"])
async def test_by_starttls_the_login_is_hidden(starttls: Tls) -> None:
    theirs, ours = self_signed()
    standin = MailStandIn(USERS, starttls=theirs)
    assert await send(standin, login=LOGIN, starttls=starttls, tls=ours) == [ACCEPTED]
    await standin.stop()


async def test_tls_from_the_first_byte() -> None:
    theirs, ours = self_signed()
    standin = MailStandIn(USERS, implicit_tls=theirs)
    assert await send(standin, a_mail(), a_mail(), login=LOGIN, tls=ours) == [ACCEPTED] * 2
    await standin.stop()


@pytest.mark.parametrize("starttls", ["required", "if-offered"])
async def test_by_starttls_too_an_authority_that_is_not_ours_is_sent_nothing(starttls: Tls) -> None:
    theirs, _ = self_signed()
    standin = MailStandIn(USERS, starttls=theirs)
    assert await send(standin, login=LOGIN, starttls=starttls) == [not_sent("tls_failed")]
    assert standin.mails == []
    await standin.stop()


async def test_starttls_is_not_taken_where_it_is_never_asked_for(standin: MailStandIn) -> None:
    theirs, _ = self_signed()
    standin = MailStandIn(starttls=theirs)
    [result] = await send(standin)
    assert (result.error_class, result.code) == (ErrorClass.CONFIGURATION, "530")
    await standin.stop()


@pytest.mark.parametrize(
    ("fate", "error_class", "code"),
    [
        ("550 5.1.1 no such mailbox", ErrorClass.BAD_NUMBER, "550-5.1.1"),
        ("451 4.7.1 later", ErrorClass.NUMBER_UNAVAILABLE, "451-4.7.1"),
    ],
)
async def test_what_becomes_of_one_mailbox_is_nothing_to_another(
    standin: MailStandIn, fate: str, error_class: ErrorClass, code: str
) -> None:
    standin.fates[TO] = fate
    results = await send(standin, a_mail(), a_mail(to="li.si@customer.example"))
    assert results == [SendResult(outcome="rejected", error_class=error_class, code=code), ACCEPTED]
    assert [mail.to for mail in standin.mails] == ["li.si@customer.example"]
    assert standin.connections == 1


@pytest.mark.parametrize("taken", [False, True])
@pytest.mark.parametrize("how", ["hang", "reset", "close"])
async def test_what_may_have_been_taken_is_in_doubt_and_never_sent_again(
    standin: MailStandIn, how: Any, taken: bool
) -> None:
    standin.faults.append(Fault(how=how, taken=taken))
    code = "timeout" if how == "hang" else "reset"
    assert await send(standin, answer_within=300 * MILLISECOND) == [unknown(code)]
    assert len(standin.mails) == taken
    assert standin.connections == 1


@pytest.mark.parametrize("at", ["greeting", "sender", "recipient", "data"])
@pytest.mark.parametrize("how", ["reset", "close"])
async def test_a_connection_that_drops_before_the_mail_sends_nothing(standin: MailStandIn, how: Any, at: Step) -> None:
    standin.faults.append(Fault(how=how, at=at))
    [result, second] = await send(standin, a_mail(), a_mail())
    assert result == not_sent("connect_failed" if at == "greeting" else "reset")
    assert second == ACCEPTED
    assert len(standin.mails) == 1


async def test_a_slow_server_is_waited_for(standin: MailStandIn) -> None:
    standin.faults.extend(Fault(how="slow", at=at, seconds=0.2) for at in ("sender", "recipient", "data", "mail"))
    assert await send(standin) == [ACCEPTED]


async def test_no_address_is_logged(standin: MailStandIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "agents")
    caplog.set_level(logging.DEBUG, "aiosmtplib")
    caplog.set_level(logging.DEBUG, "asyncio")
    standin.fates[TO] = f"550 5.1.1 <{TO}> does not exist"
    standin.faults.append(Fault(how="reset"))
    results = await send(standin, a_mail(to="li.si@customer.example"), a_mail())
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("mail.")]
    assert "@customer" not in repr((results, ours))


async def test_as_a_process_it_tells_what_it_takes() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "orderbell.standins.mail", "--user", "u", "--password", "p",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    address = msgspec.json.decode(await process.stdout.readline())["address"].replace("://", "://u:p@")
    process.stdin.write(b'{"do": "fate", "address": "no@x.example", "reply": "550 5.1.1 no"}\n')
    gateway = SmtpGateway(mail_server(f"{address}?starttls=never"), SENDER, ManualClock())
    while (await gateway.send(a_mail(to="no@x.example"), unhindered)).outcome == "accepted":
        await process.stdout.readline()
    assert await gateway.send(a_mail(), unhindered) == ACCEPTED
    told = msgspec.json.decode(await process.stdout.readline())
    assert (told["is"], told["to"], told["subject"]) == ("mail", TO, a_mail().subject)
    process.stdin.close()
    assert await process.wait() == 0
    await gateway.close()

"""The mail server, as a simulated vendor: a dialogue in virtual time, with a temper.

A mail has no report: nobody tells whether it arrived, and nobody can be asked. What is refused is refused at once: the
sender, the mailbox, the mail itself, of which the stand-in says what it is to be like.
"""

import asyncio
import socket
import ssl
from contextvars import copy_context
from random import Random
from typing import Any

from agents.gateways.gateway import AnyGateway, Hindrance
from agents.gateways.smtp import SmtpGateway
from schemas.calls import MailRequest, SendResult
from schemas.rules import Provider
from streams.clock import Clock
from streams.mail_settings import MailServer, Sender
from tests.oracle.evidence import Attempt, Replied, Reported
from tests.simulation.mail_session import Handing, Session
from tests.simulation.mail_words import WORDS
from tests.simulation.moods import Moods
from tests.simulation.network import Connection, about
from tests.simulation.plan import Temper

NAME: Provider = "smtp"
_SERVER = MailServer("mail.test", 587, "never")
_SENDER = Sender("某商城", "service@shop.example")
_REFUSALS: dict[str, OSError] = {
    "connect_failed": ConnectionRefusedError(),
    "dns_failed": socket.gaierror(),
    "tls_failed": ssl.SSLError(),
}


class MailHost:
    """To be reached by its name: ``connect`` is for the loop."""

    def __init__(self, seed: int, temper: Temper, clock: Clock) -> None:
        self.host = _SERVER.host
        self._seed = f"{seed}/{NAME}"
        self._clock = clock
        self._context = copy_context()
        self._moods = Moods(self._seed, NAME, temper, WORDS, clock)
        self._mails: list[Handing] = []
        self.befell, self.disturbances = self._moods.befell, self._moods.disturbances
        self.reported: list[Reported] = []
        self.replied: list[Replied] = []

    def gateway(self) -> AnyGateway:
        """That of one worker: the real one, whose connections come here."""
        return _Noted(SmtpGateway(_SERVER, _SENDER, self._clock), self)

    @property
    def attempts(self) -> list[Attempt]:
        """Every mail that was written, and every one that was refused before."""
        return [
            Attempt(
                out_id=mail.out_id,
                number=mail.number,
                text=mail.text,
                begun_at=mail.begun_at,
                ended_at=mail.ended_at,
                taken=mail.taken,
                answer=mail.answer,
                code=mail.code,
                provider=NAME,
                channel="email",
            )
            for mail in self._mails
            if mail.written or mail.answer == "no"
        ]

    def expect(self, request: MailRequest) -> Handing:
        """Decides how the handing in of a mail will go."""
        random = Random(f"{self._seed}/{request.out_id}")
        mail = Handing(request.out_id, request.to, self._moods.course(random), random)
        self._mails.append(mail)
        return mail

    def ended(self, mail: Handing) -> None:
        """Whoever handed it in waits no more."""
        mail.ended_at = self._clock.now()

    async def connect(self, protocol_factory: Any) -> tuple[Connection, Any]:
        """As ``loop.create_connection`` does."""
        mail: Handing = about.get()
        await asyncio.sleep(mail.course.connects_after)
        if mail.course.refusal is not None:
            raise _REFUSALS[mail.course.refusal]
        protocol = protocol_factory()
        connection = Connection(protocol, lambda made: Session(made, self._clock, self._context))
        protocol.connection_made(connection)
        return connection, protocol


class _Noted:
    """A worker's gateway, of whose mails the host knows which is which."""

    def __init__(self, gateway: SmtpGateway, host: MailHost) -> None:
        self.name: str = gateway.name
        self._gateway = gateway
        self._host = host

    async def send(self, request: MailRequest, hindrance: Hindrance) -> SendResult:
        """Hands a mail in."""
        mail = self._host.expect(request)
        context = copy_context()
        context.run(about.set, mail)
        try:
            sending = self._gateway.send(request, hindrance)
            return await asyncio.get_running_loop().create_task(sending, context=context)
        finally:
            self._host.ended(mail)

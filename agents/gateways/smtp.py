"""E-mail as a gateway: one mail to one address, handed in at a mail server (RFC 5321).

The server has taken a mail when it says yes to the end of it. Until the mail's first byte is written it can't have;
what fails from there on without a reply leaves it in doubt, and is never repeated, since nobody can be asked.

What comes back later as a mail of its own (a bounce) goes to the sender's address, where nobody of ours reads it: a
mailbox that does not exist is known here only where the server says so at once.
"""

import asyncio
import socket
import ssl
from typing import Literal

import aiosmtplib

from agents.gateways.gateway import NOT_SENT, Hindrance
from agents.gateways.http import ANSWER_WITHIN, NotWritten
from agents.gateways.smtp_connections import IDLE_SECONDS, Connections, Refused
from agents.gateways.smtp_message import mailbox, message_id, written
from schemas.calls import ErrorClass, MailRequest, SendResult
from schemas.times import SECOND, Micros
from streams.clock import Clock
from streams.mail_settings import MailServer, Sender
from streams.policy.smtp_replies import Step, smtp_class, smtp_code

MOST = 5
"""How many mails are on their way at once, each on a connection of its own: servers refuse a client that has many."""

_GO_AHEAD, _TAKEN = 354, 250
_NOT_SENT = {**NOT_SENT, "busy": ErrorClass.RATE_LIMITED}
_END = b".\r\n"
_STEPS: tuple[tuple[type[aiosmtplib.SMTPResponseException], Step], ...] = (
    (aiosmtplib.SMTPConnectResponseError, "greeting"),
    (aiosmtplib.SMTPHeloError, "greeting"),
    (aiosmtplib.SMTPAuthenticationError, "login"),
    (aiosmtplib.SMTPSenderRefused, "sender"),
    (aiosmtplib.SMTPRecipientRefused, "recipient"),
    (aiosmtplib.SMTPDataError, "data"),
)


class SmtpGateway:
    """Sends by a mail server. Made and closed on the event loop.

    ``tls`` is for others than the system's authorities; ``most`` mails are on their way at once.
    """

    name = "smtp"

    def __init__(
        self,
        server: MailServer,
        sender: Sender,
        clock: Clock,
        *,
        tls: ssl.SSLContext | None = None,
        answer_within: Micros = ANSWER_WITHIN,
        most: int = MOST,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._sender = sender
        self._clock = clock
        self._answer_within = answer_within
        self._places = asyncio.Semaphore(most)
        self._connections = Connections(server, sender.domain, tls=tls, idle_seconds=idle_seconds)

    async def close(self) -> None:
        """Closes all connections."""
        await self._connections.close()

    async def send(self, request: MailRequest, hindrance: Hindrance) -> SendResult:
        """Sends a mail, at most once."""
        to = mailbox(request.to)
        if to is None:
            return SendResult(outcome="not_sent", error_class=ErrorClass.BAD_NUMBER, code="bad_address")
        if self._clock.now() >= request.call_by:
            return _not_sent("too_late")
        delivery = _Delivery(self._clock, request.call_by, hindrance, self._answer_within)
        mail = written(request, to, self._sender, self._clock.now())
        try:
            async with delivery.deadline, self._places:
                delivery.step = "connecting"
                async with self._connections.lent() as client:
                    delivery.step = "talking"
                    await client.mail(self._sender.address)
                    await client.rcpt(to)
                    await delivery.hand_in(client, mail)
        except NotWritten as why:
            return _not_sent(str(why))
        except Refused as why:
            return SendResult(outcome="rejected", error_class=ErrorClass.CONFIGURATION, code=str(why))
        except aiosmtplib.SMTPResponseException as said:
            return _refused(said, written=delivery.step == "written")
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            return delivery.failed(error)
        return SendResult(outcome="accepted", message_id=message_id(request.out_id, self._sender))


class _Delivery:
    """One mail on its way. ``deadline`` is for its first byte, and from then on for the reply to its end."""

    def __init__(self, clock: Clock, call_by: Micros, hindrance: Hindrance, answer_within: Micros) -> None:
        self._clock = clock
        self._call_by = call_by
        self._hindrance = hindrance
        self._answer_within = answer_within
        self.deadline = asyncio.timeout((call_by - clock.now()) / SECOND)
        self.step: Literal["waiting", "connecting", "talking", "written"] = "waiting"

    async def hand_in(self, client: aiosmtplib.SMTP, mail: bytes) -> None:
        """Writes the mail, and returns when the server has said that it has taken it.

        It is looked at twice whether the mail may go: before ``DATA``, and when the server lets us begin, which may
        be seconds later. Whoever goes away then without the last line has sent nothing (RFC 5321, 4.1.1.4).
        """
        self._look()
        reply = await client.execute_command(b"DATA")
        if reply.code != _GO_AHEAD or client.protocol is None:
            raise aiosmtplib.SMTPDataError(reply.code, reply.message)
        self._look()
        self.deadline.reschedule(asyncio.get_running_loop().time() + self._answer_within / SECOND)
        self.step = "written"
        client.protocol.write(mail + _END)
        reply = await client.protocol.read_response()
        if reply.code != _TAKEN:
            raise aiosmtplib.SMTPResponseException(reply.code, reply.message)

    def failed(self, error: Exception) -> SendResult:
        """The result for what ended without a reply."""
        late = isinstance(error, TimeoutError)
        match self.step:
            case "waiting":
                return _not_sent("busy")
            case "connecting":
                return _not_sent("connect_timeout" if late else _why_not_connected(error))
            case "talking":
                return _not_sent("reply_timeout" if late else "reset")
            case "written":
                return SendResult(outcome="unknown", code="timeout" if late else "reset")

    def _look(self) -> None:
        if self._clock.now() >= self._call_by or self.deadline.expired():
            raise NotWritten("too_late")
        if (why := self._hindrance()) is not None:
            raise NotWritten(why)


def _refused(said: aiosmtplib.SMTPResponseException, *, written: bool) -> SendResult:
    """The result for a reply that is no yes. What is no reply at all says nothing of a mail that is written."""
    if not 400 <= said.code < 600:
        return SendResult(outcome="unknown", code="nonsense") if written else _not_sent("nonsense")
    step = next((step for kind, step in _STEPS if isinstance(said, kind)), "mail" if written else "tls")
    return SendResult(
        outcome="rejected",
        error_class=smtp_class(step, said.code, said.message),
        code=smtp_code(said.code, said.message),
    )


def _why_not_connected(error: Exception) -> str:
    cause = error.__cause__ if isinstance(error, aiosmtplib.SMTPConnectError) else error
    match cause:
        case socket.gaierror():
            return "dns_failed"
        case ssl.SSLError():
            return "tls_failed"
        case _:
            return "connect_failed"


def _not_sent(code: str) -> SendResult:
    return SendResult(outcome="not_sent", error_class=_NOT_SENT.get(code, ErrorClass.UNREACHABLE), code=code)

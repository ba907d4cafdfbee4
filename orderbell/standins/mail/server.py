"""The mail stand-in as a server, on aiosmtpd."""

import asyncio
import socket
import ssl
import struct
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Literal, cast

import msgspec
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from orderbell.standins.mail.mails import Mail, complaint, taken

Step = Literal["greeting", "sender", "recipient", "data", "mail"]
"""Where something goes wrong: before the greeting, at ``MAIL``, ``RCPT``, ``DATA``, at the end of the mail."""


class Fault(msgspec.Struct, kw_only=True, frozen=True):
    """A trouble with the next connection or mail. ``taken``: the mail was kept before the trouble came.

    ``hang``: no reply ever. ``slow``: the reply after ``seconds``. ``reset``, ``close``: the connection ends, rudely
    or not, without a reply. ``answer``: ``reply`` in its place.
    """

    how: Literal["hang", "slow", "reset", "close", "answer"]
    at: Step = "mail"
    taken: bool = False
    seconds: float = 0
    reply: str = ""


class MailStandIn:
    """Serves one account; without ``users`` (passwords by name) nobody has to log in.

    ``fates`` says by address what ``RCPT`` is answered, like ``550 5.1.1 no such mailbox``; ``*`` stands for all
    others, who else have a mailbox. ``faults`` befall what comes next, one each. ``mails`` are those it took,
    ``refused`` the replies with which it refused others, ``sessions`` the connections that there are now,
    ``connections`` how many there were. ``on_mail`` hears of each mail as it is taken.
    """

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        *,
        starttls: ssl.SSLContext | None = None,
        implicit_tls: ssl.SSLContext | None = None,
        on_mail: Callable[[Mail], None] = lambda _mail: None,
    ) -> None:
        self._users = users
        self._starttls = starttls
        self._implicit_tls = implicit_tls
        self._on_mail = on_mail
        self._server: asyncio.Server | None = None
        self.sessions: set[_Session] = set()
        self.mails: list[Mail] = []
        self.refused: list[str] = []
        self.fates: dict[str, str] = {}
        self.faults: deque[Fault] = deque()
        self.connections = 0

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> str:
        """Listens, on the loopback if nothing else is said. Returns the address, without a user."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, host, port, ssl=self._implicit_tls)
        scheme = "smtp" if self._implicit_tls is None else "smtps"
        return "{}://{}:{}".format(scheme, *self._server.sockets[0].getsockname()[:2])

    async def stop(self) -> None:
        """Listens no more, and ends all connections."""
        if self._server is not None:
            self._server.close()
        for session in list(self.sessions):
            session.end()
        if self._server is not None:
            await self._server.wait_closed()

    def _session(self) -> "_Session":
        return _Session(
            self,
            hostname="standin.invalid",
            ident="ESMTP",
            tls_context=self._starttls,
            require_starttls=self._starttls is not None,
            authenticator=self._judge,
            auth_exclude_mechanism=() if self._users is not None else ("PLAIN", "LOGIN"),
            auth_require_tls=self._starttls is not None,
        )

    def fault(self, at: Step) -> Fault | None:
        """What goes wrong at a step this time."""
        for fault in self.faults:
            if fault.at == at:
                self.faults.remove(fault)
                return fault
        return None

    def needs_login(self, session: Session) -> bool:
        """Whether a session must log in before it hands anything in."""
        return self._users is not None and not session.authenticated

    def take(self, envelope: Envelope) -> str:
        """Takes a mail, or refuses it. Returns the reply."""
        raw = envelope.original_content or b""
        if (refusal := complaint(raw)) is not None:
            self.refused.append(refusal)
            return refusal
        for address in envelope.rcpt_tos:
            mail = taken(envelope.mail_from or "", address, raw)
            self.mails.append(mail)
            self._on_mail(mail)
        return f"250 2.0.0 queued as {len(self.mails)}"

    def _judge(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: LoginPassword
    ) -> AuthResult:
        password = (self._users or {}).get(data.login.decode())
        if password is not None and password == data.password.decode():
            return AuthResult(success=True, auth_data=data.login)
        self.refused.append("535 5.7.8 no such user or password")
        return AuthResult(success=False, handled=False)


class _Session(SMTP):
    """One connection. aiosmtpd finds the hooks (``handle_..``) and the commands (``smtp_..``) by their names."""

    def __init__(self, standin: MailStandIn, **options: Any) -> None:
        super().__init__(self, **options)
        self._standin = standin
        self._greeted = False

    def end(self, *, rudely: bool = False) -> None:
        """Ends the connection at once; rudely, with a RST in place of a FIN."""
        if self.transport is None:
            return
        if rudely:
            linger = struct.pack("ii", 1, 0)
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        cast(asyncio.Transport, self.transport).abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greets, unless something goes wrong. After STARTTLS it is called again."""
        if self not in self._standin.sessions:
            self._standin.sessions.add(self)
            self._standin.connections += 1
            fault = self._standin.fault("greeting")
            if fault is not None:
                _instead_of_a_greeting(fault, cast(asyncio.Transport, transport))
                return
        self._greeted = True
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forgets the connection."""
        self._standin.sessions.discard(self)
        if self._greeted:
            super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """The client has gone."""
        return super().eof_received() if self._greeted else None

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        """``DATA``."""
        reply = await self._befall("data")
        if reply is None:
            await super().smtp_DATA(arg)
        else:
            await self.push(reply)

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """``MAIL``."""
        if (reply := await self._befall("sender")) is not None:
            return reply
        if self._standin.needs_login(session):
            return "530 5.7.0 log in first"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 ok"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """``RCPT``."""
        if (reply := await self._befall("recipient")) is not None:
            return reply
        fate = self._standin.fates.get(address, self._standin.fates.get("*", "250 2.1.5 ok"))
        if not fate.startswith("250"):
            self._standin.refused.append(fate)
            return fate
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return fate

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The end of a mail."""
        if (reply := await self._befall("mail", envelope)) is not None:
            return reply
        return self._standin.take(envelope)

    async def _befall(self, at: Step, envelope: Envelope | None = None) -> str | None:
        """What goes wrong at a step, if anything does; ``None`` where all goes on as it should."""
        fault = self._standin.fault(at)
        if fault is None:
            return None
        if fault.how == "slow":
            await asyncio.sleep(fault.seconds)
            return None
        if fault.taken and envelope is not None:
            self._standin.take(envelope)
        if fault.how == "answer":
            self._standin.refused.append(fault.reply)
            return fault.reply
        if fault.how != "hang":
            self.end(rudely=fault.how == "reset")
        await asyncio.Event().wait()  # until the connection ends
        return None


def _instead_of_a_greeting(fault: Fault, transport: asyncio.Transport) -> None:
    if fault.how == "answer":
        transport.write(f"{fault.reply}\r\n".encode())
    if fault.how in ("answer", "close"):
        transport.close()
    elif fault.how == "reset":
        transport.abort()

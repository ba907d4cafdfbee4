"""A mail server that answers each command with just the bytes that the test says: for what no server would answer."""

import asyncio
import contextlib
import ssl

from tests.far_end import Act, perform, unread

GREETING, MAIL = "greeting", "the mail"
GOOD: dict[str, bytes] = {
    GREETING: b"220 far.end ESMTP\r\n",
    "EHLO": b"250-far.end\r\n250 ENHANCEDSTATUSCODES\r\n",
    "MAIL": b"250 2.1.0 ok\r\n",
    "RCPT": b"250 2.1.5 ok\r\n",
    "DATA": b"354 go ahead\r\n",
    MAIL: b"250 2.0.0 queued\r\n",
    "RSET": b"250 2.0.0 ok\r\n",
    "QUIT": b"221 2.0.0 bye\r\n",
}
STEPS = (GREETING, "EHLO", "MAIL", "RCPT", "DATA", MAIL)


class MailFarEnd:
    """``acts`` are done in order at their command, the last again and again; other commands are answered well."""

    def __init__(self, acts: dict[str, Act | list[Act]] | None = None, *, tls: ssl.SSLContext | None = None) -> None:
        self._acts = {step: [Act(good)] for step, good in GOOD.items()}
        self._acts |= {step: act if isinstance(act, list) else [act] for step, act in (acts or {}).items()}
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._changed = asyncio.Event()
        self.connections = 0
        self.commands: list[str] = []
        self.mails: list[bytes] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def unread(self) -> bool:
        """Whether bytes have come to this machine that are not yet read."""
        return any(unread(writer) for writer in self._writers)

    async def __aenter__(self) -> "MailFarEnd":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self.deserted()
        await self._server.wait_closed()

    async def handed_in(self) -> None:
        """Waits until a mail has come."""
        async with asyncio.timeout(30):
            while not self.mails:
                self._changed.clear()
                await self._changed.wait()

    async def deserted(self) -> None:
        """Waits until there is no connection any more."""
        async with asyncio.timeout(30):
            while self._writers:
                self._changed.clear()
                await self._changed.wait()

    def hang_up(self) -> None:
        """Ends all connections, unasked."""
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self.connections += 1
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
                await self._act(GREETING, writer)
                while True:
                    line = (await reader.readuntil(b"\r\n")).decode("latin-1").rstrip("\r\n")
                    self.commands.append(line)
                    verb = line.split(" ")[0].upper()
                    reply = await self._act(verb, writer)
                    if verb == "DATA" and reply.startswith(b"354"):
                        self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                        self._changed.set()
                        await self._act(MAIL, writer)
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
            self._changed.set()

    async def _act(self, step: str, writer: asyncio.StreamWriter) -> bytes:
        acts = self._acts.get(step, [Act(b"502 5.5.1 what?\r\n")])
        act = acts.pop(0) if len(acts) > 1 else acts[0]
        await perform(act, writer)
        return act.write

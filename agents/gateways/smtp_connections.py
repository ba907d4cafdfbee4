"""The connections to a mail server: a few, kept while they are used, since each one carries one mail at a time."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from typing import cast

import aiosmtplib
from aiosmtplib import SMTP

from streams.mail_settings import MailServer

IDLE_SECONDS = 20.0
"""How long one is kept that nobody uses; servers wait for minutes."""
_QUIT_WITHIN = 1.0

_CLOSING = 421
_NOT_KNOWN = (500, 501, 502, 504)  # what a server answers that knows HELO only (RFC 5321, 4.1.1.1)


class Refused(Exception):
    """The server offers not what the settings want. The text is a word that says what."""


class Connections:
    """Lends connections on which the server knows us. Used on one event loop; ``name`` is how it is greeted.

    ``tls`` is for others than the system's authorities.
    """

    def __init__(
        self,
        server: MailServer,
        name: str,
        *,
        tls: ssl.SSLContext | None = None,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._server = server
        self._name = name
        self._tls = None if server.tls == "never" else tls or ssl.create_default_context()
        self._idle_seconds = idle_seconds
        self._idle: dict[SMTP, asyncio.TimerHandle] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._closed = False

    @contextlib.asynccontextmanager
    async def lent(self) -> AsyncIterator[SMTP]:
        """One connection, for one mail. It is kept unless something went wrong with it.

        Raises ``Refused``, and what aiosmtplib raises.
        """
        client = await self._tried() or await self._opened()
        try:
            yield client
        except aiosmtplib.SMTPResponseException as said:
            if 400 <= said.code < 600 and said.code != _CLOSING:  # a server's no to one mail
                self._keep(client)
            else:
                _drop(client)
            raise
        except BaseException:
            _drop(client)
            raise
        self._keep(client)

    async def close(self) -> None:
        """Takes leave on all that nobody uses. Those in use are closed when they come back."""
        self._closed = True
        for client in list(self._idle):
            self._retire(client)
        await asyncio.gather(*self._leaving)

    async def _tried(self) -> SMTP | None:
        """One that was kept and still answers. ``RSET`` takes back what its last mail may have left unfinished."""
        while self._idle:
            client, expiry = self._idle.popitem()  # the one used last, so that the others grow old
            expiry.cancel()
            try:
                await client.rset()
            except (aiosmtplib.SMTPException, OSError):
                _drop(client)
            except BaseException:
                _drop(client)
                raise
            else:
                return client
        return None

    async def _opened(self) -> SMTP:
        server = self._server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=self._name,
            use_tls=server.tls == "implicit",
            start_tls=False,
            tls_context=self._tls,
            timeout=None,  # whoever asks for one says how long it is waited for
        )
        try:
            await client.connect()
            await self._secured(client)
            await self._logged_in(client)
        except BaseException:
            _drop(client)
            raise
        return client

    async def _secured(self, client: SMTP) -> None:
        try:
            await client.ehlo()
        except aiosmtplib.SMTPHeloError as said:
            if said.code not in _NOT_KNOWN:
                raise
            await client.helo()
        if self._server.tls not in ("required", "if-offered"):
            return
        if client.supports_extension("starttls"):
            await client.starttls()
            await client.ehlo()
        elif self._server.tls == "required":
            raise Refused("starttls_not_offered")

    async def _logged_in(self, client: SMTP) -> None:
        server = self._server
        if server.user is None or server.password is None:
            return
        if not client.supported_auth_methods:
            raise Refused("login_not_offered")
        await client.login(server.user, server.password)

    def _keep(self, client: SMTP) -> None:
        if not client.is_connected:
            return
        if self._closed:
            self._retire(client)
            return
        loop = asyncio.get_running_loop()
        self._idle[client] = loop.call_later(self._idle_seconds, self._retire, client)

    def _retire(self, client: SMTP) -> None:
        """Takes leave as servers like it, which nobody waits for."""
        if (expiry := self._idle.pop(client, None)) is not None:
            expiry.cancel()
        task = asyncio.get_running_loop().create_task(_quit(client))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)


async def _quit(client: SMTP) -> None:
    try:
        async with asyncio.timeout(_QUIT_WITHIN):
            await client.quit()
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        pass  # it is gone either way
    finally:
        _drop(client)


def _drop(client: SMTP) -> None:
    """Ends a connection at once: what was not written yet is not written any more."""
    if client.transport is not None:
        cast(asyncio.WriteTransport, client.transport).abort()
    client.close()

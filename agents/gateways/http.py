"""One HTTP request to a provider, with certainty about what may have reached it.

A call that failed is either surely not sent or in doubt, and only the moment at which the request's first byte is
written tells the two apart. aiohttp runs a hook right before that moment, when the connection is there, its TLS
agreed, and nothing is awaited any more: what must hold for the request to go is looked at in that hook. A request
with a body is written later, by a task of its own, headers and body at once, and has another hook right before that.
The hooks belong to the session, so the session is made here and lent to nobody.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import NamedTuple, Protocol, cast

import aiohttp
from aiohttp.connector import AddrInfoType, Connection
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from schemas.times import MILLISECOND, SECOND, Micros
from streams.clock import Clock

ANSWER_WITHIN: Micros = 10 * SECOND
"""How long after the request was written its answer is waited for."""
MOST_BYTES = 262_144
"""How much of an answer is read. Most are under 1 KiB; 50 details of the longest texts, escaped, are 165 KiB."""

_IDLE_SECONDS = 10
"""How long an idle connection is kept: less than servers keep it, since one closed on us puts a request in doubt."""


class Reply(NamedTuple):
    """A whole HTTP answer, whatever its status."""

    status: int
    body: bytes


class NotWritten(Exception):
    """Surely not sent: not one byte of the request was written. The text is a word that says why."""


class InDoubt(Exception):
    """It was written, or may have been, and there is no whole answer. The text is a word that says why."""


class Poster(Protocol):
    """What a gateway needs of HTTP."""

    async def post(
        self,
        url: URL,
        headers: Mapping[str, str],
        body: bytes = b"",
        *,
        call_by: Micros,
        hindrance: Callable[[], str | None] = lambda: None,
    ) -> Reply:
        """Posts once; nothing is ever repeated or redirected.

        Raises ``NotWritten`` if there is no connection before ``call_by``, or a hindrance when there is one, and
        ``InDoubt`` for whatever fails later.
        """
        ...


class Client(Protocol):
    """What a gateway needs that asks before it sends, or sends again where no answer came."""

    async def post(
        self,
        url: URL,
        headers: Mapping[str, str],
        body: bytes = b"",
        *,
        call_by: Micros,
        answer_by: Micros | None = None,
        hindrance: Callable[[], str | None] = lambda: None,
    ) -> Reply:
        """Posts once, as a ``Poster``. An answer that is not whole by ``answer_by`` does not come."""
        ...

    async def get(self, url: URL, headers: Mapping[str, str], *, call_by: Micros) -> Reply:
        """Asks for what only reads. Raises what ``post`` does."""
        ...


class Http:
    """HTTP to the providers. Made and closed on the event loop; ``tls`` is for others than the system's authorities.

    What it raises names nothing of the request: addresses hold telephone numbers.
    """

    def __init__(
        self, clock: Clock, *, tls: ssl.SSLContext | None = None, answer_within: Micros = ANSWER_WITHIN
    ) -> None:
        self._clock = clock
        self._answer_within = answer_within
        hook = aiohttp.TraceConfig()
        hook.on_request_headers_sent.append(_before_the_headers)
        hook.on_request_chunk_sent.append(_before_the_body)
        # The sender bounds how many calls run at once, so the connector need not.
        connector = aiohttp.TCPConnector(
            limit=0, keepalive_timeout=_IDLE_SECONDS, ssl=tls or True, socket_factory=_mortal_socket
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "orderbell"},
            skip_auto_headers=("Accept-Encoding", "Content-Type"),
            auto_decompress=False,  # we ask for no compression, and what comes so all the same has no bounded size
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # the deadline below is the only one
            trace_configs=[hook],
            request_class=_Request,
        )

    async def close(self) -> None:
        """Closes all connections."""
        await self._session.close()

    async def post(
        self,
        url: URL,
        headers: Mapping[str, str],
        body: bytes = b"",
        *,
        call_by: Micros,
        answer_by: Micros | None = None,
        hindrance: Callable[[], str | None] = lambda: None,
    ) -> Reply:
        """Posts once."""
        return await self._ask("POST", url, headers, body, call_by, answer_by, hindrance)

    async def get(self, url: URL, headers: Mapping[str, str], *, call_by: Micros) -> Reply:
        """Asks. On a stale connection aiohttp tries a GET again by itself."""
        return await self._ask("GET", url, headers, b"", call_by, None, lambda: None)

    async def _ask(
        self,
        method: str,
        url: URL,
        headers: Mapping[str, str],
        body: bytes,
        call_by: Micros,
        answer_by: Micros | None,
        hindrance: Callable[[], str | None],
    ) -> Reply:
        if self._clock.now() >= call_by:
            raise NotWritten("too_late")
        exchange = _Exchange(self._clock, call_by, answer_by, hindrance, self._answer_within, has_body=bool(body))
        try:
            async with (
                exchange.deadline,
                # A POST is not tried again by aiohttp, on a stale connection either (RFC 9110, 9.2.2).
                self._session.request(
                    method, url, headers=headers, data=body or None, allow_redirects=False, trace_request_ctx=exchange
                ) as response,
            ):
                return Reply(response.status, await _read(response.content))
        except NotWritten:
            raise
        except (aiohttp.ClientError, HttpProcessingError, OSError, TimeoutError, _TooMuch) as error:
            # "from None", since aiohttp's words hold the address.
            if exchange.stopped is not None:
                raise exchange.stopped from None
            if exchange.written:
                raise InDoubt(_doubt(error)) from None
            raise NotWritten(_failure(error)) from None


class _TooMuch(Exception):
    """The answer is longer than any of a vendor's."""


class _Request(aiohttp.ClientRequest):
    """Goes over no connection on which something came while nobody had asked.

    aiohttp would take that for the answer: the answer to this message would be one to another.
    """

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Writes the request."""
        if conn.protocol is None or conn.protocol.should_close:
            raise NotWritten("connection_spoilt")
        return await super().send(conn)


class _Exchange:
    """One request on its way. ``deadline`` is for its connection, and from its first byte on for its answer.

    ``stopped``: it was let be at the last look, where aiohttp would make an error of its own of that.
    """

    def __init__(
        self,
        clock: Clock,
        call_by: Micros,
        answer_by: Micros | None,
        hindrance: Callable[[], str | None],
        answer_within: Micros,
        *,
        has_body: bool,
    ) -> None:
        self._clock = clock
        self._call_by = call_by
        self._answer_by = answer_by
        self._hindrance = hindrance
        self._answer_within = answer_within
        self.deadline = asyncio.timeout((call_by - clock.now()) / SECOND)
        self.has_body = has_body
        self.written = False
        self.stopped: NotWritten | None = None

    def begin(self) -> None:
        """The last look. From here on everything is in doubt."""
        now = self._clock.now()
        try:
            self._look(now)
        except NotWritten as stopped:
            self.stopped = stopped
            raise
        patience = self._answer_within
        if self._answer_by is not None:
            patience = min(patience, self._answer_by - now)
        self.deadline.reschedule(asyncio.get_running_loop().time() + patience / SECOND)
        self.written = True

    def _look(self, now: Micros) -> None:
        if now >= self._call_by or self.deadline.expired():
            raise NotWritten("too_late")
        if (why := self._hindrance()) is not None:
            raise NotWritten(why)


def _mortal_socket(address: AddrInfoType) -> socket.socket:
    """A socket whose unacknowledged bytes die with it.

    The system goes on sending what a closed connection has left unsent, for minutes where the network is cut: a request
    given up long ago would arrive after the vendor has said that it knows nothing of it. (RFC 5482, on Linux.)
    """
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, ANSWER_WITHIN // MILLISECOND)
    return made


async def _before_the_headers(
    _session: aiohttp.ClientSession, context: SimpleNamespace, _params: aiohttp.TraceRequestHeadersSentParams
) -> None:
    exchange = cast(_Exchange, context.trace_request_ctx)
    if not exchange.has_body:
        exchange.begin()


async def _before_the_body(
    _session: aiohttp.ClientSession, context: SimpleNamespace, _params: aiohttp.TraceRequestChunkSentParams
) -> None:
    exchange = cast(_Exchange, context.trace_request_ctx)
    if not exchange.written:
        exchange.begin()


async def _read(content: aiohttp.StreamReader) -> bytes:
    read = bytearray()
    while chunk := await content.readany():
        read += chunk
        if len(read) > MOST_BYTES:
            raise _TooMuch
    return bytes(read)


def _failure(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "connect_timeout"
        case aiohttp.ClientConnectorDNSError():
            return "dns_failed"
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return "tls_failed"
        case _:
            return "connect_failed"


def _doubt(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "timeout"
        case aiohttp.ClientPayloadError():
            return "truncated"
        case aiohttp.ClientResponseError() | HttpProcessingError():
            return "not_http"
        case _TooMuch():
            return "too_long"
        case _:
            return "reset"

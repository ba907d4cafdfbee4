"""A server that does with each request just what the test says: for what no web framework would answer."""

import asyncio
import contextlib
import os
import re
import socket
import ssl
import struct
from typing import Literal, NamedTuple, Self


class Act(NamedTuple):
    """What is done with one request: bytes that are written, and what becomes of the connection then."""

    write: bytes = b""
    then: Literal["stay", "close", "reset"] = "stay"


def http(body: bytes, status: int = 200, headers: str = "") -> bytes:
    """A whole HTTP answer."""
    return f"HTTP/1.1 {status} Any\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


class FarEnd:
    """``acts`` are done in order, the last again and again."""

    def aside(self, request: bytes) -> Act | None:
        """What is done with a request that does not count among ``requests``: a vendor's may come in two steps."""
        return None

    def __init__(self, *acts: Act, tls: ssl.SSLContext | None = None) -> None:
        self._acts = list(acts)
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._deserted = asyncio.Event()
        self._deserted.set()
        self.connections = 0
        self.requests: list[bytes] = []

    @property
    def address(self) -> str:
        """Where it listens."""
        assert self._server is not None
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()
        await self.deserted()

    def interject(self, unasked: bytes) -> None:
        """Writes to each connection what nobody has asked for."""
        for writer in self._writers:
            writer.write(unasked)

    @property
    def unread(self) -> bool:
        """Whether bytes have come to this machine that are not yet read."""
        return any(unread(writer) for writer in self._writers)

    async def deserted(self) -> None:
        """Waits until there is no connection, neither here nor at the client."""
        async with asyncio.timeout(30):
            await self._deserted.wait()

    def _next(self, request: bytes) -> Act:
        self.requests.append(request)
        return self._acts.pop(0) if len(self._acts) > 1 else self._acts[0]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self._deserted.clear()
        self.connections += 1
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    request = await _request(reader)
                    act = self.aside(request) or self._next(request)
                    await perform(act, writer)
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
            if not self._writers:
                self._deserted.set()


async def perform(act: Act, writer: asyncio.StreamWriter) -> None:
    """Does an act."""
    writer.write(act.write)
    if act.then == "reset":
        _reset(writer)
    elif act.then == "close" and writer.can_write_eof():
        writer.write_eof()
    elif act.then == "close":
        writer.close()
    await writer.drain()


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: (\d+)\r\n", head)
    return head + await reader.readexactly(0 if length is None else int(length[1]))


def unused() -> socket.socket:
    """A socket whose port nobody listens at, and nobody else comes to while it is open."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


def unread(writer: asyncio.StreamWriter) -> bool:
    """Whether bytes have come to this machine that are not yet read."""
    with socket.socket(fileno=os.dup(writer.get_extra_info("socket").fileno())) as same:
        try:
            return bool(same.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return False


def _reset(writer: asyncio.StreamWriter) -> None:
    """Lingering for no time, the system says RST in place of FIN."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()

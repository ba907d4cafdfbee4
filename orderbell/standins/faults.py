"""What can go wrong with one request, on demand."""

import asyncio
import socket
import struct
from typing import Literal

import msgspec
from aiohttp import web


class Fault(msgspec.Struct, kw_only=True, frozen=True):
    """A trouble with the next request of ``action``. ``taken``: the service did its work before the trouble came.

    ``hang``: no answer ever. ``slow``: the answer after ``seconds``. ``reset``, ``close``: the connection ends, rudely
    or not, without an answer. ``truncate``: in the middle of one. ``answer``: ``status`` and ``body`` in its place.
    """

    how: Literal["hang", "slow", "reset", "close", "truncate", "answer"]
    taken: bool = False
    action: str = "SendSms"
    seconds: float = 0
    status: int = 200
    body: str = ""


def bad_gateway(*, taken: bool) -> Fault:
    """A page of some machine on the way."""
    page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
    return Fault(how="answer", taken=taken, status=502, body=page)


async def befall(fault: Fault, request: web.Request, answer: bytes) -> web.StreamResponse:
    """Answers the request as the fault has it. ``answer`` is what would have been the right one."""
    if fault.how == "hang":
        await asyncio.Event().wait()
    if fault.how == "slow":
        await asyncio.sleep(fault.seconds)
        return web.Response(body=answer, content_type="application/json")
    if fault.how == "answer":
        return web.Response(status=fault.status, body=fault.body.encode())
    transport = request.transport
    if transport is None:
        return web.Response()  # whoever asked has gone already
    if fault.how == "truncate":
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n"
        transport.write(head.encode() + answer[: len(answer) // 2])
        transport.close()
    elif fault.how == "close":
        transport.close()
    else:
        # Lingering for no time, the system says RST in place of FIN.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()  # goes nowhere

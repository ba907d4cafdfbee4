"""A provider that takes every message at once, and remembers when: ``python -m benchmarks.provider``.

It prints its address. A GET answers which telephone was told when: the moment, in microseconds, at which the request
had been read. After a PUT it answers no POST any more, and a GET says when those came. It speaks as either vendor does,
judges nothing and checks no signature, so as to take little of the processors.
"""

import asyncio
import itertools
import time
from typing import Any

import msgspec
from aiohttp import web


class Provider:
    """``SendSms`` of both vendors, and no more of it than a worker needs."""

    def __init__(self) -> None:
        self._received: list[tuple[str, int]] = []
        self._numbers = itertools.count(1)
        self._hangs = False

    async def take(self, request: web.Request) -> web.Response:
        """Takes a message, or lets whoever asks wait."""
        received_at = time.time_ns() // 1_000
        tencent = "X-TC-Action" in request.headers
        number = msgspec.json.decode(await request.read())["PhoneNumberSet"][0] if tencent else _aliyun_number(request)
        self._received.append((number[-11:], received_at))
        if self._hangs:
            await asyncio.Event().wait()
        return web.json_response(_tencent(next(self._numbers)) if tencent else _aliyun(next(self._numbers)))

    async def hang(self, _: web.Request) -> web.Response:
        """From now on nobody is answered."""
        self._received.clear()
        self._hangs = True
        return web.Response()

    async def tell(self, _: web.Request) -> web.Response:
        """Which telephones were told, each with its moment."""
        return web.json_response(body=msgspec.json.encode(self._received))


def _aliyun_number(request: web.Request) -> str:
    # A question names it otherwise.
    return request.query.get("PhoneNumbers") or request.query["PhoneNumber"]


def _aliyun(number: int) -> dict[str, Any]:
    return {"Code": "OK", "Message": "OK", "RequestId": "R", "BizId": str(number)}


def _tencent(number: int) -> dict[str, Any]:
    return {"Response": {"SendStatusSet": [{"SerialNo": f"5000:{number}", "Code": "Ok"}], "RequestId": "R"}}


async def serve() -> None:
    """Runs until it is ended."""
    provider = Provider()
    app = web.Application()
    app.add_routes([web.post("/", provider.take), web.get("/", provider.tell), web.put("/", provider.hang)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    _host, port = runner.addresses[0][:2]
    print(f"http://127.0.0.1:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())

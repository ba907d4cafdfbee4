"""A provider that takes every message at once, and remembers when: ``python -m benchmarks.provider``.

It prints its address. A GET answers which order was told when: the moment, in microseconds, at which the request had
been read. It judges nothing and signs nothing, so as to take little of the processors.
"""

import asyncio
import itertools
import time

import msgspec
from aiohttp import web


class Provider:
    """Aliyun's ``SendSms``, and no more of it than a worker needs."""

    def __init__(self) -> None:
        self._received: list[tuple[str, int]] = []
        self._numbers = itertools.count()

    async def take(self, request: web.Request) -> web.Response:
        """Takes a message: an order's number is one of its variables."""
        received_at = time.time_ns() // 1_000
        variables: dict[str, str] = msgspec.json.decode(request.query["TemplateParam"])
        self._received.extend((value, received_at) for value in variables.values())
        answer = {"Code": "OK", "Message": "OK", "RequestId": "R", "BizId": str(next(self._numbers))}
        return web.json_response(answer)

    async def tell(self, _: web.Request) -> web.Response:
        """What was taken, each value of each message with its moment."""
        return web.json_response(body=msgspec.json.encode(self._received))


async def serve() -> None:
    """Runs until it is ended."""
    provider = Provider()
    app = web.Application()
    app.add_routes([web.post("/", provider.take), web.get("/", provider.tell)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    _host, port = runner.addresses[0][:2]
    print(f"http://127.0.0.1:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())

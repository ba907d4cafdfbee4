"""What vendors push to us: ``/callbacks/aliyun/{token}/receipts`` and ``.../replies``.

The vendor signs nothing that it pushes, so the path is the secret: nothing here logs it, and a wrong one is answered
as a path that does not exist. A push is answered only when all of it is durable, within the vendor's 700 ms; a 5xx
makes it push again, at 1, 5 and 10 minutes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hmac import compare_digest

import msgspec
import structlog
from aiohttp import web

from agents.durable_writer import DurableWriter
from agents.gateways.aliyun_callbacks import PROVIDER
from agents.web.body import read_body
from agents.web.intake import AliyunIntake
from schemas.callbacks import What
from streams import topics
from streams.clock import Clock
from streams.errors import Unavailable
from streams.metrics import Metrics

log = structlog.get_logger()

DURABLE_WITHIN = 0.6
"""Seconds from the whole push to the answer that it could not be stored."""
_TAKEN = '{"code":0,"msg":"成功"}'.encode()
_PATHS: dict[str, What] = {"receipts": "receipt", "replies": "reply"}
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """The vendors' pushes. ``token`` unset: there are no such paths."""

    token: str | None
    intake: AliyunIntake
    writer: DurableWriter
    clock: Clock
    metrics: Metrics

    def add_to(self, app: web.Application) -> None:
        """Adds the paths."""
        for path, what in _PATHS.items():
            route = f"/callbacks/aliyun/{{token}}/{path}"
            app.router.add_get(route, self._answering(what, self._connected))
            app.router.add_post(route, self._answering(what, self._push))

    def _answering(
        self, what: What, handle: Callable[[web.Request, What], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Looks at the token first, and counts the answer."""

        async def answer(request: web.Request) -> web.Response:
            if self.token is None or not compare_digest(_bytes(request.match_info["token"]), self.token.encode()):
                raise web.HTTPNotFound
            try:
                response = await handle(request, what)
            except web.HTTPException as refusal:
                self.metrics.count("callbacks", PROVIDER, what, str(refusal.status))
                raise
            self.metrics.count("callbacks", PROVIDER, what, str(response.status))
            return response

        return answer

    async def _connected(self, _: web.Request, __: What) -> web.Response:
        """The vendor asks whether we are there."""
        return _taken()

    async def _push(self, request: web.Request, what: What) -> web.Response:
        await self.take(what, await read_body(request))
        return _taken()

    async def take(self, what: What, body: bytes) -> None:
        """Makes a push durable. Raises the answer (``web.HTTPException``) where it can't be read, or stored in time."""
        outputs = self.intake.take(what, _array(body), self.clock.now())
        try:
            async with asyncio.timeout(DURABLE_WITHIN):
                await self.writer.write(outputs)
        except (TimeoutError, Unavailable) as error:
            log.warning("callback_not_stored", provider=PROVIDER, what=what, error=type(error).__name__)
            raise web.HTTPServiceUnavailable from None
        for output in outputs:
            if output.topic == topics.OPT_OUTS.name:
                self.metrics.count("opt_outs", PROVIDER, what)


def _taken() -> web.Response:
    return web.Response(body=_TAKEN, content_type="application/json")


def _array(body: bytes) -> list[msgspec.Raw]:
    try:
        body.decode()  # msgspec skips strings without reading them as UTF-8
        return _elements(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise web.HTTPBadRequest(text=f"expected a JSON array: {type(error).__name__}") from None


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")

"""What vendors push to us: ``/callbacks/{provider}/{token}``, and behind that what the vendor's format adds.

The vendors sign nothing of what they push (WeChat only the moment), so the path is the secret: nothing here logs it,
and a wrong one is answered as a path that does not exist. A push is answered only when all of it is durable, within the
700 ms that Aliyun gives; a 5xx makes a vendor push again, Aliyun at 1, 5 and 10 minutes, Tencent twice, WeChat three
times.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hmac import compare_digest

import structlog
from aiohttp import web

from agents.durable_writer import DurableWriter
from agents.gateways.formats import FORMATS
from agents.gateways.pushed import Format
from agents.web.body import read_body
from agents.web.intake import Intake
from schemas.callbacks import What
from streams import topics
from streams.clock import Clock
from streams.engine.turn import Output
from streams.errors import Invalid, Unavailable
from streams.metrics import Metrics

log = structlog.get_logger()

DURABLE_WITHIN = 0.6
"""Seconds from the whole push to the answer that it could not be stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """The vendors' pushes. ``token`` unset: there are no such paths."""

    token: str | None
    intake: Intake
    writer: DurableWriter
    clock: Clock
    metrics: Metrics

    def add_to(self, app: web.Application) -> None:
        """Adds the paths."""
        for pushed in FORMATS.values():
            for what, push in pushed.pushes.items():
                route = f"/callbacks/{pushed.provider}/{{token}}{push.path}"
                app.router.add_get(route, self._answering(pushed, what, self._connected))
                app.router.add_post(route, self._answering(pushed, what, self._push))

    def _answering(
        self,
        pushed: Format,
        what: What,
        handle: Callable[[web.Request, Format, What], Awaitable[web.Response]],
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Looks at the token first, and counts the answer."""

        async def answer(request: web.Request) -> web.Response:
            if self.token is None or not compare_digest(_bytes(request.match_info["token"]), self.token.encode()):
                raise web.HTTPNotFound
            if pushed.signed is not None and not pushed.signed(request.query, self.token):
                log.warning("callback_signed_with_another_token", provider=pushed.provider)
                raise web.HTTPNotFound
            try:
                response = await handle(request, pushed, what)
            except web.HTTPException as refusal:
                self.metrics.count("callbacks", pushed.provider, what, str(refusal.status))
                raise
            self.metrics.count("callbacks", pushed.provider, what, "200")
            return response

        return answer

    async def _connected(self, request: web.Request, pushed: Format, _: What) -> web.Response:
        """The vendor asks whether we are there."""
        if pushed.checked is None:
            return _taken(pushed)
        return web.Response(body=pushed.checked(request.query), content_type="text/plain")

    async def _push(self, request: web.Request, pushed: Format, what: What) -> web.Response:
        await self.take(pushed, what, await read_body(request))
        return _taken(pushed)

    async def take(self, pushed: Format, what: What, body: bytes) -> None:
        """Makes a push durable. Raises the answer (``web.HTTPException``) where it can't be read, or stored in time."""
        outputs = self.intake.take(pushed, what, _elements(pushed, what, body), self.clock.now())

        def stored(output: Output) -> None:
            """Counts a stop by when Kafka has it: pushed again after a 503, it is known and not written again."""
            if output.topic == topics.OPT_OUTS.name:
                self.metrics.count("opt_outs", pushed.provider, what)

        try:
            async with asyncio.timeout(DURABLE_WITHIN):
                await self.writer.write(outputs, stored)
        except (TimeoutError, Unavailable) as error:
            log.warning("callback_not_stored", provider=pushed.provider, what=what, error=type(error).__name__)
            raise web.HTTPServiceUnavailable from None


def _elements(pushed: Format, what: What, body: bytes) -> list[bytes]:
    try:
        return pushed.pushes[what].packing.apart(body)
    except Invalid as why:
        raise web.HTTPBadRequest(text=str(why)) from None


def _taken(pushed: Format) -> web.Response:
    return web.Response(body=pushed.taken, content_type=pushed.media)


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")

"""The web port: our own runner, started before anything else, so that it answers while all else is still coming up.

With a public port the vendors' paths are served there and nowhere else, and nothing else is served there, so that a
firewall need only know ports.
"""

import errno
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from agents.web.callbacks import Callbacks
from agents.web.health import Health, add_health
from agents.web.metrics import add_metrics
from agents.web.reload import Reload, add_reload
from streams.errors import Misconfigured, place

log = structlog.get_logger()

FINISH_WITHIN = 1.0
"""Seconds that requests under way have to end when the port is closed, and again after they were cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """All that the ports serve, and where."""

    host: str
    port: int
    public_port: int | None
    callbacks: Callbacks
    health: Health
    registry: CollectorRegistry
    admin_token: str | None
    reload: Reload


class WebServer:
    """Serves from ``start`` to ``close``."""

    def __init__(self, served: Web) -> None:
        self._served = served
        self._runners: list[web.AppRunner] = []
        self.port = served.port
        """The real port, once started."""
        self.public_port = served.public_port
        """The real public port, once started; ``None`` where there is none."""

    @property
    def url(self) -> str:
        """The address of the web port."""
        host = self._served.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    async def start(self) -> None:
        """Opens the ports. Raises ``Misconfigured`` where one can't be had."""
        served = self._served
        inside, public = _app(), _app()
        add_health(inside, served.health)
        add_metrics(inside, served.registry)
        add_reload(inside, served.admin_token, served.reload)
        served.callbacks.add_to(inside if served.public_port is None else public)
        try:
            self.port = await self._listen(inside, served.port, "WEB_PORT")
            if served.public_port is not None:
                self.public_port = await self._listen(public, served.public_port, "PUBLIC_PORT")
        except BaseException:
            await self.close()
            raise

    async def _listen(self, app: web.Application, port: int, setting: str) -> int:
        runner = web.AppRunner(
            app,
            access_log=None,
            logger=_protocol_log(),
            shutdown_timeout=FINISH_WITHIN,
            keepalive_timeout=75,
            auto_decompress=False,  # a small body stays small
        )
        self._runners.append(runner)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._served.host, port).start()
        except OSError as error:
            raise _cannot_listen(error, self._served.host, port, setting) from None
        return int(runner.addresses[0][1])

    async def close(self) -> None:
        """Takes no more requests and lets those under way end, within 2 s or not at all."""
        while self._runners:
            await self._runners.pop().cleanup()


def _app() -> web.Application:
    return web.Application(middlewares=[_without_traces])


@web.middleware
async def _without_traces(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answers what went wrong in us with a bare 500. The path may hold a token: neither told nor logged."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, the caller only learns that it was
        log.error("request_failed", method=request.method, error=type(error).__name__, at=place(error))
        raise web.HTTPInternalServerError from None


class _TellsNoBytes(logging.Filter):
    """Says that a request could not be read, without aiohttp's own words: those quote it, token and all."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[0] if record.exc_info else None
        log.warning("request_unreadable", error=None if error is None else error.__name__)
        return False


def _protocol_log() -> logging.Logger:
    logger = logging.Logger("orderbell.web")
    logger.addFilter(_TellsNoBytes())
    return logger


def _cannot_listen(error: OSError, host: str, port: int, setting: str) -> Misconfigured:
    if error.errno == errno.EADDRINUSE:
        return Misconfigured(f"ORDERBELL_{setting}: port {port} of {host} is in use")
    if error.errno in (errno.EACCES, errno.EPERM):
        return Misconfigured(f"ORDERBELL_{setting}: port {port} of {host} may not be opened")
    return Misconfigured(f"ORDERBELL_WEB_HOST: can't listen on {host}: {error.strerror}")

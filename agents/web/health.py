"""Whether the worker lives, and whether it is ready for work: ``GET /health/live`` and ``/health/ready``."""

from collections.abc import Iterable
from typing import Any

import msgspec
import structlog
from aiohttp import web

log = structlog.get_logger()


class Health:
    """What has to be so for the worker to be ready: named conditions, each of which is met or has a reason.

    All begin unmet. ``conditions`` come in the order in which they are asked for: the first that is not met is the
    reason that is told, since what comes after it is most often its consequence.
    """

    def __init__(self, conditions: Iterable[str]) -> None:
        self._reasons: dict[str, str | None] = {name: f"{name}: starting" for name in conditions}
        self._dead: str | None = None

    def met(self, name: str) -> None:
        """The condition is met."""
        self.unmet(name, None)

    def unmet(self, name: str, reason: str | None) -> None:
        """The condition is not met; ``reason`` is one line."""
        if name not in self._reasons:
            raise KeyError(name)
        former = self.ready
        self._reasons[name] = reason
        if self.ready is None and former is not None:
            log.info("ready")
        elif self.ready is not None and former is None:
            log.warning("not_ready", reason=self.ready)

    def die(self, reason: str) -> None:
        """The worker can't go on and had better be started anew. There is no way back."""
        self._dead = reason

    @property
    def live(self) -> str | None:
        """Why the worker must be started anew; ``None`` where it need not."""
        return self._dead

    @property
    def ready(self) -> str | None:
        """Why the worker is not ready; ``None`` where it is."""
        return self._dead or next((reason for reason in self._reasons.values() if reason is not None), None)


def add_health(app: web.Application, health: Health) -> None:
    """Adds the two paths."""

    async def live(_: web.Request) -> web.Response:
        return _answer(health.live)

    async def ready(_: web.Request) -> web.Response:
        return _answer(health.ready)

    app.router.add_get("/health/live", live)
    app.router.add_get("/health/ready", ready)


def _answer(reason: str | None) -> web.Response:
    said: dict[str, Any] = {"status": "ok" if reason is None else "unavailable", "reason": reason}
    return web.Response(
        status=200 if reason is None else 503, body=msgspec.json.encode(said), content_type="application/json"
    )

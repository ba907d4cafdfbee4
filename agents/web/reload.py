"""``POST /-/reload``: loads the rules again."""

from collections.abc import Awaitable, Callable
from hmac import compare_digest

import msgspec
from aiohttp import web

from streams.errors import Misconfigured

Reload = Callable[[], Awaitable[str]]
"""Loads the rules and returns their hash. Raises ``Misconfigured`` for a bad file, and then changes nothing."""


def add_reload(app: web.Application, admin_token: str | None, reload: Reload) -> None:
    """Adds the path. Without a token it is as if it were not there."""

    async def handle(request: web.Request) -> web.Response:
        if admin_token is None:
            raise web.HTTPNotFound
        if not _allowed(request, admin_token):
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"})
        try:
            return _json(200, {"rules": await reload()})
        except Misconfigured as error:
            return _json(422, {"error": str(error)})

    app.router.add_post("/-/reload", handle)


def _allowed(request: web.Request, admin_token: str) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    given = token.strip().encode(errors="surrogateescape")
    return scheme.lower() == "bearer" and compare_digest(given, admin_token.encode())


def _json(status: int, said: dict[str, str]) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(said), content_type="application/json")

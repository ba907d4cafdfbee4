"""Reads a request's body, bounded in size and time."""

import asyncio

from aiohttp import web

MOST_BYTES = 1024 * 1024
READ_WITHIN = 10.0
"""Seconds in which a body must have come."""


async def read_body(request: web.Request) -> bytes:
    """The body. Raises the answer for one that is too large, too slow, or cut off."""
    if (request.content_length or 0) > MOST_BYTES:
        raise _too_large()
    body = bytearray()
    try:
        async with asyncio.timeout(READ_WITHIN):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise _too_large()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (web.RequestPayloadError, ConnectionError):
        raise web.HTTPBadRequest from None
    return bytes(body)


def _too_large() -> web.HTTPException:
    return web.HTTPRequestEntityTooLarge(max_size=MOST_BYTES, actual_size=MOST_BYTES + 1)

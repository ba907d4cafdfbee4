"""A connection of a simulated worker to a server of the virtual world: what is written arrives, in order.

It belongs to the worker's process: in a dead one nothing arrives any more, but what it wrote goes on at the server.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from typing import Any, Protocol

about: ContextVar[Any] = ContextVar("about", default=None)
"""What a process writes about, where somebody is to know at the far end."""


class Far(Protocol):
    """The server's side of a connection, in a ``context`` of its own."""

    context: Context

    def received(self, data: bytes, matter: Any) -> None:
        """Something came; ``matter`` is what it is ``about``."""
        ...


class Connection(asyncio.Transport):
    """The worker's side. Made in its process."""

    def __init__(self, protocol: Any, far: Callable[["Connection"], Far]) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._context = copy_context()
        self._protocol = protocol
        self._closing = False
        self._far = far(self)

    # What asyncio asks of a transport.

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Nothing is known of it."""
        return default

    def is_closing(self) -> bool:
        """Whether it was closed on either side."""
        return self._closing

    def write(self, data: Any) -> None:
        """The bytes are with the server, whatever becomes of who wrote them."""
        if not self._closing:
            self._loop.call_soon(self._far.received, bytes(data), about.get(), context=self._far.context)

    def close(self) -> None:
        """Listens no more."""
        self._end(None)

    def abort(self) -> None:
        """As ``close``, since nothing waits to be written."""
        self._end(None)

    # What the server does.

    def say(self, data: bytes, after: float, heard: Callable[[], None] = lambda: None) -> None:
        """Sends something back; ``heard`` is called when it is there, unless nobody listens any more."""
        self._loop.call_later(after, self._deliver, data, heard, context=self._context)

    def cut(self, after: float, error: Exception | None = None) -> None:
        """Ends it, rudely where there is an ``error``."""
        self._loop.call_later(after, self._end, error, context=self._context)

    def _deliver(self, data: bytes, heard: Callable[[], None]) -> None:
        if not self._closing:
            heard()
            self._protocol.data_received(data)

    def _end(self, error: Exception | None) -> None:
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._protocol.connection_lost, error, context=self._context)

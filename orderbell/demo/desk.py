"""Where one breaks things in a demo that stays: ``POST /break/NAME``, ``POST /mend/NAME``; ``GET /`` lists them."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from orderbell.demo.show import clock_time
from orderbell.demo.troubles import Troubles
from orderbell.kafka import ports
from streams.errors import Unavailable


class Desk:
    """Listens from ``start`` to ``stop``."""

    def __init__(self, troubles: Troubles) -> None:
        self._troubles = troubles
        app = web.Application()
        app.router.add_get("/", self._list)
        app.router.add_post("/break/{name}", self._doing(troubles.begin, "broken"))
        app.router.add_post("/mend/{name}", self._doing(troubles.end, "over"))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)

    async def start(self) -> str:
        """Returns the address."""
        await self._runner.setup()
        await web.TCPSite(self._runner, ports.HOST, 0).start()
        return "http://{}:{}".format(*self._runner.addresses[0][:2])

    async def stop(self) -> None:
        """Listens no more."""
        await self._runner.cleanup()

    async def _list(self, _: web.Request) -> web.Response:
        there = self._troubles.there
        return _said(
            *(f"{'broken' if t.name in there else 'well':8}{t.name:11}{t.what}" for t in self._troubles.known.values())
        )

    def _doing(
        self, do: Callable[[str], Awaitable[None]], done: str
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            name = request.match_info["name"]
            if name not in self._troubles.known:
                return _said(f"There is no {name}: {', '.join(self._troubles.known)}", status=404)
            try:
                await do(name)
            except Unavailable as error:
                return _said(str(error), status=503)
            return _said(f"{clock_time()} {done}: {self._troubles.known[name].what}")

        return handle


def _said(*lines: str, status: int = 200) -> web.Response:
    return web.Response(status=status, text="".join(f"{line}\n" for line in lines))

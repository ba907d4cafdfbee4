"""A web port on loopback, with Kafka in memory behind it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import msgspec
from aiohttp import ClientSession

from agents.web.callbacks import Callbacks
from agents.web.health import Health
from agents.web.intake import Intake
from agents.web.server import Web, WebServer
from streams import topics
from streams.engine.memory_log import MemoryKafka
from streams.engine.turn import Output, Record
from streams.errors import Misconfigured, Unavailable
from streams.metrics import Metrics
from streams.operators.opt_out_table import OptOutTable
from streams.policy.opt_outs import Hasher
from tests.clock import ManualClock

TOKEN, ADMIN = "callback-token", "admin-token"
HASHER = Hasher("hash key")


class MemoryWriter:
    """Writes into a ``MemoryKafka``. ``hold`` set: not before it is released, be it that nobody waits any longer;
    ``refuse``: not at all."""

    def __init__(self, kafka: MemoryKafka) -> None:
        self._kafka = kafka
        self.hold: asyncio.Event | None = None
        self.refuse = False
        self.asked = asyncio.Event()
        self._writing: set[asyncio.Future[None]] = set()

    async def write(self, outputs: Sequence[Output], stored: Callable[[Output], None]) -> None:
        writing = asyncio.ensure_future(self._write(outputs, stored))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)
        await asyncio.shield(writing)

    async def done(self) -> None:
        """Returns when all is written that was asked for."""
        await asyncio.gather(*self._writing)

    async def _write(self, outputs: Sequence[Output], stored: Callable[[Output], None]) -> None:
        self.asked.set()
        if self.hold is not None:
            await self.hold.wait()
        if self.refuse:
            raise Unavailable("NotEnoughReplicasError")
        for output in outputs:
            await self._kafka.publish(*output)
            stored(output)


class Port:
    """A running web port and what stands behind it."""

    def __init__(self, **settings: Any) -> None:
        self.clock = ManualClock()
        self.kafka = MemoryKafka(self.clock)
        self.writer = MemoryWriter(self.kafka)
        self.ledger = OptOutTable(HASHER)
        self.metrics = Metrics()
        self.health = Health(["broker", "membership", "recovery"])
        self.rules: str | Exception = "abcd"
        wanted: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": 0,
            "public_port": None,
            "callback_token": TOKEN,
            "admin_token": ADMIN,
        }
        wanted |= settings
        token = wanted.pop("callback_token")
        callbacks = Callbacks(
            token=token,
            intake=Intake(HASHER, self.ledger),
            writer=self.writer,
            clock=self.clock,
            metrics=self.metrics,
        )
        self.server = WebServer(
            Web(
                callbacks=callbacks,
                health=self.health,
                registry=self.metrics.registry,
                reload=self._reload,
                **wanted,
            )
        )

    async def _reload(self) -> str:
        if isinstance(self.rules, Exception):
            raise self.rules
        return self.rules

    @property
    def callbacks(self) -> list[Record]:
        """What was stored of the vendors' pushes."""
        return self.kafka.records(topics.PROVIDER_CALLBACKS.name)

    @property
    def opt_outs(self) -> list[Record]:
        """What was written to the ledger's topic."""
        return self.kafka.records(topics.OPT_OUTS.name)

    def read_ledger(self) -> None:
        """Lets the worker's ledger read all that was written."""
        for record in self.opt_outs:
            self.ledger.apply(record.key, record.value, record.timestamp)

    async def push(self, what: str, body: Any, token: str = TOKEN, vendor: str = "aliyun") -> int:
        """Pushes as the vendor does; what is not bytes is written as JSON. The answer's status."""
        body = body if isinstance(body, bytes) else msgspec.json.encode(body)
        async with self.client.post(f"/callbacks/{vendor}/{token}{what and '/'}{what}", data=BytesIO(body)) as answer:
            await answer.read()
            return answer.status

    client: ClientSession


BAD_FILE = Misconfigured("rules.toml: kinds.payment_failed.within: expected a duration")


@asynccontextmanager
async def web_port(**settings: Any) -> AsyncIterator[Port]:
    """A running web port, with settings of its own."""
    port = Port(**settings)
    await port.server.start()
    try:
        async with ClientSession(port.server.url) as port.client:
            yield port
    finally:
        await port.server.close()

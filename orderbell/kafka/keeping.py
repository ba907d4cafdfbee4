"""Keeps the Kafka of a data directory up for as long as a worker lives.

Java may die alone (out of memory, killed), and the process that owns a shared Kafka may end before those that use it.
Then whoever still needs it starts it again, at the same port, so that every client finds it.
"""

import asyncio
from pathlib import Path

import structlog

from orderbell.kafka.sharing import Broker, broker_for, live_broker
from streams.errors import Unavailable

log = structlog.get_logger()

LOOK_EVERY = 1.0


class Keeper:
    """Holds the Kafka of ``data_dir``. ``broker`` is the one that is there now."""

    def __init__(self, data_dir: Path, broker: Broker) -> None:
        self._data_dir = data_dir
        self.broker = broker

    async def keep(self) -> None:
        """Runs until it is cancelled. Raises ``Unavailable`` where Kafka can't be had again at the same address."""
        while True:
            log.error("embedded_kafka_gone", why=await self._gone())
            broker = await broker_for(self._data_dir)
            moved, self.broker = broker.address != self.broker.address, broker
            if moved:
                raise Unavailable(f"{self._data_dir}: Kafka came back at another port")
            log.info("embedded_kafka_back", address=broker.address, owned=broker.owned is not None)

    async def _gone(self) -> str:
        if self.broker.owned is not None:
            return await self.broker.owned.died()
        while live_broker(self._data_dir) is not None:  # noqa: ASYNC110  # no event tells of another process's end
            await asyncio.sleep(LOOK_EVERY)
        return "the process that owned it has ended"

    async def stop(self) -> None:
        """Ends Kafka where it is ours."""
        if self.broker.owned is not None:
            await self.broker.owned.stop()

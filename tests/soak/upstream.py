"""Publishes the stream, and knows which of it Kafka has."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from aiokafka import AIOKafkaProducer

from schemas.times import MILLISECOND, Micros
from streams.clock import SystemClock
from tests.soak.acts import Act, Event

_TICK = 0.02


class Streaming(Protocol):
    """Says what is to be done when."""

    def due(self, elapsed: float) -> list[Act]:
        """What is to be done until ``elapsed`` seconds after the start."""
        ...


class Upstream:
    """A producer like anybody's, which waits for Kafka where it is away. ``answered``: when Kafka said that it has a
    record, by topic, partition and offset."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, enable_idempotence=True, request_timeout_ms=180_000, linger_ms=5
        )
        self._clock = SystemClock()
        self._under_way: set[asyncio.Future[None]] = set()
        self.answered: dict[tuple[str, int, int], Micros] = {}
        self.sent = 0
        self.exceptions: set[str] = set()
        """The ``event_id`` of each exception that Kafka has, and that some decision must name."""

    async def start(self) -> None:
        """Connects."""
        await self._producer.start()

    async def stop(self) -> None:
        """Publishes no more. What Kafka has not taken in a moment it does not get."""
        await asyncio.wait([asyncio.ensure_future(self._producer.stop())], timeout=5)

    async def flush(self) -> None:
        """Waits until Kafka has all."""
        await self._producer.flush()
        await asyncio.gather(*self._under_way)

    async def play(self, stream: Streaming, seconds: float, reply: Callable[[str, str], None]) -> None:
        """Does what the stream says, for so long. Where Kafka is away it falls behind, and catches up."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while (elapsed := loop.time() - began) < seconds:
            for act in stream.due(elapsed):
                if isinstance(act.what, Event):
                    await self.publish(act.what)
                else:
                    reply(act.what.number, act.what.content)
            await asyncio.sleep(_TICK)

    async def publish(self, event: Event) -> None:
        """Hands a record to the producer, in order."""
        stamp = self._clock.now() // MILLISECOND
        sent = await self._producer.send(event.topic, event.value, event.key, timestamp_ms=stamp)
        self.sent += 1
        noting = asyncio.ensure_future(self._note(event, sent))
        self._under_way.add(noting)
        noting.add_done_callback(self._under_way.discard)

    async def _note(self, event: Event, sent: "asyncio.Future[object]") -> None:
        where = await sent
        self.answered[where.topic, where.partition, where.offset] = self._clock.now()  # type: ignore[attr-defined]
        if event.exception is not None:
            self.exceptions.add(event.exception)

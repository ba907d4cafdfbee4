"""Writes records outside any turn, and says when Kafka has them for good."""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from aiokafka import AIOKafkaProducer

from agents.perpetual import Perpetual
from streams.engine.partitioner import partition_of
from streams.engine.turn import Output
from streams.errors import Unavailable
from streams.topics import RECORD_LIMIT

_START_SECONDS = 15.0


class DurableWriter(Protocol):
    """What the web port needs of Kafka."""

    async def write(self, outputs: Sequence[Output], stored: Callable[[Output], None]) -> None:
        """Returns when each of ``outputs`` is durable; waits for Kafka until it is cancelled.

        ``Unavailable`` where that can't be known. What was not confirmed may be written all the same, even later.
        ``stored`` is told of each that is, be it after all have given up waiting for it.
        """
        ...


def _nobody(_: Output) -> None:
    """Nobody is to be told."""


class _Connection(NamedTuple):
    producer: AIOKafkaProducer
    failed: asyncio.Event


class KafkaWriter:
    """An idempotent producer that waits for all in-sync replicas.

    A batch that failed leaves a gap in the producer's sequence, for which Kafka refuses all that follows. So the
    first failure of any record ends the producer, and a new one begins.
    """

    def __init__(self, brokers: Sequence[str], topics: Sequence[str]) -> None:
        self._brokers = brokers
        self._topics = topics
        self._connection: _Connection | None = None
        self._connected = asyncio.Event()
        self._keeping = Perpetual("callback_producer", self._keep)

    def start(self) -> None:
        """Begins to connect, and connects anew whenever that is lost for good."""
        self._keeping.start()

    @property
    def connected(self) -> bool:
        """Whether Kafka answered, knows the topics, and has refused nothing since."""
        return self._connection is not None

    async def _keep(self) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=list(self._brokers),
            enable_idempotence=True,
            acks="all",
            max_request_size=RECORD_LIMIT,
            request_timeout_ms=5_000,
        )
        connection = _Connection(producer, asyncio.Event())
        try:
            async with asyncio.timeout(_START_SECONDS):
                await producer.start()
                for topic in self._topics:
                    await producer.partitions_for(topic)
            self._connection = connection
            self._connected.set()
            await connection.failed.wait()
        finally:
            self._connection = None
            self._connected.clear()
            await asyncio.wait([asyncio.ensure_future(producer.stop())], timeout=2)

    async def write(self, outputs: Sequence[Output], stored: Callable[[Output], None] = _nobody) -> None:
        """Returns when all of them are durable."""
        if not outputs:
            return
        while (connection := self._connection) is None:
            await self._connected.wait()
        try:
            # Waiting leaves the futures alone when it is given up: what becomes of them is noted all the same.
            sent = [await _send(connection, output, stored) for output in outputs]
            await asyncio.wait(sent)
            for future in sent:
                future.result()
        except Exception as error:
            connection.failed.set()
            raise Unavailable(type(error).__name__) from error

    async def close(self) -> None:
        """Lets go of Kafka, within 4 s."""
        await self._keeping.close()


async def _send(connection: _Connection, output: Output, stored: Callable[[Output], None]) -> "asyncio.Future[object]":
    producer = connection.producer
    partition = None
    if output.key is not None:
        partition = partition_of(output.key, len(await producer.partitions_for(output.topic)))
    future: asyncio.Future[object] = await producer.send(output.topic, output.value, output.key, partition)

    def note(done: "asyncio.Future[object]") -> None:
        if done.exception() is None:
            stored(output)
        else:
            connection.failed.set()

    future.add_done_callback(note)
    return future

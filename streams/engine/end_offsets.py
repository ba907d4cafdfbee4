"""Asks Kafka where partitions end, on a connection of its own.

Kafka answers the requests of one connection in turn, so a question behind a reader's long poll would wait for up to
half a second. It answers with the high watermark, which also covers what an open transaction still hides.
"""

import asyncio
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.errors import Unavailable

ANSWER_SECONDS = 5.0


class EndOffsets:
    """One connection for all who ask. Connects when first asked, and anew after a failure."""

    def __init__(self, brokers: Sequence[str]) -> None:
        self._brokers = list(brokers)
        self._client: AIOKafkaConsumer | None = None
        self._connecting = asyncio.Lock()

    async def ask(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """The end of each. What was there before the call lies below it. ``Unavailable`` where no answer comes."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                client = await self._connected()
                ends: Mapping[TopicPartition, int] = await client.end_offsets(partitions)
        except Exception as error:
            await self.close()
            raise Unavailable(f"Kafka does not say where the topics end: {type(error).__name__}") from error
        return ends

    async def _connected(self) -> AIOKafkaConsumer:
        async with self._connecting:
            if self._client is None:
                client = AIOKafkaConsumer(bootstrap_servers=self._brokers, isolation_level="read_uncommitted")
                try:
                    await client.start()
                except BaseException:
                    await _stop(client)
                    raise
                self._client = client
            return self._client

    async def close(self) -> None:
        """Lets go of Kafka, within 2 s."""
        client, self._client = self._client, None
        if client is not None:
            await _stop(client)


async def _stop(client: AIOKafkaConsumer) -> None:
    await asyncio.wait([asyncio.ensure_future(client.stop())], timeout=2)

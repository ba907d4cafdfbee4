"""A record now and then on each of our compacted partitions on which nobody else writes.

Kafka compacts no segment that is still written to, and closes one only when a record comes. So on a partition that has
fallen silent what was erased would stay for ever, whatever ``max.compaction.lag.ms`` says (Kafka 4.3.1, tried). The
record is a null under a key that nothing has.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from agents.perpetual import Perpetual
from streams.engine.end_offsets import EndOffsets
from streams.topics import BEAT, BEATEN

EVERY = 60 * 60.0
"""Seconds between two looks. Every worker looks; who comes second finds that the partition isn't silent."""
_ANSWERED_WITHIN = 60.0

Ends = Mapping[TopicPartition, int]


class Beats:
    """Writes where nobody does, for as long as the worker runs."""

    def __init__(self, brokers: Sequence[str]) -> None:
        self._brokers = list(brokers)
        self._end_offsets = EndOffsets(brokers)
        self._ends: Ends = {}
        self._looking = Perpetual("beats", self._look_for_ever)

    def start(self) -> None:
        """Begins to look, and begins again whenever that fails."""
        self._looking.start()

    async def _look_for_ever(self) -> None:
        while True:
            async with asyncio.timeout(_ANSWERED_WITHIN):
                await self.look()
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Writes to each partition that holds anything and on which nothing was written since the last look."""
        partitions = await self._partitions()
        ends = await self._end_offsets.ask(partitions)
        silent = [tp for tp, end in ends.items() if end and self._ends.get(tp) == end]
        if silent:
            await self._write(silent)
            ends = await self._end_offsets.ask(partitions)
        self._ends = ends

    async def _partitions(self) -> list[TopicPartition]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._brokers)
        try:
            await admin.start()
            found = await admin.describe_topics([topic.name for topic in BEATEN])
        finally:
            await asyncio.wait([asyncio.ensure_future(admin.close())], timeout=2)
        return [TopicPartition(topic["topic"], part["partition"]) for topic in found for part in topic["partitions"]]

    async def _write(self, silent: Iterable[TopicPartition]) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self._brokers, enable_idempotence=True, acks="all")
        try:
            await producer.start()
            for tp in silent:
                await producer.send_and_wait(tp.topic, None, BEAT, tp.partition)
        finally:
            await asyncio.wait([asyncio.ensure_future(producer.stop())], timeout=2)

    async def close(self) -> None:
        """Lets go of Kafka, within 6 s."""
        await self._looking.close()
        await self._end_offsets.close()

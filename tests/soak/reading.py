"""Reads topics: while the soak goes on, and whole when it is over."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.times import Micros
from streams.engine.partitioner import partition_of

PARTITIONS = 4
INPUTS = ("orders", "logistics", "customers", "inventory")
OUTPUTS = (
    "notification-commands",
    "notification-decisions",
    "delivery-receipts",
    "dead-letters",
    "service-tasks",
    "coupon-grants",
    "inbox-messages",
)
_PATIENCE = 120.0


class _Named(msgspec.Struct):
    """What a command or a decision is followed by."""

    command_id: str = ""
    event_id: str = ""
    action: str = ""
    outcome: str = ""
    order_id: str = ""


class Decided(NamedTuple):
    """When a decision was written, on which partition, and on which the order's events lie."""

    at: Micros
    sender: int
    orders: int


class Watch:
    """Follows our topics as a consumer of theirs does."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._job: asyncio.Future[None] | None = None
        self.counts: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self._asked: set[str] = set()
        self._answered: set[str] = set()
        self.decided: set[str] = set()
        """The ``event_id`` of each decision."""
        self.decisions: list[Decided] = []
        self.newest = 0.0
        """When the last record came, by the loop's clock."""

    @property
    def undecided(self) -> set[str]:
        """Commands that were written and have no outcome."""
        return self._asked - self._answered

    def start(self) -> None:
        """Begins to follow."""
        self._job = asyncio.ensure_future(self._follow())

    async def stop(self) -> None:
        """Follows no longer. Raises what made it stop before."""
        if self._job is not None:
            self._job.cancel()
            await asyncio.wait([self._job])
            if not self._job.cancelled():
                self._job.result()

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        async with _consumer(self._bootstrap, OUTPUTS) as consumer:
            while True:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    self.newest = loop.time()
                    for record in records:
                        self.counts[record.topic] += 1
                        self._take(record)

    def _take(self, record: Any) -> None:
        if record.topic not in OUTPUTS[:2]:
            return
        named = msgspec.json.decode(record.value, type=_Named)
        if named.outcome:
            self.decided.add(named.event_id)
            self.outcomes[named.outcome] += 1
            orders = partition_of(named.order_id.encode(), PARTITIONS)
            self.decisions.append(Decided(record.timestamp * 1000, record.partition, orders))
            self._answered.add(named.command_id)
        elif named.action == "notify":
            self._asked.add(named.command_id)


async def read_whole(bootstrap: str, topics: Sequence[str]) -> list[Any]:
    """Every record of the topics that can be read, the aborted ones left out, from the beginning to the end."""
    async with _consumer(bootstrap, topics) as consumer:
        missing = await consumer.end_offsets(consumer.assignment())
        read: list[Any] = []
        async with asyncio.timeout(_PATIENCE):
            while any([await consumer.position(tp) < end for tp, end in missing.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    read += records
        return read


@asynccontextmanager
async def _consumer(bootstrap: str, topics: Sequence[str]) -> AsyncIterator[Any]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, isolation_level="read_committed", auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)])
        yield consumer
    finally:
        await consumer.stop()

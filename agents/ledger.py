"""The opt-out ledger: every worker follows the topic ``opt-outs`` whole.

By a reader of its own, outside the group, which asks again and again where the topic ends. What was durable before the
question lies below the answer; once that is read, the ledger holds all that was said before the question was asked. A
worker that cannot say so of the last two seconds sends nothing, which is how a stop holds everywhere two seconds after
the reply was answered.

It reads uncommitted. A stop is never taken back by the turn that wrote it, and a turn of a dead worker's, open for up
to 20 s, would hide every later stop of its partition from a reader of what is committed.
"""

import asyncio
import math
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.perpetual import Perpetual
from schemas.opt_outs import Scope
from schemas.times import SECOND, Micros
from streams import topics
from streams.clock import Clock
from streams.engine.end_offsets import EndOffsets
from streams.errors import Unavailable
from streams.operators.opt_out_table import OptOutTable
from streams.policy.opt_outs import Hasher

RELIED_ON: Micros = 2 * SECOND
"""How long a confirmation of the ledger's end holds: as long as the contract gives a stop to take effect."""
ASK_EVERY = 0.4
"""How many seconds after a question the next one is due. It is asked up to as much later."""
PATIENCE = 5.0
"""Seconds without a record or a confirmation after which the reader is given up: aiokafka's may wait for ever."""


class Ledger:
    """Says who must not be written to, and whether it may be relied on. ``OptOuts`` of the sender's ports."""

    def __init__(self, brokers: Sequence[str], hasher: Hasher, clock: Clock) -> None:
        self._brokers = brokers
        self._clock = clock
        self._table = OptOutTable(hasher)
        self._end_offsets = EndOffsets(brokers)
        self._confirmed_at: Micros | None = None
        self._following = Perpetual("opt_out_ledger", self._follow)

    def start(self) -> None:
        """Begins to follow the topic, and begins again whenever that fails."""
        self._following.start()

    def stopped(self, number: str) -> bool:
        """Whether nothing may go by SMS to ``number`` (E.164)."""
        return self._table.stopped(number)

    def stopped_marketing(self, number: str) -> bool:
        """Whether nothing that advertises may go by SMS to ``number`` (E.164)."""
        return self._table.stopped_marketing(number)

    def fresh(self, now: Micros) -> bool:
        """Whether all is known that was said up to ``RELIED_ON`` before ``now``."""
        confirmed_at = self._confirmed_at
        return confirmed_at is not None and confirmed_at <= now < confirmed_at + RELIED_ON

    def age(self, now: Micros) -> float:
        """Seconds since the end of the ledger was last confirmed; infinite where it never was."""
        confirmed_at = self._confirmed_at
        return math.inf if confirmed_at is None else (now - confirmed_at) / SECOND

    def holds(self, number_key: str, scope: Scope, at: Micros) -> bool:
        """Whether a stop of that moment would change nothing, since it is known, or a later word is."""
        return self._table.holds(number_key, scope, at)

    def __len__(self) -> int:
        """How many words it holds."""
        return len(self._table)

    async def _follow(self) -> None:
        reader = AIOKafkaConsumer(
            topics.OPT_OUTS.name,  # without a group: all its partitions are ours
            bootstrap_servers=list(self._brokers),
            isolation_level="read_uncommitted",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        try:
            async with asyncio.timeout(PATIENCE) as patience:
                await reader.start()
                await self._read(reader, patience)
        finally:
            await asyncio.wait([asyncio.ensure_future(reader.stop())], timeout=2)

    async def _read(self, reader: AIOKafkaConsumer, patience: asyncio.Timeout) -> None:
        time = asyncio.get_running_loop().time
        partitions = _partitions(reader)
        for tp, first in (await reader.beginning_offsets(partitions)).items():
            reader.seek(tp, first)  # seek_to_beginning() can wait for ever
        while True:
            asked, asked_at = time(), self._clock.now()
            ends = await self._ends(reader, partitions)
            while time() < asked + ASK_EVERY:
                if await _reached(reader, ends):
                    self._confirmed_at = asked_at
                    patience.reschedule(time() + PATIENCE)
                for records in (await reader.getmany(timeout_ms=int(ASK_EVERY * 1000))).values():
                    for record in records:
                        self._table.apply(record.key, record.value, record.timestamp * 1000)
                    patience.reschedule(time() + PATIENCE)

    async def _ends(self, reader: AIOKafkaConsumer, partitions: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Where the partitions end. Raises where they are no longer what they were: then all is read again."""
        if _partitions(reader) != partitions:
            raise Unavailable("the topic has other partitions than before")
        before = {tp: await reader.position(tp) for tp in partitions}
        ends = await self._end_offsets.ask(partitions)
        if any(before[tp] > ends[tp] for tp in partitions):
            raise Unavailable("the topic ends before what was read of it")
        return ends

    async def close(self) -> None:
        """Lets go of Kafka, within 6 s."""
        await self._following.close()
        await self._end_offsets.close()


def _partitions(reader: AIOKafkaConsumer) -> list[TopicPartition]:
    topic = topics.OPT_OUTS.name
    found = reader.partitions_for_topic(topic)
    if not found:
        raise Unavailable(f"there is no topic {topic}")
    return [TopicPartition(topic, partition) for partition in sorted(found)]


async def _reached(reader: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> bool:
    return all([await reader.position(tp) >= end for tp, end in ends.items()])

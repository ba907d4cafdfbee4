"""How far the ``customers`` agent and the readers of ``profiles`` have come, over the whole group.

That a customer has no profile can be concluded only from what is known to have been read. So at each look the ends of
``customers`` are noted with the moment; once the agent's offsets have passed them, the ends of ``profiles`` are noted,
and once the sender's offsets have passed those, all that was published up to that moment is in the sender's hands.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from agents.perpetual import Perpetual
from schemas.times import Micros
from streams.clock import Clock
from streams.errors import Unavailable
from streams.topics import CUSTOMERS, PROFILES

LOOK_EVERY = 1.0
MOST_NOTES = 600
"""How many looks are remembered while the agent is behind; after that the newest wait for the oldest to be passed."""

Offsets = Mapping[TopicPartition, int]


class _Note(NamedTuple):
    moment: Micros
    ends: Offsets


class Passed:
    """Moments noted with the ends that there were, until offsets have passed them."""

    def __init__(self) -> None:
        self._notes: deque[_Note] = deque()

    def note(self, moment: Micros, ends: Offsets) -> None:
        """Remembers where the topics ended at ``moment``."""
        if len(self._notes) < MOST_NOTES:
            self._notes.append(_Note(moment, ends))

    def up_to(self, offsets: Offsets) -> Micros | None:
        """The newest moment whose ends ``offsets`` have reached, which is then forgotten with all before it."""
        reached = None
        while self._notes and all(offsets.get(tp, 0) >= end for tp, end in self._notes[0].ends.items()):
            reached = self._notes.popleft().moment
        return reached


class ProfileProgress:
    """Follows both topics. ``Progress`` of the sender's ports."""

    def __init__(self, brokers: Sequence[str], group: str, clock: Clock) -> None:
        self._brokers = list(brokers)
        self._group = group
        self._clock = clock
        self._known_until: Micros = 0
        self._following = Perpetual("profile_progress", self._follow)

    def start(self) -> None:
        """Begins to look, and begins again whenever that fails."""
        self._following.start()

    def customers_known_until(self) -> Micros:
        """The moment up to which all that was published to ``customers`` has reached the sender. 0: not known yet."""
        return self._known_until

    async def _follow(self) -> None:
        reader = AIOKafkaConsumer(bootstrap_servers=self._brokers, isolation_level="read_committed")
        admin = AIOKafkaAdminClient(bootstrap_servers=self._brokers)
        try:
            await reader.start()
            await admin.start()
            await self._look(reader, admin)
        finally:
            closing = [asyncio.ensure_future(reader.stop()), asyncio.ensure_future(admin.close())]
            await asyncio.wait(closing, timeout=2)

    async def _look(self, reader: AIOKafkaConsumer, admin: AIOKafkaAdminClient) -> None:
        customers, profiles = await _partitions(admin, CUSTOMERS.name), await _partitions(admin, PROFILES.name)
        published = Passed()
        passed_on = Passed()
        while True:
            asked_at = self._clock.now()
            published.note(asked_at, await reader.end_offsets(customers))
            found = await admin.list_consumer_group_offsets(self._group, partitions=[*customers, *profiles])
            offsets = {tp: max(0, at.offset) for tp, at in found.items()}
            known = passed_on.up_to(offsets)
            if known is not None:
                self._known_until = known
            done = published.up_to(offsets)
            if done is not None:
                passed_on.note(done, await reader.end_offsets(profiles))
            await asyncio.sleep(LOOK_EVERY)

    async def close(self) -> None:
        """Lets go of Kafka, within 4 s."""
        await self._following.close()


async def _partitions(admin: AIOKafkaAdminClient, topic: str) -> list[TopicPartition]:
    (found,) = await admin.describe_topics([topic])
    if found["error_code"]:
        raise Unavailable(f"there is no topic {topic}")
    return [TopicPartition(topic, part["partition"]) for part in found["partitions"]]

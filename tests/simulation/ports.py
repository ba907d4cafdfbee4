"""What a simulated worker leans on beside Kafka's logs: the opt-out ledger, the profiles' progress, the durable writer.

The real ones ask Kafka again and again; these work out what those would know, when they are asked.
"""

from collections.abc import Callable, Sequence
from typing import Any

from schemas.opt_outs import Scope
from schemas.times import SECOND, Micros
from streams import topics
from streams.clock import Clock
from streams.engine.memory_log import MemoryKafka
from streams.engine.partitioner import partition_of
from streams.engine.turn import Output
from streams.operators.opt_out_table import OptOutTable
from streams.policy.opt_outs import Hasher
from tests.simulation.weather import Weather

RELIED_ON: Micros = 2 * SECOND


class Hearing:
    """Up to when a worker knows what Kafka holds: a little less than now, and less where it is deaf for a while."""

    def __init__(self, clock: Clock, behind: Micros) -> None:
        self._clock = clock
        self._behind = behind
        self._deaf_from: Micros = 0
        self._deaf_until: Micros = clock.now() + SECOND  # it has only just begun to listen

    def deafen(self, lasts: Micros) -> None:
        """It hears nothing from now on."""
        now = self._clock.now()
        if now >= self._deaf_until:
            self._deaf_from = now - self._behind
        self._deaf_until = max(self._deaf_until, now + lasts)

    @property
    def until(self) -> Micros:
        """What was written by then is known."""
        now = self._clock.now()
        return self._deaf_from if now < self._deaf_until else now - self._behind


class Ledger:
    """``OptOuts`` of the sender's ports, and what the callbacks ask of the ledger."""

    def __init__(self, kafka: MemoryKafka, hasher: Hasher, hearing: Hearing) -> None:
        self._kafka = kafka
        self._table = OptOutTable(hasher)
        self._hearing = hearing
        self._read = [0] * kafka.partitions

    def stopped(self, number: str) -> bool:
        """Whether nothing may go by SMS to ``number``."""
        return self._known().stopped(number)

    def stopped_marketing(self, number: str) -> bool:
        """Whether nothing that advertises may go by SMS to ``number``."""
        return self._known().stopped_marketing(number)

    def fresh(self, now: Micros) -> bool:
        """Whether all is known that was said up to ``RELIED_ON`` before ``now``."""
        return now < self._hearing.until + RELIED_ON

    def holds(self, number_key: str, scope: Scope, at: Micros) -> bool:
        """Whether a stop of that moment would change nothing."""
        return self._known().holds(number_key, scope, at)

    def _known(self) -> OptOutTable:
        until = self._hearing.until
        for partition in range(self._kafka.partitions):
            records = self._kafka.records(topics.OPT_OUTS.name, partition)
            while self._read[partition] < len(records) and records[self._read[partition]].timestamp <= until:
                record = records[self._read[partition]]
                self._table.apply(record.key, record.value, record.timestamp)
                self._read[partition] += 1
        return self._table


class Progress:
    """``Progress`` of the sender's ports: what the offsets that were reported prove."""

    def __init__(self, kafka: MemoryKafka, hearing: Hearing) -> None:
        self._kafka = kafka
        self._hearing = hearing

    def customers_known_until(self) -> Micros:
        """The moment up to which all that was published to ``customers`` has reached the sender."""
        passed_on = self._read_until(topics.PROFILES.name, self._hearing.until)
        return self._read_until(topics.CUSTOMERS.name, passed_on)

    def _read_until(self, topic: str, by: Micros) -> Micros:
        """Up to when all that was written to a topic had been read, as it was reported ``by`` a moment."""
        until = by
        for partition in range(self._kafka.partitions):
            records = self._kafka.records(topic, partition)
            reported = self._kafka.reported(topic, partition, by)
            if reported < len(records):
                until = min(until, self._kafka.written_at(records[reported]) - 1)
        return until


class Writer:
    """The durable writer of the callbacks."""

    def __init__(self, kafka: MemoryKafka, weather: Weather) -> None:
        self._kafka = kafka
        self._weather = weather

    async def write(self, outputs: Sequence[Output], stored: Callable[[Output], None]) -> None:
        """Returns when each of ``outputs`` is durable."""
        await self._weather.step("write")
        for output in outputs:
            topic, key, value = output
            partition = 0 if key is None else partition_of(key, self._kafka.partitions)
            self._kafka.append(topic, partition, key, value)
            stored(output)
        await self._weather.step("written")


class Silent:
    """A watcher of the engine's that keeps only how often an incarnation failed."""

    def __init__(self) -> None:
        self.failures = 0

    def turn(self, *_: Any) -> None: ...
    def lag(self, *_: Any) -> None: ...
    def taken_over(self, *_: Any) -> None: ...
    def behind(self, *_: Any) -> None: ...
    def rebalanced(self) -> None: ...
    def state(self, *_: Any) -> None: ...
    def size(self, *_: Any) -> None: ...
    def left(self, *_: Any) -> None: ...
    def halted(self, *_: Any) -> None: ...
    def lost(self, *_: Any) -> None: ...

    def failed(self, *_: Any) -> None:
        self.failures += 1

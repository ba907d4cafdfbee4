from typing import Any

import pytest

from streams.engine.memory_log import MemoryKafka, MemoryLogs
from tests.clock import ManualClock
from tests.log_contract import LogContract


class MemoryCluster:
    def __init__(self) -> None:
        self._kafka = MemoryKafka(ManualClock())
        self.logs = MemoryLogs(self._kafka)

    async def publish(self, topic: str, key: str, value: str | None) -> None:
        await self._kafka.publish(topic, key.encode(), None if value is None else value.encode())

    async def committed(self, topic: str) -> list[tuple[bytes | None, bytes | None]]:
        return [(r.key, r.value) for r in self._kafka.records(topic)]

    async def reported(self, topic: str) -> int | None:
        return self._kafka.reported(topic)


class TestMemoryLog(LogContract):
    @pytest.fixture
    def cluster(self) -> Any:
        return MemoryCluster()

"""All that a soak needs around its workers, from the first start to the last end."""

import os
import subprocess
import sys
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from agents.cluster import Cluster, ensure_topics
from orderbell.standins.aliyun.texts import Texts
from schemas.times import MILLISECOND, Micros
from streams.clock import SystemClock
from tests.oracle.evidence import Evidence, Published, Written
from tests.soak import rules
from tests.soak.broker import Broker
from tests.soak.fleet import Fleet
from tests.soak.options import KEY, TOKEN, Options
from tests.soak.reading import INPUTS, OUTPUTS, PARTITIONS, Watch, read_whole
from tests.soak.troubles import CRUEL, KIND
from tests.soak.upstream import Upstream
from tests.soak.vendor import Vendor

_ANSWERING: Micros = 250 * MILLISECOND
"""What upstream waits for is that Kafka has its record; how long Kafka may have had it when it says so."""


class Scene:
    """Kafka, the vendor, upstream, a reader of our topics, and ``workers`` workers and a guest to come."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._folder = options.folder
        self.began_at: Micros = SystemClock().now()
        self.closed_at: Micros = 0
        self.broker = Broker(options.folder)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await self._open(self._options, stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def _open(self, options: Options, stack: AsyncExitStack) -> None:
        (self._folder / "rules.toml").write_text(rules.TOML)
        stack.push_async_callback(self.broker.end)
        await self.broker.start()
        self.fleet = Fleet(self._folder, self.broker, self._settings())
        temper = CRUEL if options.mode == "chaos" else KIND
        self.vendor = Vendor(options.seed, temper, self.fleet.callbacks, Texts.of_rules(self._shown()))
        stack.push_async_callback(self.vendor.stop)
        await self.vendor.start()
        async with Cluster([self.broker.bootstrap]) as cluster:
            await ensure_topics(cluster, PARTITIONS, 1)
        self.fleet.members = [
            # One has a fixed place in the group, which it keeps when it is back before its session ends.
            self.fleet.worker(await self.vendor.gate(), **({"ORDERBELL_INSTANCE": "fixed"} if number == 0 else {}))
            for number in range(options.workers)
        ]
        self.guest = self.fleet.worker(await self.vendor.gate())
        self.upstream = Upstream(self.broker.bootstrap)
        stack.push_async_callback(self.upstream.stop)
        await self.upstream.start()
        self.watch = Watch(self.broker.bootstrap)
        stack.push_async_callback(self.watch.stop)
        self.watch.start()
        stack.push_async_callback(self.fleet.stop)
        await self.fleet.start()

    def _settings(self) -> dict[str, str]:
        return {
            "ORDERBELL_BROKER": self.broker.url,
            "ORDERBELL_HASH_KEY": "hash-key-of-the-soak",
            "ORDERBELL_RULES": str(self._folder / "rules.toml"),
            "ORDERBELL_CALLBACK_TOKEN": TOKEN,
            "ORDERBELL_ALIYUN_ACCESS_KEY_ID": KEY[0],
            "ORDERBELL_ALIYUN_ACCESS_KEY_SECRET": KEY[1],
        }

    def _shown(self) -> bytes:
        command = [sys.executable, "-P", "-m", "orderbell", "rules", "show", "--json", str(self._folder / "rules.toml")]
        return subprocess.run(command, check=True, capture_output=True, env=os.environ).stdout

    async def evidence(self) -> Evidence:
        """All that is known by now."""
        answered = self.upstream.answered
        published = await read_whole(self.broker.bootstrap, INPUTS)
        written = await read_whole(self.broker.bootstrap, OUTPUTS)
        return Evidence(
            published=[
                Published(
                    *(r.topic, r.partition, r.offset, r.timestamp * 1000, r.key, r.value),
                    at=max(r.timestamp * 1000, answered.get((r.topic, r.partition, r.offset), 0) - _ANSWERING),
                )
                for r in published
            ],
            written=[
                # A record's time is cut down to milliseconds.
                Written(r.topic, r.partition, r.offset, r.key, r.value, r.timestamp * 1000 + 999)
                for r in written
            ],
            attempts=self.vendor.attempts,
            reported=self.vendor.reported,
            replied=self.vendor.replied,
            disturbances=[*self.fleet.disturbances, *self.vendor.disturbances],
            began_at=self.began_at,
            closed_at=self.closed_at,
            ended_at=SystemClock().now(),
        )

"""The one place that touches what is private of Faust and aiokafka.

Faust brings the app's lifecycle, the group membership and the co-partitioning assignor; records never pass through it
(its per-message path loses events and does a few per cent of what aiokafka delivers). So its consumer is a member that
never fetches: paused in the consumer's own thread before any position is known. ``tests/unit/test_faust_seam.py`` pins
each name and signature that is used here.

An agent is a real Faust agent, so that Faust subscribes to its topics; its stream stays empty.
"""

from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import faust
import structlog
from faust.transport.drivers import aiokafka as driver

log = structlog.get_logger()


class _PausedListener(driver.ConsumerRebalanceListener):  # type: ignore[misc]  # Faust ships no types
    async def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        self._thread._ensure_consumer().pause(*assigned)
        await super().on_partitions_assigned(assigned)


class _MemberOnly(driver.Consumer):  # type: ignore[misc]
    RebalanceListener = _PausedListener

    def verify_event_path(self, now: float, tp: Any) -> None:
        """Would report the partitions, silent as they are, as hanging."""


class _Transport(driver.Transport):  # type: ignore[misc]
    Consumer = _MemberOnly


class Membership:
    """This worker's place in the consumer group.

    ``assigned`` is called with the (topic, partition) pairs that are ours now, each time the group was dealt out; it
    must not block, since no heartbeat is sent meanwhile. Revocations are not reported: a task whose partition stays
    goes on through the rebalance, and one that moved is fenced by its new owner.
    """

    def __init__(
        self,
        brokers: Sequence[str],
        group: str,
        agents: Mapping[str, tuple[str, ...]],
        assigned: Callable[[set[tuple[str, int]]], None],
        *,
        data_dir: Path,
        instance: str | None,
        session_seconds: float,
        heartbeat_seconds: float,
    ) -> None:
        self._app = faust.App(
            group,
            broker=[f"kafka://{address}" for address in brokers],
            web_enabled=False,
            topic_disable_leader=True,
            topic_allow_declare=False,
            # Without Faust's tables 0 silently means round robin, which would part the topics of one task.
            table_standby_replicas=1,
            datadir=str(data_dir),
            consumer_group_instance_id=instance,
            broker_session_timeout=session_seconds,
            broker_heartbeat_interval=heartbeat_seconds,
            broker_request_timeout=session_seconds + 20.0,
            # A leader that does not know a topic yet deals out the others and says nothing; so it looks again soon.
            consumer_metadata_max_age_ms=30_000,
        )
        self._app.transport = _Transport(self._app.conf.broker_consumer, self._app)
        for name, topics in agents.items():
            self._app.agent(self._app.topic(*topics, key_type=bytes, value_type=bytes), name=name)(_hold)

        async def on_assigned(_: Any, assigned: Iterable[Any], **__: Any) -> None:
            self.joined = True
            assigned_now({(tp.topic, tp.partition) for tp in assigned})

        assigned_now = assigned
        self._app.on_partitions_assigned.connect(on_assigned, weak=False)
        self.joined = False
        """Whether the group has dealt out its partitions to us, be it none."""

    @property
    def rebalancing(self) -> bool:
        """Whether the group is being dealt out anew."""
        return bool(self._app.rebalancing)

    @property
    def failed(self) -> bool:
        """Whether Faust has given up."""
        return bool(self._app.crashed or self._app.should_stop)

    async def start(self) -> None:
        """Joins the group. Fails at once without a broker."""
        await self._app.start()

    async def stop(self) -> None:
        """Leaves the group."""
        await self._app.stop()


async def _hold(stream: AsyncIterable[Any]) -> None:
    async for _ in stream:
        log.error("record_through_faust")  # cannot be: its consumer is paused

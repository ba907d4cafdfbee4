"""What every adapter of the port ``Log`` must keep. One suite, run over the one in memory and the one on Kafka."""

import asyncio
from typing import Protocol

import pytest

from streams.engine.log import Log, Logs
from streams.engine.turn import Output, Record


class Cluster(Protocol):
    """What a test needs of a cluster besides the port. Topics: ``source``, ``table``, ``out``; one partition each."""

    logs: Logs

    async def publish(self, topic: str, key: str, value: str | None) -> None: ...
    async def committed(self, topic: str) -> list[tuple[bytes | None, bytes | None]]: ...
    async def reported(self, topic: str) -> int | None: ...


async def _owner(cluster: Cluster, followed: tuple[str, ...] = ()) -> tuple[Log, dict[bytes, bytes]]:
    log = cluster.logs.open("contract", 0, ("source", "table"), followed)
    return log, await log.take_over()


async def _take(log: Log, count: int) -> list[Record]:
    records: list[Record] = []
    async with asyncio.timeout(30):
        while len(records) < count:
            records += (await log.fetch()).records
    return records


class LogContract:
    """Inherit this with a fixture ``cluster``."""

    async def test_a_committed_turn_is_there_whole(self, cluster: Cluster) -> None:
        log, state = await _owner(cluster)
        assert state == {}
        await log.begin({})
        await log.commit([Output("out", b"k", b"1"), Output("out", b"k", b"2")], [(b"a", b"x"), (b"b", b"y")], None)
        await log.close()
        assert await cluster.committed("out") == [(b"k", b"1"), (b"k", b"2")]
        log, state = await _owner(cluster)
        assert state == {b"a": b"x", b"b": b"y"}
        await log.close()

    async def test_a_tombstone_ends_an_entry(self, cluster: Cluster) -> None:
        log, _ = await _owner(cluster)
        await log.begin({})
        await log.commit([], [(b"a", b"x"), (b"b", b"y")], None)
        await log.commit([], [(b"a", None)], None)
        await log.close()
        log, state = await _owner(cluster)
        assert state == {b"b": b"y"}
        await log.close()

    async def test_a_fenced_owner_changes_nothing(self, cluster: Cluster) -> None:
        zombie, _ = await _owner(cluster)
        await zombie.begin({})
        await zombie.commit([], [(b"a", b"before")], None)
        owner, state = await _owner(cluster)
        assert state == {b"a": b"before"}
        await owner.begin({})
        with pytest.raises(Exception):  # noqa: B017, PT011  # which one is the adapter's own affair
            await zombie.commit([Output("out", b"k", b"zombie")], [(b"a", b"zombie")], None)
        await owner.commit([Output("out", b"k", b"owner")], [(b"b", b"owner")], None)
        await zombie.close()
        await owner.close()
        assert await cluster.committed("out") == [(b"k", b"owner")]
        log, state = await _owner(cluster)
        assert state == {b"a": b"before", b"b": b"owner"}
        await log.close()

    async def test_reading_begins_at_the_given_offset_and_keeps_the_order(self, cluster: Cluster) -> None:
        for number in range(5):
            await cluster.publish("source", "k", str(number))
        log, _ = await _owner(cluster)
        await log.begin({"source": 2})
        records = await _take(log, 3)
        assert [(r.offset, r.value) for r in records] == [(2, b"2"), (3, b"3"), (4, b"4")]
        assert (await log.positions())["source"] == 5
        assert (await log.ends())["source"] == 5
        await log.close()

    async def test_a_cancelled_fetch_loses_nothing(self, cluster: Cluster) -> None:
        log, _ = await _owner(cluster)
        await log.begin({})
        fetch = asyncio.ensure_future(log.fetch())
        await asyncio.sleep(0)
        fetch.cancel()
        await cluster.publish("source", "k", "1")
        assert [r.value for r in await _take(log, 1)] == [b"1"]
        await log.close()

    async def test_a_followed_topic_is_restored_up_to_its_offset_only(self, cluster: Cluster) -> None:
        await cluster.publish("table", "a", "1")
        await cluster.publish("table", "b", "1")
        await cluster.publish("table", "a", None)
        await cluster.publish("table", "b", "2")
        log, _ = await _owner(cluster, ("table",))
        begun = await log.begin({"table": 3})
        assert begun.followed == {"table": {b"b": b"1"}}
        assert [r.value for r in await _take(log, 1)] == [b"2"]
        await log.close()

    async def test_an_offset_that_is_no_longer_there_is_said_to_be_lost(self, cluster: Cluster) -> None:
        await cluster.publish("source", "k", "1")
        log, _ = await _owner(cluster)
        begun = await log.begin({"source": 70, "table": 0})
        assert begun.lost == {"source"}
        assert [r.value for r in await _take(log, 1)] == [b"1"]
        await log.close()

    async def test_reported_positions_reach_the_group(self, cluster: Cluster) -> None:
        log, _ = await _owner(cluster)
        await log.begin({})
        await log.commit([], [], {"source": 7})
        await log.close()
        assert await cluster.reported("source") == 7

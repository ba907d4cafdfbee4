"""What a task tells of itself: how far it is behind, and how large its state is."""

from schemas.times import SECOND
from streams.errors import Unavailable
from streams.topics import changelog
from tests.unit.one_task import World


async def test_positions_are_told_to_the_group_and_the_lag_to_the_watcher() -> None:
    world = World()
    task = world.start()
    await world.publish("1")
    await world.until(lambda: world.seen() == [1])
    world.clock.advance(6 * SECOND)
    await world.until(lambda: world.kafka.reported("source") == 1)
    assert world.watcher.lags["source"] == 0
    await task.stop()


async def test_a_partition_that_nobody_can_take_over_is_behind_with_what_comes() -> None:
    stuck = False

    async def step(what: str) -> None:
        if stuck and what in ("take_over", "commit"):
            raise Unavailable("as it were")

    world = World(step)
    task = world.start()
    await world.publish("1")
    await world.until(lambda: world.seen() == [1])
    stuck = True
    for number in range(2, 5):
        await world.publish(str(number))
    await world.until(lambda: world.watcher.lags.get("source") == 3)
    assert world.watcher.failures > 0
    stuck = False
    await world.until(lambda: world.seen() == [1, 2, 3, 4])
    world.clock.advance(6 * SECOND)
    await world.until(lambda: world.watcher.lags["source"] == 0)
    await task.stop()


async def test_who_takes_over_what_a_newer_version_left_knows_how_far_it_is_behind_though_it_can_read_nothing() -> None:
    world = World()
    task = world.start()
    await world.publish("1")
    await world.until(lambda: world.seen() == [1])
    await task.stop()
    world.watcher.lags.clear()
    world.kafka.append("orders-changelog", 0, b"newer", bytes([99]))
    for number in range(2, 5):
        await world.publish(str(number))
    task = world.start()
    await world.until(lambda: world.watcher.lags.get("source") == 3)
    world.kafka.append("orders-changelog", 0, b"newer", None)
    await world.until(lambda: world.seen() == [1, 2, 3, 4])
    await task.stop()


async def test_the_size_of_the_state_is_told_to_the_watcher_once_a_minute() -> None:
    world = World()
    task = world.start()
    await world.until(lambda: world.watcher.measured > 0)
    for number in range(6):
        await world.publish(str(number))
        await world.until(lambda number=number: world.seen()[-1:] == [number])  # type: ignore[misc]
        measured = world.watcher.measured
        world.clock.advance(10 * SECOND)
        await world.until(lambda measured=measured: world.watcher.measured > measured)  # type: ignore[misc]
    entry = world.kafka.table(changelog("orders").name, 0)[b"k"]
    assert world.watcher.sizes == [0, len(b"k") + len(entry)]
    await task.stop()

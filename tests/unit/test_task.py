"""A task on the log in memory: whatever fails, each event counts once and each output is written once."""

import asyncio
import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.times import HOUR, SECOND
from streams.engine.task import Task
from tests.counting import QUIET, Ask, Tally, counting
from tests.unit.one_task import World


async def test_each_event_counts_once_though_workers_die_at_any_point() -> None:
    dice = random.Random(7)

    async def step(_: str) -> None:
        await asyncio.sleep(0)
        if dice.random() < 0.2:
            raise ConnectionError

    world = World(step)
    zombie: Task[Tally, None] | None = None
    for number in range(60):
        await world.publish(str(number))
        task = world.start()
        if zombie is not None:
            zombie._job.cancel()
        await asyncio.sleep(dice.random() / 200)
        zombie = task  # goes on beside its successor, which fences it
    await world.until(lambda: len(world.seen()) >= 60)
    assert world.seen() == list(range(60))
    assert world.watcher.failures > 60
    await task.stop()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["take_over", "ends", "commit", "committed"]))
def test_a_crash_at_one_kind_of_point_leaves_exactly_the_committed_turns(seed: int, point: str) -> None:
    dice = random.Random(seed)

    async def step(name: str) -> None:
        if name == point and dice.random() < 0.5:
            raise ConnectionError

    async def run() -> None:
        world = World(step)
        task = world.start()
        for number in range(20):
            await world.publish(str(number))
            await asyncio.sleep(0)
        await world.until(lambda: len(world.seen()) >= 20)
        assert world.seen() == list(range(20))
        await task.stop()

    asyncio.run(run())


async def test_a_deadline_comes_only_when_the_partition_is_read_to_its_end() -> None:
    hold = asyncio.Event()
    hold.set()

    async def step(name: str) -> None:
        if name == "fetch":
            await hold.wait()

    world = World(step)
    task = world.start()
    await world.publish("1")
    await world.until(lambda: world.seen() == [1])
    hold.clear()
    world.clock.advance(HOUR)
    await world.publish("2")  # it came in time, an hour ago as Kafka has it, but we are slow to read it
    newest = msgspec.structs.replace(world.kafka.records("source")[1], timestamp=world.clock.now())
    world.kafka.records("source")[1] = newest
    for _ in range(50):
        task.wake()
        await asyncio.sleep(0.001)
    assert [o.get("what", "seen") for o in world.out] == ["seen"]
    hold.set()
    await world.until(lambda: world.seen() == [1, 2])
    world.clock.advance(QUIET + SECOND)
    await world.until(lambda: world.out[-1] == {"number": 2, "what": "quiet", "at": world.clock.now()})
    await task.stop()


async def test_what_is_overdue_when_it_comes_is_dated_by_when_it_was_found() -> None:
    world = World()
    task = world.start()
    await world.publish("1")
    world.clock.advance(QUIET + SECOND)
    await world.until(lambda: world.out[-1:] == [{"number": 1, "what": "quiet", "at": world.clock.now()}])
    world.clock.advance(HOUR)  # nothing was due meanwhile, so nobody asked what time it is
    await world.kafka.publish("source", b"k", b"2", timestamp=world.clock.now() - HOUR - QUIET)
    await world.until(lambda: world.out[-1:] == [{"number": 1, "what": "quiet", "at": world.clock.now()}])
    assert world.seen() == [1, 2]
    await task.stop()


async def test_a_deadline_survives_the_worker() -> None:
    world = World()
    task = world.start()
    await world.publish("1")
    await world.until(lambda: world.seen() == [1])
    await task.stop()
    world.clock.advance(QUIET + SECOND)
    task = world.start()
    await world.until(lambda: world.out[-1] == {"number": 1, "what": "quiet", "at": world.clock.now()})
    await task.stop()


async def test_a_call_begins_after_its_commit_and_its_result_takes_a_turn() -> None:
    committed_when_called: list[list[int]] = []

    async def perform(call: Ask) -> str:
        committed_when_called.append(world.seen())
        return "answered"

    world = World(perform=perform)
    task = world.start()
    await world.publish("ask 1")
    await world.until(lambda: {"number": 1, "what": "answered"} in world.out)
    assert committed_when_called == [[1]]
    await task.stop()


async def test_a_stopped_task_waits_for_its_calls_and_begins_none() -> None:
    answer = asyncio.Event()
    begun: list[int] = []

    async def perform(call: Ask) -> str:
        begun.append(call.number)
        await answer.wait()
        return "answered"

    world = World(perform=perform)
    task = world.start()
    await world.publish("ask 1")
    await world.until(lambda: begun == [1])
    stopping = asyncio.ensure_future(task.stop())
    await asyncio.sleep(0.01)
    answer.set()
    await stopping
    assert world.out[-1] == {"number": 1, "what": "answered"}


async def test_results_are_kept_through_a_failed_commit() -> None:
    fail = False

    async def step(name: str) -> None:
        if name == "commit" and fail:
            raise ConnectionError

    async def perform(call: Ask) -> str:
        nonlocal fail
        fail = True
        return "answered"

    world = World(step, perform)
    task = world.start()
    await world.publish("ask 1")
    await world.until(lambda: world.watcher.failures > 2)
    fail = False
    await world.until(lambda: {"number": 1, "what": "answered"} in world.out)
    assert [o.get("what", "seen") for o in world.out].count("answered") == 1
    await task.stop()


async def _after_a_loss(world: World) -> Task[Tally, None]:
    """One record was read; while nobody was there Kafka kept what had come for less long than that."""
    task = world.start()
    await world.publish("1")
    await world.until(lambda: world.seen() == [1])
    await task.stop()
    world.kafka.records("source").clear()
    world.clock.advance(HOUR)
    task = world.start()
    await world.until(lambda: task.recovered)
    return task


async def test_after_lost_records_nothing_is_concluded_from_before_the_first_one_left() -> None:
    world = World()
    task = await _after_a_loss(world)
    await world.publish("2")
    await world.until(lambda: world.seen() == [1, 2])
    assert [o.get("what", "seen") for o in world.out] == ["seen", "seen"]
    assert world.watcher.gone == ["left", "source"]
    await task.stop()


async def test_a_loss_that_nothing_follows_keeps_nobody_busy() -> None:
    world = World()
    task = await _after_a_loss(world)
    world.watcher.turns = 0
    await asyncio.sleep(0.1)
    assert world.watcher.turns < 5
    await task.stop()


@pytest.mark.parametrize("stamp", [HOUR * 24 * 365 * 100, -1000])
async def test_after_a_loss_a_record_with_an_absurd_time_moves_nothing_ahead_or_back(stamp: int) -> None:
    world = World()
    task = await _after_a_loss(world)
    await world.kafka.publish("source", b"other", b"2", timestamp=stamp)
    await world.until(lambda: world.seen() == [1, 2])
    assert world.out[-1] == {"number": 2}
    world.clock.advance(QUIET + SECOND)
    await world.until(lambda: {"number": 1, "what": "quiet", "at": world.clock.now()} in world.out)
    await task.stop()


async def test_whoever_takes_over_reads_what_has_come_before_it_judges_what_is_due() -> None:
    async def step(name: str) -> None:
        if name == "fetch":
            await asyncio.sleep(0.01)

    world = World(step, kind=counting("wall"))
    task = world.start()
    await world.publish("1")
    await world.until(lambda: world.seen() == [1])
    await task.stop()
    world.clock.advance(HOUR)
    await world.publish("2")  # while nobody owned the task: the key is not quiet
    task = world.start()
    await world.until(lambda: world.seen() == [1, 2])
    assert [o.get("what", "seen") for o in world.out] == ["seen", "seen"]
    world.clock.advance(QUIET + SECOND)
    await world.until(lambda: world.out[-1].get("what") == "quiet")
    await task.stop()


async def test_a_source_that_brings_nothing_though_there_is_more_is_read_anew() -> None:
    died = asyncio.Event()

    async def step(name: str) -> None:
        if name == "fetch" and not died.is_set():
            died.set()
            await asyncio.Event().wait()

    world = World(step)
    task = world.start()
    await died.wait()
    await world.publish("1")
    for _ in range(40):  # it is looked at every five seconds
        world.clock.advance(5 * SECOND)
        task.wake()
        await asyncio.sleep(0.001)
    await world.until(lambda: world.seen() == [1])
    assert world.watcher.failures == 1
    await task.stop()

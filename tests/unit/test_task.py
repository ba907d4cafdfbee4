"""A task on the log in memory: whatever fails, each event counts once and each output is written once."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from schemas.times import HOUR, SECOND
from streams.engine.memory_log import MemoryKafka, MemoryLogs, Step
from streams.engine.surroundings import Surroundings
from streams.engine.task import Task
from streams.engine.task_kind import TaskKind
from streams.engine.turn import Record, Turn
from streams.errors import Unavailable
from streams.topics import changelog
from tests.clock import ManualClock
from tests.counting import QUIET, Ask, Counting, Tally, counting


class Silent:
    """A watcher that keeps what it is told of."""

    def __init__(self) -> None:
        self.lags: dict[str, int] = {}
        self.measured = 0
        self.sizes: list[int] = []
        self.failures = 0
        self.turns = 0
        self.gone: list[str] = []
        """What it was told of the task: that it ``left`` or was halted, and the topics of which records were lost."""

    def turn(self, *_: Any) -> None:
        self.turns += 1

    def state(self, *_: Any) -> None:
        self.measured += 1

    def size(self, task: str, partition: int, octets: int) -> None:
        self.sizes.append(octets)

    def left(self, *_: Any) -> None:
        self.gone.append("left")

    def halted(self, task: str, partition: int, reason: str) -> None:
        self.gone.append(f"halted for {reason}")

    def lost(self, topic: str, partition: int) -> None:
        self.gone.append(topic)

    def taken_over(self, task: str, partition: int, seconds: float) -> None:
        pass

    def behind(self, task: str, partition: int, overdue: float, ahead: float, skew: float | None) -> None:
        pass

    def rebalanced(self) -> None:
        pass

    def lag(self, topic: str, partition: int, records: int, seconds: float) -> None:
        self.lags[topic] = records

    def failed(self, *_: Any) -> None:
        self.failures += 1


async def _nothing(_: str) -> None: ...


async def _done(call: Ask) -> str:
    return "done"


class World:
    """One partition, its clock, and at most one task."""

    def __init__(
        self,
        step: Step = _nothing,
        perform: Callable[[Any], Awaitable[Any]] = _done,
        kind: TaskKind[Tally, None] | None = None,
    ) -> None:
        self.kind = kind or counting()
        self.clock = ManualClock()
        self.kafka = MemoryKafka(self.clock)
        self.watcher = Silent()
        self._step = step
        self._perform = perform
        self.task: Task[Tally, None] | None = None

    def start(self) -> Task[Tally, None]:
        around = Surroundings(self.clock, SimpleNamespace(current=None), self.watcher)
        self.task = Task(
            self.kind,
            0,
            MemoryLogs(self.kafka, self._step),
            self._perform,
            around,
            settle_seconds=0,
            rebalancing=lambda: False,
        )
        return self.task

    async def publish(self, value: str) -> None:
        await self.kafka.publish("source", b"k", value.encode())

    @property
    def out(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(r.value or b"") for r in list(self.kafka.records("out"))]

    def seen(self) -> list[int]:
        return [o["number"] for o in self.out if o.get("what", "seen") == "seen"]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                if self.task is not None:
                    self.task.wake()
                await asyncio.sleep(0.001)


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


async def test_what_cannot_be_read_and_what_raises_go_to_the_dead_letters_and_the_rest_goes_on() -> None:
    world = World()
    task = world.start()
    for value in ("1", "bad", "2", "boom", "3"):
        await world.publish(value)
    await world.until(lambda: world.seen() == [1, 2, 3])
    letters = [msgspec.json.decode(r.value or b"") for r in world.kafka.records("dead-letters")]
    assert [(x["offset"], x["reason"]) for x in letters] == [(1, "bad_value"), (3, "defect")]
    await task.stop()


async def test_what_a_turn_says_is_logged_once_whatever_fails_on_the_way() -> None:
    failures = iter([True, True])

    async def step(name: str) -> None:
        if name == "commit" and next(failures, False):
            raise ConnectionError

    world = World(step)
    with capture_logs() as logged:
        task = world.start()
        await world.publish("bad")
        await world.publish("boom")
        await world.publish("1")
        await world.until(lambda: world.seen() == [1])
        await task.stop()
    assert "raises" not in {line["event"] for line in logged}, "what raised is undone"
    letters = [line for line in logged if line["event"] == "dead_letter"]
    assert [(line["task"], line["partition"], line["topic"], line["offset"], line["reason"]) for line in letters] == [
        ("orders", 0, "source", 0, "bad_value"),
        ("orders", 0, "source", 1, "defect"),
    ]


async def test_more_than_ten_defects_a_minute_stop_the_task() -> None:
    world = World()
    for value in ("boom", *range(9), *["boom"] * 10):
        await world.publish(str(value))
    with capture_logs() as logged:
        task = world.start()
        await world.until(lambda: task.halted is not None)
    assert task.halted == "more than 10 defects in a minute; 11 records of source, 0 to 19"
    (line,) = [line for line in logged if line["event"] == "task_halted"]
    assert (line["task"], line["partition"], line["error"]) == ("orders", 0, task.halted)
    assert world.watcher.gone == ["left", "halted for defects"], "its last figures would stand there as if they were so"
    await task.stop()
    assert world.watcher.gone[2:] == ["left"]


class Mended(Counting):
    """The release after."""

    def record(self, turn: Turn[Tally, None], record: Record) -> None:
        if record.value != b"boom":
            super().record(turn, record)


async def test_a_halted_task_halts_again_at_the_same_records_until_the_cause_is_gone() -> None:
    world = World()
    for _ in range(11):
        await world.publish("boom")
    await world.publish("1")
    for _ in range(2):
        halting = world.start()
        await world.until(lambda halting=halting: halting.halted is not None)  # type: ignore[misc]
        await halting.stop()
        assert world.out == []
    world.kind = replace(world.kind, processor=Mended())
    task = world.start()
    await world.until(lambda: world.seen() == [1])
    assert task.halted is None
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

"""What a task can't read or stumbles over: it is put aside and told of, until it is too much and the task halts."""

from dataclasses import replace

import msgspec
from structlog.testing import capture_logs

from streams.engine.turn import Record, Turn
from tests.counting import Counting, Tally
from tests.unit.one_task import World


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

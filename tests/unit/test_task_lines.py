"""Those that stand in line in a task: who goes when, and what it costs."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from schemas.times import HOUR, MINUTE, SECOND, Micros
from streams.engine.incarnation import REPORT_EVERY
from streams.engine.lines import Line
from streams.engine.memory_log import MemoryKafka, MemoryLogs
from streams.engine.surroundings import Surroundings
from streams.engine.table import Codec, Overlay
from streams.engine.task import Task
from streams.engine.task_kind import TaskKind
from streams.engine.turn import Record, Turn
from streams.engine.work import IN_VAIN, Come, Work
from tests.clock import START, ManualClock
from tests.counting import Seen
from tests.unit.one_task import Silent

ROOMS = b"*rooms"
PAUSE: Micros = SECOND // 10
LINE: Line = (0, "a room")


class Guest(msgspec.Struct, kw_only=True):
    """Wants a room until it is ``inside``; ``leaves_at``: gives up then. ``known``: was told to wait once before.
    ``rooms``: of ``ROOMS``, how many are free."""

    rooms: int | None = None
    known: bool = False
    inside: bool = False
    leaves_at: Micros | None = None


class Hotel:
    """Value ``in``, ``in until N``: a guest comes. ``rooms N``: so many are free. A guest stays as long as its call."""

    def __init__(self) -> None:
        self.looks = list[bytes]()
        self.raises_at: bytes | None = None

    def record(self, turn: Turn[Guest, Any], record: Record) -> None:
        words = (record.value or b"").split()
        if words[0] == b"rooms":
            turn.put(ROOMS, Guest(rooms=int(words[1])))
        else:
            turn.put(record.key or b"", Guest(leaves_at=int(words[2]) if len(words) > 1 else None))

    def due(self, turn: Turn[Guest, Any], key: bytes, entry: Guest) -> None:
        self.looks.append(key)
        if key == self.raises_at:
            turn.emit("out", "k", Seen(int(key), "raises"))
            raise ZeroDivisionError
        rooms = (turn.own(ROOMS) or Guest()).rooms or 0
        if entry.leaves_at is not None and entry.leaves_at <= turn.now:
            turn.emit("out", "k", Seen(int(key), "left"))
            turn.delete(key)
        elif rooms:
            turn.put(ROOMS, Guest(rooms=rooms - 1))
            turn.put(key, Guest(inside=True))
            turn.emit("out", "k", Seen(int(key), "in"))
            turn.call(key)
        else:
            turn.stand(key, {LINE: turn.now + PAUSE}, entry.leaves_at)
            if not entry.known:
                turn.put(key, Guest(leaves_at=entry.leaves_at, known=True))

    def result(self, turn: Turn[Guest, Any], call: bytes, result: object) -> None:
        rooms = (turn.own(ROOMS) or Guest()).rooms or 0
        turn.put(ROOMS, Guest(rooms=rooms + 1))
        turn.delete(call)

    def deadline(self, entry: Guest, rules: object, floor: Micros) -> Micros | None:
        return None if entry.inside or entry.rooms is not None else START


class World:
    def __init__(self) -> None:
        self.hotel = Hotel()
        self.kind: TaskKind[Guest, Any] = TaskKind(
            "orders", ("source",), self.hotel, Codec(Guest), "wall", SECOND // 50
        )
        self.clock = ManualClock()
        self.kafka = MemoryKafka(self.clock)
        self.rules = SimpleNamespace(current=None)
        self.stays = dict[bytes, asyncio.Future[None]]()
        self.commits = 0
        self.watcher = Silent()
        self.task = self.start()

    def start(self) -> Task[Guest, Any]:
        around = Surroundings(self.clock, self.rules, self.watcher, measure_every=HOUR)
        logs = MemoryLogs(self.kafka, self._step)
        self.task = Task(self.kind, 0, logs, self._stay, around, settle_seconds=0, rebalancing=lambda: False)
        return self.task

    async def _step(self, name: str) -> None:
        self.commits += name == "commit"

    async def _stay(self, key: bytes) -> None:
        self.stays[key] = asyncio.get_running_loop().create_future()
        await self.stays[key]

    async def come(self, *guests: int, value: bytes = b"in") -> None:
        for guest in guests:
            await self.kafka.publish("source", b"%d" % guest, value)
        await self.until(lambda: {b"%d" % guest for guest in guests} <= set(self.hotel.looks))

    async def rooms(self, many: int) -> None:
        await self.kafka.publish("source", b"0", b"rooms %d" % many)
        await self.quiet()

    @property
    def out(self) -> list[tuple[int, str]]:
        values = [msgspec.json.decode(r.value or b"") for r in list(self.kafka.records("out"))]
        return [(value["number"], value["what"]) for value in values]

    def inside(self) -> list[int]:
        return [number for number, what in self.out if what == "in"]

    async def quiet(self) -> None:
        """Some turns go by in which nothing comes."""
        for _ in range(20):
            self.task.wake()
            await asyncio.sleep(0.001)

    async def until(self, condition: Any, *, wakes: bool = True) -> None:
        async with asyncio.timeout(10):
            while not condition():
                if wakes:
                    self.task.wake()
                await asyncio.sleep(0.001)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    for stay in world.stays.values():
        if not stay.done():
            stay.set_result(None)
    await world.task.stop()


async def test_when_a_call_ends_whoever_came_first_goes(world: World) -> None:
    await world.rooms(2)
    await world.come(1, 2, 3, 4, 5, 6)
    assert world.inside() == [1, 2]
    for number in (2, 1, 3, 4):
        world.stays[b"%d" % number].set_result(None)
        await world.until(lambda number=number: len(world.stays) > 2 and world.stays[b"%d" % number].done())
        await world.quiet()
    assert world.inside() == [1, 2, 3, 4, 5, 6]


async def test_however_many_wait_a_call_that_ends_costs_one_look_in_vain(world: World) -> None:
    await world.rooms(1)
    await world.come(*range(1, 100))
    before = len(world.hotel.looks)
    world.stays[b"1"].set_result(None)
    await world.until(lambda: len(world.inside()) == 2)
    await world.quiet()
    assert world.hotel.looks[before:] == [b"2", b"3"]


async def test_all_for_whom_there_is_room_go_in_one_turn(world: World) -> None:
    await world.come(*range(1, 60))
    await world.rooms(40)
    before = world.commits
    world.clock.advance(PAUSE)
    await world.until(lambda: len(world.inside()) == 40)
    assert world.commits == before + 1


async def test_nobody_has_to_wake_a_task_whose_line_is_to_be_gone_through(world: World) -> None:
    await world.come(1)
    world.clock.advance(REPORT_EVERY)
    await world.quiet()
    looks = len(world.hotel.looks)
    world.clock.advance(PAUSE)
    await world.until(lambda: len(world.hotel.looks) > looks, wakes=False)


async def test_a_line_that_is_empty_keeps_nobody_busy(world: World) -> None:
    await world.come(1, 2)
    await world.rooms(2)
    world.clock.advance(PAUSE)
    await world.until(lambda: world.inside() == [1, 2])
    await world.quiet()
    turns = world.watcher.turns
    for _ in range(200):
        await asyncio.sleep(0)
    assert world.watcher.turns == turns


async def test_to_wait_is_not_written(world: World) -> None:
    await world.come(1, 2, 3)
    await world.quiet()
    assert world.hotel.looks == [b"1", b"2", b"3"]
    before, looks = world.commits, len(world.hotel.looks)
    world.clock.advance(PAUSE)
    await world.until(lambda: len(world.hotel.looks) > looks)
    await world.quiet()
    assert world.commits == before
    assert world.hotel.looks[looks:] == [b"1"], "only the head looks again, and not before its time"


async def test_who_waits_in_line_has_a_deadline_all_the_same(world: World) -> None:
    await world.come(1, 2)
    await world.come(3, value=b"in until %d" % (START + 5 * PAUSE))
    world.clock.advance(5 * PAUSE)
    await world.until(lambda: world.out == [(3, "left")])
    await world.rooms(3)
    world.clock.advance(PAUSE)
    await world.until(lambda: world.inside() == [1, 2])


async def test_who_is_changed_while_it_waits_is_looked_at_and_keeps_its_place(world: World) -> None:
    await world.come(1, 2)
    looks = len(world.hotel.looks)
    await world.kafka.publish("source", b"1", b"in until %d" % (START + MINUTE))
    await world.until(lambda: len(world.hotel.looks) > looks)
    await world.quiet()
    assert world.hotel.looks[looks:] == [b"1"]
    await world.rooms(1)
    world.clock.advance(PAUSE)
    await world.until(lambda: world.inside() == [1])


async def test_whoever_takes_over_finds_those_that_wait(world: World) -> None:
    await world.come(1, 2, 3)
    await world.task.stop()
    world.start()
    await world.rooms(2)
    await world.until(lambda: world.inside() == [1, 2])


async def test_with_other_rules_all_are_looked_at_again(world: World) -> None:
    await world.come(1, 2, 3)
    await world.quiet()
    looks = len(world.hotel.looks)
    world.rules.current = object()
    await world.until(lambda: len(world.hotel.looks) > looks)
    await world.quiet()
    assert sorted(world.hotel.looks[looks:]) == [b"1", b"2", b"3"]


async def test_one_that_raises_holds_up_nobody_behind_it(world: World) -> None:
    await world.come(1, 2, 3)
    await world.rooms(1)
    world.hotel.raises_at = b"1"
    world.clock.advance(PAUSE)
    await world.until(lambda: world.inside() == [2])
    assert (1, "raises") not in world.out
    world.hotel.raises_at = None
    world.stays[b"2"].set_result(None)
    await world.until(lambda: world.inside() == [2, 3])
    world.stays[b"3"].set_result(None)
    world.clock.advance(MINUTE)
    await world.until(lambda: world.inside() == [2, 3, 1])


# One turn's work.


class Busy:
    """A processor that has everybody stand in ``line``."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.looks = list[bytes]()

    def record(self, turn: Turn[Guest, Any], record: Record) -> None: ...
    def result(self, turn: Turn[Guest, Any], call: Any, result: Any) -> None: ...

    def due(self, turn: Turn[Guest, Any], key: bytes, entry: Guest) -> None:
        self.looks.append(key)
        turn.stand(key, {self.line: PAUSE}, None)

    def deadline(self, entry: Guest, rules: object, floor: Micros) -> Micros:
        return 0


def work(line: Line, waiting: list[bytes], due: Sequence[bytes] = ()) -> list[bytes]:
    """Who is looked at in a turn in which a line is gone through, and all stand in ``line``."""
    busy = Busy(line)
    turn: Turn[Guest, Any] = Turn(Overlay({key: Guest() for key in waiting}), {}, None, now=1, wall=1)
    kind: TaskKind[Guest, Any] = TaskKind("orders", ("source",), busy, Codec(Guest), "wall")
    Work(kind).fast(turn, Come([], [], due, [(LINE, waiting)]), 1)
    return busy.looks


def test_a_key_is_looked_at_once_a_turn() -> None:
    assert work(LINE, [b"1", b"2"], due=[b"2", b"1"]) == [b"1", b"2"]


def test_of_those_that_move_to_another_line_not_all_are_looked_at_in_one_turn() -> None:
    keys = [b"%d" % number for number in range(2 * IN_VAIN)]
    assert work((1, "elsewhere"), keys) == keys[:IN_VAIN]
    assert work(LINE, keys) == keys[:1]

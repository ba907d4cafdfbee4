"""The loop of the simulation: time jumps, the dead run nothing, the frozen run later."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.simulation.loop import Deadlock, Process, VirtualLoop


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    loop.end()
    assert loop.complaints == []


class Diary:
    """What a process did, and when."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self.lines: list[tuple[str, float]] = []

    def note(self, what: str) -> None:
        self.lines.append((what, self._loop.time()))

    async def tick(self, times: int) -> None:
        """Notes each second, and its end whatever happens."""
        try:
            for _ in range(times):
                await asyncio.sleep(1)
                self.note("tick")
        finally:
            self.note("end")


def test_a_day_passes_at_once(loop: VirtualLoop) -> None:
    loop.run_until_complete(asyncio.sleep(86_400))
    assert loop.time() == 86_400


def test_timeouts_run_on_virtual_time(loop: VirtualLoop) -> None:
    async def wait() -> None:
        async with asyncio.timeout(30):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        loop.run_until_complete(wait())
    assert loop.time() == 30


def test_waiting_for_what_nobody_will_do_is_reported(loop: VirtualLoop) -> None:
    with pytest.raises(Deadlock):
        loop.run_until_complete(asyncio.Event().wait())


def test_of_a_dead_process_nothing_runs_any_more_not_even_a_finally(loop: VirtualLoop) -> None:
    process, diary = Process(loop), Diary(loop)
    process.spawn(diary.tick(10))
    loop.call_at(2.5, process.kill)
    loop.run_until_complete(asyncio.sleep(100))
    assert diary.lines == [("tick", 1), ("tick", 2)]


def test_what_a_process_starts_dies_with_it(loop: VirtualLoop) -> None:
    process, diary = Process(loop), Diary(loop)

    async def parent() -> None:
        children = [asyncio.ensure_future(diary.tick(9)) for _ in range(2)]
        loop.call_later(5, diary.note, "called")
        await asyncio.wait(children)

    process.spawn(parent())
    loop.call_at(1.5, process.kill)
    loop.run_until_complete(asyncio.sleep(100))
    assert diary.lines == [("tick", 1), ("tick", 1)]


def test_a_frozen_process_does_when_it_is_woken_what_it_would_have_done(loop: VirtualLoop) -> None:
    process, diary = Process(loop), Diary(loop)
    process.spawn(diary.tick(3))
    loop.call_at(1.5, process.freeze)
    loop.call_at(10, process.wake)
    loop.run_until_complete(asyncio.sleep(100))
    assert diary.lines == [("tick", 1), ("tick", 10), ("tick", 11), ("end", 11)]


def test_others_go_on_while_one_is_frozen(loop: VirtualLoop) -> None:
    frozen, other, diary = Process(loop), Process(loop), Diary(loop)
    frozen.freeze()
    frozen.spawn(diary.tick(1))
    other.spawn(diary.tick(1))
    loop.run_until_complete(asyncio.sleep(5))
    assert diary.lines == [("tick", 1), ("end", 1)]


@pytest.mark.parametrize("callbacks", range(6))
def test_a_process_dies_between_any_two_of_its_callbacks(loop: VirtualLoop, callbacks: int) -> None:
    process, diary = Process(loop), Diary(loop)

    async def work() -> None:
        for _ in range(10):
            diary.note("step")
            await asyncio.sleep(0)

    process.spawn(work())
    process.dies_in = callbacks
    loop.run_until_complete(asyncio.sleep(5))
    assert len(diary.lines) == callbacks
    assert process.dead

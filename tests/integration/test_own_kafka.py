"""A worker with the embedded Kafka, the newcomer's way: what it prints, and what happens when something dies."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from tests.integration.shop import until


class Newcomer:
    """``orderbell worker`` with nothing set but where it may write and listen."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._processes: list[asyncio.subprocess.Process] = []

    async def worker(self, lines: int) -> tuple[asyncio.subprocess.Process, list[str]]:
        """Starts one and reads the first lines of its standard output."""
        with (self._data_dir / f"{len(self._processes)}.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "orderbell", "worker"),
                env={**os.environ, "ORDERBELL_DATA_DIR": str(self._data_dir), "ORDERBELL_WEB_PORT": "0"},
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        self._processes.append(process)
        assert process.stdout is not None
        async with asyncio.timeout(90):
            return process, [(await process.stdout.readline()).decode().strip() for _ in range(lines)]

    async def close(self) -> None:
        for process in self._processes:
            if process.returncode is None:
                process.terminate()
                await process.wait()


@pytest.fixture
async def newcomer(tmp_path: Path) -> AsyncIterator[Newcomer]:
    newcomer = Newcomer(tmp_path)
    yield newcomer
    await newcomer.close()


def _java(process: asyncio.subprocess.Process) -> list[psutil.Process]:
    return [child for child in psutil.Process(process.pid).children(recursive=True) if child.name() == "java"]


async def _ready(line: str) -> bool:
    host, port = line.split()[-1].removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /health/ready HTTP/1.0\r\n\r\n")
    answer = await reader.readline()
    writer.close()
    return b" 200 " in answer


async def test_a_worker_comes_back_by_itself_after_a_kill_of_everything(newcomer: Newcomer) -> None:
    worker, lines = await newcomer.worker(2)
    assert lines[0].startswith("orderbell worker http://127.0.0.1:")
    assert lines[1].startswith("kafka://127.0.0.1:")
    await until(lambda: _ready(lines[0]))
    (java,) = _java(worker)
    worker.kill()
    await worker.wait()
    await until(lambda: not java.is_running())
    _, again = await newcomer.worker(2)
    assert again[1] == lines[1]
    await until(lambda: _ready(again[0]))


async def test_a_kafka_that_died_alone_is_started_again_at_the_same_port(newcomer: Newcomer) -> None:
    worker, lines = await newcomer.worker(2)
    await until(lambda: _ready(lines[0]))
    (java,) = _java(worker)
    java.send_signal(signal.SIGKILL)
    await until(lambda: any(other.pid != java.pid for other in _java(worker)))
    await until(lambda: _ready(lines[0]))


async def test_a_second_worker_uses_the_first_ones_kafka_and_takes_it_over(newcomer: Newcomer) -> None:
    first, lines = await newcomer.worker(2)
    await until(lambda: _ready(lines[0]))
    second, others = await newcomer.worker(1)
    await until(lambda: _ready(others[0]))
    assert _java(second) == []
    first.terminate()
    assert await first.wait() == 0
    await until(lambda: len(_java(second)) == 1)
    await until(lambda: _ready(others[0]))

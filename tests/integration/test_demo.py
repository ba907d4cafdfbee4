"""However the demo is ended, nothing of it stays. What it plays to its end is looked at by ``test_readme``."""

import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.processes import living

Start = Callable[..., subprocess.Popen[bytes]]
DEADLINE = 90.0
DEMO = [sys.executable, "-P", "-m", "orderbell", "demo"]
ALTERNATE_SCREEN, MAIN_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"not within {DEADLINE:.0f} s: {what}"
        time.sleep(0.05)


def worker_is_up(directory: Path) -> bool:
    return any("partitions_assigned" in log.read_text() for log in directory.glob("*/worker.log"))


def environment(directory: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(directory), "TERM": "xterm-256color"}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts demos, and kills those that a failed test has left; their processes die with them."""
    demos: list[subprocess.Popen[bytes]] = []

    def starting(**streams: Any) -> subprocess.Popen[bytes]:
        demos.append(subprocess.Popen(DEMO, env=environment(tmp_path), **streams))
        return demos[-1]

    yield starting
    for demo in demos:
        demo.kill()
        demo.wait()


def test_a_demo_that_is_killed_takes_its_processes_along(tmp_path: Path, start: Start) -> None:
    demo = start(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: worker_is_up(tmp_path), "a worker")
    assert len(living(tmp_path)) >= 5  # itself, Kafka, the stand-ins, the worker
    demo.kill()
    demo.wait()
    until(lambda: living(tmp_path) == [], "the end of all processes")


def test_ctrl_c_leaves_the_terminal_as_it_was_and_nothing_else(tmp_path: Path, start: Start) -> None:
    ours, theirs = pty.openpty()
    demo = start(stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = bytearray()
    reader = threading.Thread(target=read_all, args=(ours, shown))
    reader.start()
    until(lambda: worker_is_up(tmp_path), "a worker")
    until(lambda: ALTERNATE_SCREEN in shown, "the full screen")
    demo.send_signal(signal.SIGINT)
    assert demo.wait(timeout=30) == 1
    reader.join()
    os.close(ours)
    assert shown.rindex(MAIN_SCREEN) > shown.rindex(ALTERNATE_SCREEN)
    assert b"Traceback" not in shown
    assert list(tmp_path.iterdir()) == []
    assert living(tmp_path) == []


def test_what_hinders_the_demo_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a directory is needed")
    environment = {**os.environ, "TMPDIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    run = subprocess.run(DEMO, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert run.returncode in (1, 2)
    assert run.stdout == ""
    assert [line for line in run.stderr.splitlines() if line.startswith("orderbell: ")] == run.stderr.splitlines()[-1:]
    assert "Traceback" not in run.stderr


def read_all(terminal: int, into: bytearray) -> None:
    """Reads what is written to a terminal until nobody has it open any more."""
    while True:
        try:
            into += os.read(terminal, 65_536)
        except OSError:
            return

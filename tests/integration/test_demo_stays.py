"""A demo that stays is watched by a real Prometheus, can be broken and mended, and leaves nothing.

It takes about a minute and a half, since the story comes first.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.integration.http import get, post
from tests.integration.processes import living
from tests.integration.prometheus import needs_prometheus

pytestmark = [needs_prometheus, pytest.mark.timeout(360)]
DEADLINE = 180.0
WORKERS = 2


def until(condition: Callable[[], object], what: Callable[[], str]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.2)


class Demo:
    """One that runs, and what it prints."""

    def __init__(self, folder: Path) -> None:
        self._out, self._err = folder / "out", folder / "err"
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        with self._out.open("wb") as out, self._err.open("wb") as err:
            command = [sys.executable, "-P", "-m", "orderbell", "demo", "--stay"]
            environment = {**os.environ, "TMPDIR": str(self.temporary)}
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)

    def found(self, pattern: str) -> list[str]:
        return re.findall(pattern, self._out.read_text())

    def until_it_stays(self) -> None:
        def settled() -> bool:
            assert self._process.poll() is None, self.said()
            return bool(self.found("Ctrl-C ends it"))

        until(settled, self.said)

    def said(self) -> str:
        return self._out.read_text() + self._err.read_text()

    def end(self, by: signal.Signals) -> int:
        self._process.send_signal(by)
        return self._process.wait(timeout=30)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path)
    yield demo
    demo.end(signal.SIGKILL)


def test_it_is_watched_broken_mended_and_leaves_nothing(demo: Demo) -> None:
    demo.until_it_stays()
    (prometheus,) = demo.found(r"prometheus (http://\S+)/alerts")
    workers = demo.found(r"orderbell worker (http://\S+)")
    (partition,) = demo.found(r"(http://\S+)/break/partition")

    def asked(what: str, **query: str) -> Any:
        return msgspec.json.decode(get(f"{prometheus}/api/v1/{what}", **query)[1])["data"]

    up = [target["health"] for target in asked("targets")["activeTargets"]]
    assert up == ["up"] * WORKERS == ["up"] * len(workers)
    until(lambda: len(asked("query", query="orderbell_ready == 1")["result"]) == WORKERS, demo.said)
    assert len(asked("rules")["groups"]) > 0

    def recovering() -> int:
        shown = "".join(get(f"{worker}/metrics")[1] for worker in workers)
        return sum(int(float(n)) for n in re.findall(r'orderbell_tasks\{state="recovering"\} (\S+)', shown))

    assert recovering() == 0
    assert post(f"{partition}/break/partition")[0] == 200
    until(lambda: recovering() == 1, demo.said)
    assert re.search("broken +partition", get(f"{partition}/")[1])
    assert post(f"{partition}/mend/partition")[0] == 200
    until(lambda: recovering() == 0, demo.said)
    assert post(f"{partition}/break/nonsense")[0] == 404

    assert demo.end(signal.SIGTERM) == 0
    assert list(demo.temporary.iterdir()) == []
    assert living(demo.temporary) == []

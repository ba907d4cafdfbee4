"""What stands on stderr: a JSON object a line, repeats held back, and of a library's error nothing that it quotes."""

import json
import subprocess
import sys
from typing import Any

import pytest
import structlog

from orderbell.commands.worker import told
from orderbell.repeats import _CHANGES, HELD_BACK_FOR, Repeats
from streams.errors import Misconfigured, Unavailable, place
from tests.logged import events

NUMBER = "13900000001"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Log:
    """A log whose lines can be read back."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._repeats = Repeats(self.clock)
        self.lines: list[dict[str, Any]] = []

    def say(self, method: str, event: str, **fields: Any) -> None:
        try:
            self.lines.append(dict(self._repeats(None, method, {"event": event, **fields})))
        except structlog.DropEvent:
            return


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.mark.parametrize("method", ["warning", "error"])
def test_what_was_just_said_is_held_back_and_counted(log: Log, method: str) -> None:
    for offset in range(5):
        log.say(method, "dead_letter", topic="orders", reason="not_json", partition=offset % 2, offset=offset)
    assert log.lines == [{"event": "dead_letter", "topic": "orders", "reason": "not_json", "partition": 0, "offset": 0}]
    log.clock.now += HELD_BACK_FOR
    log.say(method, "dead_letter", topic="orders", reason="not_json", partition=1, offset=9)
    assert log.lines[1]["repeats"] == 4
    assert log.lines[1]["offset"] == 9
    log.clock.now += HELD_BACK_FOR
    log.say(method, "dead_letter", topic="orders", reason="not_json", partition=1, offset=10)
    assert "repeats" not in log.lines[2]


def test_another_reason_is_another_line(log: Log) -> None:
    for provider in ("aliyun", "tencent"):
        for code in ("isv.AMOUNT_NOT_ENOUGH", "SignatureDoesNotMatch"):
            log.say("warning", "account_refused", provider=provider, code=code)
    assert len(log.lines) == 4


def test_a_change_is_always_said(log: Log) -> None:
    for _ in range(3):
        log.say("info", "task_recovered", task="orders", partition=1)
        log.say("warning", "not_ready", reason="broker: Kafka does not answer")
        log.say("info", "ready")
    assert [line["event"] for line in log.lines] == ["task_recovered", "not_ready", "ready"] * 3


def test_changes_are_events_that_the_program_logs() -> None:
    assert {event for event, level in events() if level != "info"} >= _CHANGES


def test_what_is_remembered_stays_bounded(log: Log) -> None:
    for number in range(5000):
        log.clock.now += 1
        log.say("warning", "account_refused", code=f"E{number}")
    assert len(log.lines) == 5000
    assert len(log._repeats._said) <= 1001


SCRIPT = f"""
import asyncio, logging, structlog
from orderbell.logging import configure
configure("json")
log = structlog.get_logger("agents.x")
for again_in in (0.5, 1, 2):
    log.warning("broker_unreachable", error="refused", again_in=again_in)
log.info("ready")
logging.getLogger("faust.x").error("Cannot send %r", "{NUMBER}")
logging.getLogger("aiohttp.x").error("Bad request with number={NUMBER}")
try:
    raise ValueError("{NUMBER}")
except ValueError:
    logging.getLogger("other").exception("Unexpected: {NUMBER}")
logging.getLogger("other").warning("{NUMBER}")

async def fails():
    raise KeyError("{NUMBER}")

async def main():
    task = asyncio.ensure_future(fails())
    await asyncio.sleep(0)
    del task
    asyncio.get_running_loop().call_soon(int, "x{NUMBER}")
    await asyncio.sleep(0.01)

asyncio.run(main())
"""


def test_of_a_librarys_error_nothing_is_told_that_it_quotes() -> None:
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert NUMBER not in ran.stderr + ran.stdout
    found = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [line["event"] for line in found] == ["broker_unreachable", "ready", *["library_error"] * 5]
    assert {line["level"] for line in found} == {"warning", "info", "error"}
    assert all("timestamp" in line for line in found)
    said = [(line["library"], line["says"], line["error"]) for line in found[2:]]
    assert said == [
        ("faust.x", "Cannot send %r", None),
        ("aiohttp.x", "Bad request with number", None),
        ("other", "Unexpected", "ValueError"),
        ("asyncio", "Task exception was never retrieved", "KeyError"),
        ("asyncio", "Exception in callback int", "ValueError"),
    ]
    assert all(line["at"] for line in found[4:])


async def test_a_defect_that_ends_the_worker_is_named_without_its_words() -> None:
    async def fails(error: Exception) -> None:
        raise error

    with pytest.raises(Unavailable) as raised:
        await told(fails(ValueError(NUMBER)))
    assert NUMBER not in str(raised.value)
    assert "ValueError at test_logging.py:" in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    for known in (Misconfigured("one line"), Unavailable("one line")):
        with pytest.raises(type(known), match="one line"):
            await told(fails(known))


def test_a_place_is_file_and_line() -> None:
    with pytest.raises(json.JSONDecodeError) as raised:
        json.loads("{")
    assert place(raised.value).startswith("decoder.py:")
    assert place(ValueError("never raised")) == ""

"""A Kafka that test processes hold up together."""

import fcntl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from orderbell.kafka import live_broker

DEADLINE = 180.0


class Kafka(NamedTuple):
    """Where the tests' Kafka is to be reached."""

    bootstrap: str
    """``127.0.0.1:PORT``, as clients want it."""
    url: str
    """``kafka://127.0.0.1:PORT``, as ORDERBELL_BROKER wants it."""


@contextmanager
def held_kafka(base: Path) -> Iterator[Kafka]:
    """The Kafka with its data under ``base``, up for as long as any test process is within this."""
    data_dir, users, output = base / "kafka", base / "kafka-users", base / "kafka-holder.out"
    with open(users, "a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        with open(output, "a") as out:
            command = [sys.executable, "-m", "tests.integration.kafka_holder", str(data_dir), str(users)]
            # A session of its own, so that Ctrl-C leaves it up until the tests have torn down.
            subprocess.run(command, check=True, stdout=out, stderr=out, start_new_session=True)
        url = _address(data_dir, output)
        yield Kafka(url.removeprefix("kafka://"), url)


def _address(data_dir: Path, output: Path) -> str:
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if address := live_broker(data_dir):
            return address
        if "Error" in output.read_text() or "Traceback" in output.read_text():
            break
        time.sleep(0.05)
    pytest.fail(f"no Kafka: {output.read_text()}")

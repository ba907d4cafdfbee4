"""One Kafka for all processes with one data directory."""

import asyncio
import time
from pathlib import Path
from typing import NamedTuple

from orderbell.kafka import jars
from orderbell.kafka.directory import Directory
from orderbell.kafka.server import START_TIMEOUT, EmbeddedKafka
from streams.errors import Unavailable

WAIT_TIMEOUT = START_TIMEOUT + 30.0
LOOK_EVERY = 0.1


class Broker(NamedTuple):
    """The Kafka of a data directory."""

    address: str
    owned: EmbeddedKafka | None
    """For this process to stop; None where another process owns it."""


def live_broker(data_dir: Path) -> str | None:
    """The address of the Kafka that lives on ``data_dir`` and can be used, or None."""
    return Directory(data_dir).live()


async def broker_for(data_dir: Path) -> Broker:
    """The live Kafka of ``data_dir``, else one that is started. Of several who call at once one starts it.

    Raises like ``EmbeddedKafka.start``.
    """
    directory = Directory(data_dir)
    directory.prepare()
    if address := directory.live():
        return Broker(address, None)
    classpath = await jars.ready()
    deadline = time.monotonic() + WAIT_TIMEOUT
    while time.monotonic() < deadline:
        if address := directory.live():
            return Broker(address, None)
        if (lock := directory.lock()) is not None:
            kafka = await EmbeddedKafka.start_locked(directory, lock, classpath)
            return Broker(kafka.address, kafka)
        await asyncio.sleep(LOOK_EVERY)
    raise Unavailable(f"{directory.path}: another process holds this data, but its Kafka does not become usable")

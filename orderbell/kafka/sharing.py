"""One Kafka for all processes with one data directory."""

import asyncio
import time
from pathlib import Path
from typing import NamedTuple

from orderbell.kafka import jars
from orderbell.kafka.directory import Directory
from orderbell.kafka.server import START_TIMEOUT, EmbeddedKafka, answering
from streams.errors import Unavailable

PATIENCE = START_TIMEOUT + 30.0
LOOK_EVERY = 0.1


class Broker(NamedTuple):
    """The Kafka of a data directory."""

    address: str
    owned: EmbeddedKafka | None
    """For this process to stop; None where another process owns it."""


def live_broker(data_dir: Path) -> str | None:
    """The address of the Kafka that lives on ``data_dir``, or None; also None while one is starting."""
    return Directory(data_dir).live()


async def broker_for(data_dir: Path, patience: float = PATIENCE) -> Broker:
    """The live Kafka of ``data_dir``, else one that is started. Of several who call at once one starts it.

    Raises like ``EmbeddedKafka.start``, and ``Unavailable`` where another process holds the data for ``patience``
    seconds without a Kafka that can be used.
    """
    directory = Directory(data_dir)
    directory.prepare()
    deadline = time.monotonic() + patience
    classpath: str | None = None
    while time.monotonic() < deadline:
        if address := await answering(directory):
            return Broker(address, None)
        classpath = classpath or await jars.ready()
        if (lock := directory.lock()) is not None:
            kafka = await EmbeddedKafka.start_locked(directory, lock, classpath)
            return Broker(kafka.address, kafka)
        await asyncio.sleep(LOOK_EVERY)
    raise Unavailable(f"{directory.path}: another process holds this data, but its Kafka can't be used")

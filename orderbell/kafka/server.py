"""The embedded Kafka: a real Apache Kafka on the loopback, for as long as this process lives."""

import asyncio
import os
import shutil
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from orderbell.kafka import jars
from orderbell.kafka.directory import Directory
from orderbell.kafka.formatting import format_logs
from orderbell.kafka.java import LOOK_EVERY, Java, interpreter
from orderbell.kafka.ports import HOST, choose
from orderbell.kafka.properties import LOGGING, PROPERTIES, SCRATCH, logging_properties, server_properties
from orderbell.kafka.usable import can_create_topics
from streams.errors import Unavailable

START_TIMEOUT = 120.0
STOP_TIMEOUT = 6.0
# What the system may take to end a Kafka whose parent was killed.
DYING_TIMEOUT = 5.0
PORT_TRIES = 3


class EmbeddedKafka:
    """A Kafka that this process owns. It ends by ``stop``, at the end of ``async with``, or with this process."""

    def __init__(self, directory: Directory, java: Java, port: int) -> None:
        self.address = f"kafka://{HOST}:{port}"
        """``kafka://127.0.0.1:PORT``"""
        self._directory = directory
        self._java = java

    @classmethod
    async def start(cls, data_dir: Path) -> Self:
        """Starts a Kafka on ``data_dir`` and returns when it can be used. To be called in the main thread.

        Raises ``Misconfigured`` where the directory or Java is unfit, ``Unavailable`` where another Kafka lives on the
        directory or this one doesn't come up; each with one line that says why.
        """
        interpreter()
        directory = Directory(data_dir)
        directory.prepare()
        classpath = await jars.ready()
        deadline = time.monotonic() + DYING_TIMEOUT
        while (lock := directory.lock()) is None:
            if address := await answering(directory):
                raise Unavailable(f"{directory.path}: {address} runs on this data already")
            if time.monotonic() > deadline:
                raise Unavailable(f"{directory.path}: another process holds this data, but its Kafka can't be used")
            await asyncio.sleep(LOOK_EVERY)
        return await cls.start_locked(directory, lock, classpath)

    @classmethod
    async def start_locked(cls, directory: Directory, lock: int, classpath: str) -> Self:
        """Like ``start``, for one who holds the directory's lock; it goes over to Java."""
        try:
            directory.announce(None)
            _tidy(directory)
            await format_logs(directory, lock, classpath)
            return await cls._start(directory, lock, classpath)
        except OSError as error:
            raise Unavailable(f"{directory.path}: Kafka can't be started: {error.strerror or error}") from error
        finally:
            os.close(lock)

    @classmethod
    async def _start(cls, directory: Directory, lock: int, classpath: str) -> Self:
        last = directory.ports()
        for tries_left in reversed(range(PORT_TRIES)):
            ports = choose(last)
            (directory.path / PROPERTIES).write_text(server_properties(ports))
            java = Java.start(directory, lock, classpath, "kafka.Kafka", PROPERTIES)
            if await _comes_up(java, ports[0]):
                break
            # Somebody may have taken a port between our look and Java's.
            if "BindException" not in java.why() or not tries_left:
                raise Unavailable(f"{directory.path}: Kafka can't be started: {java.why()}")
            last = None
        kafka = cls(directory, java, ports[0])
        try:
            directory.remember(ports)
            directory.announce(kafka.address)
        except OSError:
            java.kill()
            raise
        return kafka

    async def died(self) -> str:
        """Waits until Kafka has ended by itself, and says why on one line."""
        await self._java.exited()
        return f"Kafka ended by itself: {self._java.why()}"

    async def stop(self) -> None:
        """Ends Kafka: within a second as a rule, within ``STOP_TIMEOUT`` in any case."""
        if self._java.exit_code is None:  # else the address may be a successor's
            self._directory.announce(None)
        await self._java.end(STOP_TIMEOUT)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


async def answering(directory: Directory) -> str | None:
    """The address of the Kafka that lives on the directory, if it answers: one that is being killed does not."""
    address = directory.live()
    if address is None:
        return None
    port = int(address.rpartition(":")[2])
    return address if await can_create_topics(HOST, port) else None


def _tidy(directory: Directory) -> None:
    """Readies what does not outlive a run."""
    (directory.path / LOGGING).write_text(logging_properties())
    directory.output.write_bytes(b"")
    scratch = directory.path / SCRATCH
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()


async def _comes_up(java: Java, port: int) -> bool:
    """Waits until the Kafka on ``port`` can be used; False where Java ended instead. No Java is left when it raises."""
    up = False
    try:
        async with asyncio.timeout(START_TIMEOUT):
            while java.exit_code is None:
                if up := await can_create_topics(HOST, port):
                    return True
                await asyncio.sleep(LOOK_EVERY)
            return False
    except TimeoutError:
        raise Unavailable(f"Kafka could not be used after {START_TIMEOUT:.0f} s: {java.why()}") from None
    finally:
        if not up:
            java.kill()

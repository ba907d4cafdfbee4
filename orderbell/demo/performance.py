"""Sets the stage, plays the story, holds it against what was expected, and clears all away."""

import asyncio
import shutil
import signal
import sys
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from aiokafka.errors import KafkaError

from orderbell import data_dir
from orderbell.demo.checks import changed_rules, checks
from orderbell.demo.screen import Screen
from orderbell.demo.seen import Seen, follow
from orderbell.demo.show import Lines, Show
from orderbell.demo.stage import Stage
from orderbell.demo.stay import stay
from orderbell.demo.story import Story
from orderbell.demo.together import until_one_ends
from orderbell.demo.upstream import Upstream
from orderbell.kafka import EmbeddedKafka, jars
from streams.errors import Misconfigured, Unavailable

T = TypeVar("T")
LONGEST = 95.0
"""Seconds, once Kafka's jars are there, after which the story is over wherever it stands. What is left of two minutes
is for fetching the jars and for clearing away."""


async def perform(*, stay: bool) -> bool:
    """Plays the demo. Whether all was as expected; False also where it was interrupted before that could be told.

    Raises ``Unavailable`` or ``Misconfigured``, each one line, where something can't be started or ends by itself.
    """
    show: Show = Screen() if sys.stdout.isatty() else Lines()
    performance = Performance(show, stay=stay)
    playing = asyncio.ensure_future(performance.run())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, performance.interrupt, playing)
    try:
        await playing
    except asyncio.CancelledError:
        show.note("Stopped.")
    return performance.kept


class Performance:
    """One performance. ``kept`` is whether all that was promised has been seen."""

    def __init__(self, show: Show, *, stay: bool) -> None:
        self._show = show
        self._stay = stay
        self._interrupted = False
        self.kept = False

    def interrupt(self, playing: "asyncio.Future[None]") -> None:
        """Ends it. Once: impatience must not disturb the clearing away."""
        if not self._interrupted:
            self._interrupted = True
            playing.cancel()

    async def run(self) -> None:
        """All of it, in a directory of its own that is kept only where something went wrong."""
        try:
            folder = Path(tempfile.mkdtemp(prefix="orderbell-demo-"))
        except OSError as error:
            raise Misconfigured(f"no directory for the demo's data: {error.strerror or error}") from error
        try:
            await self._play(folder)
        except KafkaError as error:
            raise Unavailable(f"Kafka: {error}") from error
        finally:
            if self.kept or self._interrupted:
                shutil.rmtree(folder, ignore_errors=True)
            else:
                self._show.note(f"The logs are in {folder}")

    async def _play(self, folder: Path) -> None:
        await jars.ready()
        deadline = asyncio.get_running_loop().time() + LONGEST
        for line in changed_rules():
            self._show.note(f"The demo's rules: {line}")
        with self._show:
            self._show.note("Starting Kafka, stand-ins for the vendors and a worker, each a process of its own.")
            async with (
                await _in_time(EmbeddedKafka.start(data_dir.kafka_dir(folder)), deadline) as kafka,
                Upstream(kafka.address.removeprefix("kafka://")) as upstream,
            ):
                stage = Stage(folder, Seen(), self._show, upstream)
                try:
                    await _in_time(stage.start(), deadline)
                    await self._on(stage, kafka, folder, deadline)
                finally:
                    await stage.close()

    async def _on(self, stage: Stage, kafka: EmbeddedKafka, folder: Path, deadline: float) -> None:
        """The story, and what goes on beside it; and where it is to stay, what comes after."""
        await until_one_ends(
            self._story(stage, deadline),
            follow(kafka.address.removeprefix("kafka://"), stage.seen, self._show),
            stage.hear_far_ends(),
            stage.watch_worker(),
            _watch(kafka),
        )
        if self._stay:
            # Of a town that goes on for hours nobody reads each message.
            await until_one_ends(stay(stage, kafka, folder), stage.hear_far_ends(lambda _: None), _watch(kafka))

    async def _story(self, stage: Stage, deadline: float) -> None:
        story = Story(stage)
        try:
            async with asyncio.timeout_at(deadline):
                await story.play()
        except TimeoutError:
            self._show.note("The demo's time is over before its story is.")
        found = checks(stage.seen, story.endings)
        self.kept = all(check.kept for check in found)
        self._show.end(found, stage.seen.summary())


async def _in_time(starting: Coroutine[Any, Any, T], deadline: float) -> T:
    """Raises ``Unavailable`` where what starts has not started by the deadline."""
    try:
        async with asyncio.timeout_at(deadline):
            return await starting
    except TimeoutError:
        raise Unavailable(f"not all was up {LONGEST:.0f} s after the start") from None


async def _watch(kafka: EmbeddedKafka) -> NoReturn:
    raise Unavailable(await kafka.died())

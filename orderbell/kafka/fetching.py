"""Fetches pinned jars with jgo, which knows where they are to be had; no address of a registry stands here."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jgo.config import GlobalSettings
from jgo.maven import MavenContext, PythonResolver

from orderbell.kafka.lockfile import Jar
from streams.errors import Unavailable

TRIES = 3


class Fetcher:
    """Fetches jars into ``scratch``, and moves each to its place once it has proved right. For several threads."""

    def __init__(self, scratch: Path, advance: Callable[[int], None], given_up: threading.Event) -> None:
        self._advance = advance
        self._given_up = given_up
        self._context = MavenContext(PythonResolver(progress_callback=self._progress), repo_cache=scratch)
        # A mirror of one's own is named where jgo's users name theirs.
        self._context.remote_repos.update(GlobalSettings.load().repositories)

    def fetch(self, jar: Jar, place: Path) -> None:
        """Puts ``jar`` at ``place``. Raises ``Unavailable`` where it can't be had, or is not the one pinned."""
        problem = ""
        for _ in range(TRIES):
            self._go_on(0)
            try:
                fetched = self._resolve(jar.coordinate)
            except (OSError, RuntimeError) as error:
                if isinstance(error, OSError) and error.errno is not None:
                    raise  # the disk's; those of requests carry no number
                problem = str(error).partition("\n")[0]
                continue
            if jar.is_at(fetched):
                os.replace(fetched, place)
                return
            problem = "what came has another SHA-256 than the one pinned"
        raise Unavailable(
            f"{jar.coordinate}, which the embedded Kafka needs, can't be fetched into {place.parent}: {problem}"
        )

    def _resolve(self, coordinate: str) -> Path:
        artifact = self._context.create_dependency(coordinate).artifact
        # What a broken try left would be taken for the whole.
        artifact.cached_path.unlink(missing_ok=True)
        path: Path = artifact.resolve()
        return path

    @contextmanager
    def _progress(self, _filename: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield self._go_on

    def _go_on(self, count: int) -> None:
        if self._given_up.is_set():
            raise Unavailable("given up")
        self._advance(count)

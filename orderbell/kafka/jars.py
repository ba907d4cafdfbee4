"""Kafka's jars on this machine: fetched once, checked each time."""

import asyncio
import fcntl
import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from orderbell.kafka.lockfile import Jar, pinned
from streams.errors import Unavailable

AT_ONCE = 8
LOOK_EVERY = 0.1


def cache_directory() -> Path:
    """Where the jars are kept: ``orderbell`` in ``XDG_CACHE_HOME``, else in ``~/.cache``."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The specification has relative paths ignored.
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "orderbell" / "jars"


async def ready() -> str:
    """The class path of Kafka, as ``classpath`` makes it, beside the event loop; cancelled, it gives up fetching."""
    given_up = threading.Event()
    try:
        return await asyncio.to_thread(classpath, pinned(), cache_directory(), given_up)
    finally:
        given_up.set()


def classpath(jars: Sequence[Jar], cache: Path, given_up: threading.Event) -> str:
    """Java's class path of ``jars`` in ``cache``, those that are missing or damaged fetched first.

    Needs no network where the cache is whole. Raises ``Unavailable``, one line, where a jar can't be had, and soon
    after ``given_up`` was set.
    """
    try:
        if _missing(jars, cache):
            cache.mkdir(parents=True, exist_ok=True)
            with _lock(cache / "lock", given_up):
                _fetch(_missing(jars, cache), cache, given_up)
    except OSError as error:
        raise Unavailable(f"Kafka's jars can't be kept in {cache}: {error.strerror or error}") from error
    return os.pathsep.join(str(cache / jar.filename) for jar in jars)


def _missing(jars: Sequence[Jar], cache: Path) -> list[Jar]:
    return [jar for jar in jars if not jar.is_at(cache / jar.filename)]


@contextmanager
def _lock(path: Path, given_up: threading.Event) -> Iterator[None]:
    """Lets one process fetch at a time, so that a second one finds what the first has fetched."""
    with open(path, "w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if given_up.wait(LOOK_EVERY):
                    raise Unavailable("given up while another process fetches Kafka's jars") from None
        yield


def _fetch(jars: list[Jar], cache: Path, given_up: threading.Event) -> None:
    if not jars:
        return
    # Both take longer to import than all jars to check, and are seldom needed.
    from orderbell.kafka.fetching import Fetcher
    from orderbell.kafka.progress import progress

    with (
        tempfile.TemporaryDirectory(dir=cache, prefix="fetching-") as scratch,
        progress("Apache Kafka", jars) as advance,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        fetcher = Fetcher(Path(scratch), advance, given_up)
        pending = [pool.submit(fetcher.fetch, jar, cache / jar.filename) for jar in jars]
        try:
            for one in pending:
                one.result()
        except BaseException:
            given_up.set()
            pool.shutdown(cancel_futures=True)
            raise

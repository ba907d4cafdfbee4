"""Shows how a fetch gets on."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from orderbell.kafka.lockfile import Jar

log = structlog.get_logger()


@contextmanager
def progress(name: str, jars: list[Jar]) -> Iterator[Callable[[int], None]]:
    """A bar on the terminal, or a line in the log where stderr is none; yields what takes the bytes that came."""
    total = sum(jar.size for jar in jars)
    if not sys.stderr.isatty():
        log.info("fetching", what=name, files=len(jars), megabytes=round(total / 1e6, 1))
        yield lambda _: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"Fetching {name}", total=total)
        yield lambda count: bar.advance(task, count)

"""``orderbell broker``: the embedded Kafka alone."""

import asyncio
import os
import signal
from pathlib import Path

import click

from orderbell import data_dir, logging
from orderbell.kafka import EmbeddedKafka
from streams.errors import Unavailable
from streams.settings import load


@click.command()
def broker() -> None:
    """Runs the embedded Kafka in the foreground until SIGTERM or Ctrl-C, and prints its address."""
    settings = load(os.environ)
    logging.configure(settings.log_format)
    asyncio.run(_run(data_dir.kafka_dir(settings.data_dir)))


async def _run(directory: Path) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    stopping = asyncio.create_task(stop.wait())
    starting = asyncio.create_task(EmbeddedKafka.start(directory))
    await asyncio.wait({stopping, starting}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.wait({starting})
        return
    async with starting.result() as kafka:
        click.echo(kafka.address)
        dying = asyncio.create_task(kafka.died())
        await asyncio.wait({stopping, dying}, return_when=asyncio.FIRST_COMPLETED)
        if dying.done():
            raise Unavailable(dying.result())
        dying.cancel()

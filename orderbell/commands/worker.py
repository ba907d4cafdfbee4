"""``orderbell worker``: runs until SIGTERM."""

import asyncio
import os
import signal
from contextlib import suppress

import click
import structlog

from agents.rules_source import RulesSource
from agents.worker import Worker
from orderbell import data_dir, logging
from orderbell.defaults import DEFAULT_RULES
from orderbell.kafka import Broker, broker_for
from streams.clock import SystemClock
from streams.errors import Misconfigured
from streams.settings import Settings, load

log = structlog.get_logger()


@click.command()
def worker() -> None:
    """Detects, decides and sends until SIGTERM. More workers share the partitions."""
    settings = load(os.environ)
    rules = RulesSource(DEFAULT_RULES, settings.rules)
    logging.configure(settings.log_format)
    _run(settings, rules)


def _run(settings: Settings, rules: RulesSource) -> None:
    try:
        import uvloop
    except ImportError:  # not to be had on every platform; asyncio's own loop does the same, slower
        asyncio.run(_work(settings, rules))
    else:
        uvloop.run(_work(settings, rules))


async def _work(settings: Settings, rules: RulesSource) -> None:
    stop = _signals()
    broker = None if settings.brokers else await broker_for(data_dir.kafka_dir(settings.data_dir))
    try:
        await _serve(settings, rules, broker, stop)
    finally:
        if broker is not None and broker.owned is not None:
            await broker.owned.stop()


async def _serve(settings: Settings, rules: RulesSource, broker: Broker | None, stop: asyncio.Event) -> None:
    brokers = settings.brokers if broker is None else (broker.address.removeprefix("kafka://"),)
    folder = data_dir.worker_dir(settings.data_dir)
    worker = Worker(settings, brokers, folder, data_dir.hash_key(settings), rules, SystemClock())
    click.echo(f"orderbell worker {await worker.open()}")
    if broker is not None and broker.owned is not None:
        click.echo(broker.address)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, _reload, rules)
    running = asyncio.ensure_future(worker.run())
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    worker.stop()
    await running


def _signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _reload(rules: RulesSource) -> None:
    with suppress(Misconfigured):  # logged where it is raised; the rules in force stay
        rules.reload()

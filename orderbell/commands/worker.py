"""``orderbell worker``: runs until SIGTERM."""

import asyncio
import os
import signal
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import click

from agents.rules_source import RulesSource
from agents.worker import Worker
from orderbell import data_dir, garbage, logging
from orderbell.defaults import DEFAULT_RULES
from orderbell.kafka import broker_for
from orderbell.kafka.keeping import Keeper
from streams.clock import SystemClock
from streams.errors import Misconfigured, Unavailable, place
from streams.settings import Settings, load

T = TypeVar("T")


@click.command()
def worker() -> None:
    """Detects, decides and sends until SIGTERM. More workers share the partitions."""
    settings = load(os.environ)
    rules = RulesSource(DEFAULT_RULES, settings.rules)
    logging.configure(settings.log_format)
    garbage.look_seldom()
    _run(settings, rules)


def _run(settings: Settings, rules: RulesSource) -> None:
    try:
        import uvloop
    except ImportError:  # not to be had on every platform; asyncio's own loop does the same, slower
        asyncio.run(told(_work(settings, rules)))
    else:
        uvloop.run(told(_work(settings, rules)))


async def told(work: Coroutine[Any, Any, None]) -> None:
    """Does ``work``. A defect that ends it is named without the words of its exception, which may quote anything."""
    try:
        await work
    except (Misconfigured, Unavailable):
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, it ends the worker
        raise Unavailable(f"a defect ended the worker: {type(error).__name__} at {place(error)}") from None


async def _work(settings: Settings, rules: RulesSource) -> None:
    stop = _signals()
    if settings.brokers:
        await _serve(settings, settings.brokers, rules, None, stop)
        return
    directory = data_dir.kafka_dir(settings.data_dir)
    broker = await _unless(stop, broker_for(directory))
    if broker is None:
        return
    keeper = Keeper(directory, broker)
    try:
        await _serve(settings, (keeper.broker.address.removeprefix("kafka://"),), rules, keeper, stop)
    finally:
        await keeper.stop()


async def _unless(stop: asyncio.Event, awaited: Coroutine[Any, Any, T]) -> T | None:
    """What is awaited, or ``None`` where the wish to stop comes first."""
    working, stopping = asyncio.ensure_future(awaited), asyncio.ensure_future(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        return working.result()
    working.cancel()
    await asyncio.wait({working})
    return None


async def _serve(
    settings: Settings, brokers: Sequence[str], rules: RulesSource, keeper: Keeper | None, stop: asyncio.Event
) -> None:
    folder = data_dir.worker_dir(settings.data_dir)
    worker = Worker(settings, brokers, folder, data_dir.hash_key(settings), rules, SystemClock())
    click.echo(f"orderbell worker {await worker.open()}")
    if keeper is not None and keeper.broker.owned is not None:
        click.echo(keeper.broker.address)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, _reload, rules)
    running = asyncio.ensure_future(worker.run())
    others: list[asyncio.Future[Any]] = [asyncio.ensure_future(stop.wait())]
    if keeper is not None:
        others.append(asyncio.ensure_future(keeper.keep()))
    await asyncio.wait({running, *others}, return_when=asyncio.FIRST_COMPLETED)
    worker.stop()
    await running
    for other in others:
        other.cancel()
    for result in await asyncio.gather(*others, return_exceptions=True):
        if isinstance(result, Unavailable):
            raise result


def _signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _reload(rules: RulesSource) -> None:
    with suppress(Misconfigured):  # logged where it is raised; the rules in force stay
        rules.reload()

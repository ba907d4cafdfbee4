"""The demo goes on after its story: a town in which one may break things, and a Prometheus that notices."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from orderbell.demo import prometheus
from orderbell.demo.daily import NEIGHBOURS, WRONG_EVERY, Daily
from orderbell.demo.desk import Desk
from orderbell.demo.prometheus import Prometheus
from orderbell.demo.stage import Stage
from orderbell.demo.together import until_one_ends
from orderbell.demo.troubles import Trouble, Troubles
from orderbell.demo.worker import Worker
from orderbell.kafka import EmbeddedKafka
from streams.errors import Unavailable

SCRAPED_EVERY = 5


async def stay(stage: Stage, kafka: EmbeddedKafka, folder: Path) -> None:
    """Goes on until it is cancelled. Raises ``Unavailable`` where Prometheus does not come up, or ends."""
    daily = Daily(stage.upstream)
    workers = await stage.start_another()
    await daily.begin()
    troubles = Troubles(stage, daily, workers, kafka.address.removeprefix("kafka://"))
    desk = Desk(troubles)
    watching = await _prometheus(folder, workers)
    try:
        at = await desk.start()
        _print(stage, folder, workers)
        click.echo(watched(watching))
        _print_troubles(at, list(troubles.known.values()))
        beside = [] if watching is None else [_watch(watching)]
        await until_one_ends(daily.go_on(), *beside)
    finally:
        await desk.stop()
        if watching is not None:
            await watching.stop()


async def _prometheus(folder: Path, workers: Sequence[Worker]) -> Prometheus | None:
    if prometheus.program() is None or not prometheus.RULES.is_dir():
        return None
    targets = [worker.target for worker in workers]
    return await Prometheus.start(folder, targets, every=SCRAPED_EVERY, runbooks=str(prometheus.RUNBOOKS))


async def _watch(watching: Prometheus) -> None:
    raise Unavailable(await watching.ended())


def _print(stage: Stage, folder: Path, workers: Sequence[Worker]) -> None:
    first = workers[0]
    for worker in workers:
        click.echo(f"orderbell worker {worker.web}  process {worker.pid}, logs in {worker.log}")
    click.echo(f"{NEIGHBOURS} parcels are on the road, and every {WRONG_EVERY:.0f} s an order goes wrong.")
    click.echo("For what runbooks say, in a shell of yours:")
    click.echo(f"  cd {folder}; export PATH={Path(sys.executable).parent}:$PATH")
    click.echo(f"  export WORKER={first.web} ORDERBELL_WEB_PORT={first.port} ORDERBELL_DATA_DIR={folder}")
    click.echo(f"  export ORDERBELL_RULES={stage.rules} ORDERBELL_ADMIN_TOKEN={stage.admin_token}")


def watched(watching: Prometheus | None) -> str:
    """Says on one line who watches, or why nobody does."""
    if watching is not None:
        return f"prometheus {watching.address}/alerts  scrapes and judges every {SCRAPED_EVERY} s"
    if prometheus.program() is None:
        return "prometheus is not installed, so nobody scrapes the workers"
    return f"{prometheus.RULES} is not there, so nobody scrapes the workers"


def _print_troubles(at: str, troubles: Sequence[Trouble]) -> None:
    click.echo("Break something, and mend it with mend in the place of break. docs/oncall.md tells what is seen.")
    for trouble in troubles:
        click.echo(f"  curl -sX POST {at}/break/{trouble.name}")
        click.echo(f"    {trouble.what}")
        for alert in trouble.alerts:
            click.echo(f"      {alert}")
    click.echo('  echo nonsense >> rules.toml; curl -sX POST -H "Authorization: Bearer $ORDERBELL_ADMIN_TOKEN" \\')
    click.echo("    $WORKER/-/reload")
    click.echo("    a worker is given a wrong rules file")
    click.echo("      OrderbellRulesRefused within 15 s")
    click.echo(f"  curl -s {at}")
    click.echo("    what is broken now. Ctrl-C ends it all, and nothing stays.")

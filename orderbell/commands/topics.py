"""``orderbell topics``: compares the topics with the contract."""

import asyncio
import os
import sys

import click

from agents.cluster import Cluster, differences, ensure_topics
from orderbell.commands.brokers import live_brokers
from streams.settings import Settings, load


@click.command()
@click.option("--create", is_flag=True, help="Create the topics that are missing.")
def topics(create: bool) -> None:
    """Compares the topics with the contract; exit 1 where one is missing or differs."""
    if not asyncio.run(_compare(load(os.environ), create)):
        sys.exit(1)


async def _compare(settings: Settings, create: bool) -> bool:
    async with Cluster(live_brokers(settings)) as cluster:
        if create:
            for name in await ensure_topics(cluster, settings.partitions, settings.replication):
                click.echo(f"{name}: created")
        found = await differences(cluster, settings.replication)
    for difference in found:
        click.echo(f"{difference.topic}: {difference.what}")
    if not found:
        click.echo("all topics are as the contract says")
    return not found

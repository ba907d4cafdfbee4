"""``orderbell demo``: the whole service on this machine, in about a minute."""

import asyncio
import sys

import click

from orderbell import logging


@click.command()
@click.option("--stay", is_flag=True, help="Go on after the story, until Ctrl-C: break something, and see who notices.")
def demo(stay: bool) -> None:
    """Shows everything at work: a real Kafka, a worker, events, and what arrives on whose phone.

    The vendor alone is a stand-in, and no message leaves this machine. Exit 1 where an expectation failed.
    """
    from orderbell.demo.performance import perform

    logging.configure("console")
    if not asyncio.run(perform(stay=stay)):
        sys.exit(1)

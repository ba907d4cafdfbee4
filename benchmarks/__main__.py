"""``python -m benchmarks [detect|latency]``: measures, and prints a short table of what was found."""

import asyncio

import click

from benchmarks import detect, latency, machine


@click.command()
@click.argument("what", type=click.Choice(["all", "detect", "latency"]), default="all")
@click.option("--events", default=1_000_000, show_default=True, help="detect: logistics events.")
@click.option("--shipments", default=200_000, show_default=True, help="detect: over how many shipments they spread.")
@click.option("--rounds", default=3, show_default=True, help="detect: how often both variants are run.")
@click.option("--rate", default=200, show_default=True, help="latency: commands a second.")
@click.option("--seconds", default=30, show_default=True, help="latency: for how long.")
def main(what: str, events: int, shipments: int, rounds: int, rate: int, seconds: int) -> None:
    """Measures on an embedded Kafka of its own, in a temporary directory."""
    click.echo(machine.described())
    if what in ("all", "detect"):
        click.echo(asyncio.run(detect.compare(events, shipments, rounds)))
    if what in ("all", "latency"):
        click.echo(asyncio.run(latency.measure(rate, seconds)))


if __name__ == "__main__":
    main()

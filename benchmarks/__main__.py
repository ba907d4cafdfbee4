"""``python -m benchmarks [WHAT]``: measures, and prints a short table of what was found."""

import asyncio

import click

from benchmarks import detect, latency, machine, packing, send, state


@click.command()
@click.argument(
    "what", type=click.Choice(["all", "detect", "send", "latency", "hanging", "packing", "state"]), default="all"
)
@click.option("--events", default=1_000_000, show_default=True, help="detect: logistics events.")
@click.option("--shipments", default=200_000, show_default=True, help="detect: over how many shipments they spread.")
@click.option("--rounds", default=3, show_default=True, help="detect, send: how often both variants are run.")
@click.option("--messages", default=10_000, show_default=True, help="send: commands, each a message.")
@click.option("--rate", default=1_000, show_default=True, help="latency, hanging: commands a second.")
@click.option("--seconds", default=30, show_default=True, help="latency, hanging: for how long.")
@click.option("--times", default=1_000, show_default=True, help="packing: how often something waits for a customer.")
@click.option("--entries", default=100_000, show_default=True, help="state: how many of each kind.")
def main(
    what: str,
    events: int,
    shipments: int,
    rounds: int,
    messages: int,
    rate: int,
    seconds: int,
    times: int,
    entries: int,
) -> None:
    """Measures on an embedded Kafka of its own, in a temporary directory; packing and state need none."""
    click.echo(machine.described())
    if what in ("all", "detect"):
        click.echo(asyncio.run(detect.compare(events, shipments, rounds)))
    if what in ("all", "send"):
        click.echo(asyncio.run(send.compare(messages, rounds)))
    if what in ("all", "latency"):
        click.echo(asyncio.run(latency.measure(rate, seconds)))
    if what in ("all", "hanging"):
        click.echo(asyncio.run(latency.measure(rate, seconds, hanging=True)))
    if what in ("all", "packing"):
        click.echo(packing.compare(times))
    if what in ("all", "state"):
        click.echo(asyncio.run(state.measure(entries)))


if __name__ == "__main__":
    main()

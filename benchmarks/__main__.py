"""``python -m benchmarks [detect]``: measures, and prints a table of what was found."""

import asyncio

import click

from benchmarks import detect, machine


@click.command()
@click.argument("what", type=click.Choice(["all", "detect"]), default="all")
@click.option("--events", default=1_000_000, show_default=True, help="Logistics events to detect on.")
@click.option("--shipments", default=200_000, show_default=True, help="Over how many shipments they spread.")
@click.option("--rounds", default=3, show_default=True, help="How often both variants of detect are run.")
def main(what: str, events: int, shipments: int, rounds: int) -> None:
    """Measures on an embedded Kafka of its own."""
    print(machine.described())
    if what in ("all", "detect"):
        print(asyncio.run(detect.compare(events, shipments, rounds)))


if __name__ == "__main__":
    main()

"""What detection costs, beside a bare loop on the same topic in the same run."""

import tempfile
from pathlib import Path
from statistics import median

from benchmarks import topics
from benchmarks.child import Cost, cost_of
from benchmarks.rounds import Rounds
from orderbell.kafka import EmbeddedKafka
from streams.topics import LOGISTICS, changelog

PARTITIONS = 4
GOAL = 2.5
"""How many times the bare loop's processor time detection may take."""


class Compared(Rounds):
    """Printed as a short table."""

    __slots__ = ()

    def __str__(self) -> str:
        return "\n".join(
            (
                f"detect: {self.ours[0].events:,} logistics events, {len(self.ours)} rounds, medians",
                f"{'':12}{'CPU s/million':>14}{'events/s':>12}",
                *(_line(name, costs) for name, costs in (("orderbell", self.ours), ("bare loop", self.bare))),
                f"{'ratio':12}{self.ratio:>14.2f}   (goal: at most {GOAL})",
            )
        )


def _line(name: str, costs: list[Cost]) -> str:
    return f"{name:12}{median(c.cpu_per_million for c in costs):>14.2f}{median(c.rate for c in costs):>12,.0f}"


async def compare(events: int, shipments: int, rounds: int) -> Compared:
    """Publishes ``events`` of so many shipments, and lets both variants read them in turn."""
    compared = Compared([], [])
    with tempfile.TemporaryDirectory() as folder:
        async with await EmbeddedKafka.start(Path(folder)) as kafka:
            broker = kafka.address.removeprefix("kafka://")
            await topics.create(broker, {LOGISTICS.name: LOGISTICS}, PARTITIONS)
            await cost_of("benchmarks.logistics", broker, str(events), str(shipments), str(PARTITIONS))
            for number in range(rounds):
                compared.ours.append(await _run("ours", broker, f"ours{number}", events))
                compared.bare.append(await _run("bare", broker, f"bare{number}", events))
    return compared


async def _run(variant: str, broker: str, run: str, events: int) -> Cost:
    written = changelog(run)
    await topics.create(broker, {written.name: written}, PARTITIONS)
    return await cost_of(f"benchmarks.{variant}", broker, run, str(events), str(PARTITIONS))

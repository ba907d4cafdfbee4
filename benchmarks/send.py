"""What sending costs through the journal, beside a bare loop of signed POSTs to the same provider in the same run."""

import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks import commands, topics
from benchmarks.child import Cost, cost_of
from benchmarks.processes import provider
from benchmarks.rounds import Rounds
from orderbell.kafka import EmbeddedKafka
from streams.topics import (
    COMMANDS,
    DEAD_LETTERS,
    DECISIONS,
    MESSAGE_REPORTS,
    OPT_OUTS,
    PROFILES,
    PROVIDER_MESSAGES,
    RECEIPTS,
    changelog,
)

PARTITIONS = 4
AT_ONCE = 256
"""How many POSTs the bare loop has under way, as many as the senders of all partitions may have."""
_TOPICS = (COMMANDS, PROFILES, MESSAGE_REPORTS, DECISIONS, RECEIPTS, PROVIDER_MESSAGES, OPT_OUTS, DEAD_LETTERS)


class Compared(Rounds):
    """Printed as a short table."""

    __slots__ = ()

    def __str__(self) -> str:
        return "\n".join(
            (
                f"send: {self.ours[0].events:,} commands, each a message of its own, {len(self.ours)} rounds, medians",
                f"{'':12}{'sends/CPU s':>14}{'sends/s':>12}",
                *(_line(name, costs) for name, costs in (("orderbell", self.ours), ("bare POSTs", self.bare))),
                f"{'ratio':12}{self.ratio:>14.2f}   (processor time of a send, ours by the bare loop's)",
            )
        )


def _line(name: str, costs: list[Cost]) -> str:
    return f"{name:12}{median(c.events / c.cpu for c in costs):>14,.0f}{median(c.rate for c in costs):>12,.0f}"


async def compare(messages: int, rounds: int) -> Compared:
    """Publishes so many commands, and sends them by both variants in turn."""
    compared = Compared([], [])
    with tempfile.TemporaryDirectory() as folder:
        async with await EmbeddedKafka.start(Path(folder)) as kafka, provider() as address:
            broker = kafka.address.removeprefix("kafka://")
            await topics.create(broker, {topic.name: topic for topic in _TOPICS}, PARTITIONS)
            await commands.publish(broker, messages, PARTITIONS, time.time_ns() // 1_000)
            for number in range(rounds):
                run = f"ours{number}"
                await topics.create(broker, {changelog(run).name: changelog(run)}, PARTITIONS)
                asked = (broker, run, str(messages), str(PARTITIONS), address)
                compared.ours.append(await cost_of("benchmarks.journal", *asked))
                compared.bare.append(await cost_of("benchmarks.posts", address, str(messages), str(AT_ONCE)))
    return compared

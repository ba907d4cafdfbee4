"""What is remembered costs: bytes of memory and of the changelog, and how fast it is read back.

Each kind of entry is measured in a process of its own, by how much that process grows while the state is made of so
many, as a taking over does. The bytes of the topic are without Kafka's own, some ten a record.
"""

import gc
import os
import sys
from pathlib import Path
from time import process_time

import msgspec

from benchmarks.processes import process
from benchmarks.remembered import RULES, SAMPLES, word
from schemas.customers import Customer
from streams.engine.state import State

_KEY = 14
_DIFFERENT = 2_000
_profile = msgspec.json.Decoder(Customer).decode


class Found(msgspec.Struct):
    """Of one entry: bytes on the topic, bytes in memory, and how many are read back in a second of the processor."""

    topic: float
    memory: float
    restored: float


async def measure(entries: int) -> str:
    """A table of what was found."""
    lines = [f"state: {entries:,} entries of each", f"{'':36}{'topic, B':>10}{'memory, B':>11}{'restored, /CPU s':>18}"]
    for what in SAMPLES:
        async with process("-m", "benchmarks.state", what, str(entries)) as (_, told):
            found = msgspec.json.decode(told, type=Found)
        lines.append(f"{what:36}{found.topic:10.0f}{found.memory:11.0f}{found.restored:18,.0f}")
    return "\n".join(lines)


def _of(what: str, entries: int) -> Found:
    sample, kind = SAMPLES[what]
    different = [sample() for _ in range(_DIFFERENT)]
    stored = {word(_KEY).encode(): different[number % _DIFFERENT] for number in range(entries)}
    size = sum(len(key) + len(value) for key, value in stored.items()) / entries
    before, began = _resident(), process_time()
    if kind is None:
        kept: object = {key: _profile(value) for key, value in stored.items()}
    else:
        kept = State(kind, stored, RULES)
    seconds = process_time() - began
    # The keys were there before.
    memory = (_resident() - before) / entries + sys.getsizeof(next(iter(stored)))
    del kept
    return Found(size, memory, entries / seconds)


def _resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    print(msgspec.json.encode(_of(sys.argv[1], int(sys.argv[2]))).decode())

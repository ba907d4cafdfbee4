"""Plays the story and writes down the log, a record a line.

Run it in a checkout of the version whose format is to be kept, with this package copied there:

    python -m tests.upgrade.record tests/upgrade/format-N.jsonl

The first line says when the shop stopped and which messages the vendors had taken.
"""

import asyncio
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from tests.upgrade import story
from tests.upgrade.shop import Shop


class Stop(msgspec.Struct):
    """When the shop stopped, and what the vendors had taken."""

    at: int
    rung: list[tuple[str, str]]


class Line(msgspec.Struct):
    """A record; key and value in base64."""

    topic: str
    timestamp: int
    key: str | None
    value: str | None


def written(shop: Shop) -> Iterator[bytes]:
    """The lines of a shop that has stopped."""
    yield msgspec.json.encode(Stop(shop.clock.now(), shop.rung))
    for record in shop.records():
        key, value = (None if part is None else b64encode(part).decode() for part in (record.key, record.value))
        yield msgspec.json.encode(Line(record.topic, record.timestamp, key, value))


def read(lines: Iterable[bytes]) -> Shop:
    """A shop as it was left, with the vendors in the mood to take everything."""
    first, *others = lines
    stop = msgspec.json.decode(first, type=Stop)
    shop = Shop(stop.at)
    shop.rung = stop.rung
    for each in others:
        line = msgspec.json.decode(each, type=Line)
        key, value = (None if part is None else b64decode(part) for part in (line.key, line.value))
        shop.kafka.append(line.topic, 0, key, value, line.timestamp)
    return shop


def kept(version: int) -> Shop:
    """The shop as the last version of the program left it that wrote this format of the sender's state."""
    return read((Path(__file__).parent / f"format-{version}.jsonl").read_bytes().splitlines())


async def recorded() -> Shop:
    """A shop that has played the story."""
    shop = Shop(story.BEGINS)
    await story.play(shop)
    if shop.watcher.failures:
        raise AssertionError(shop.watcher.failures)
    return shop


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(b"\n".join([*written(asyncio.run(recorded())), b""]))

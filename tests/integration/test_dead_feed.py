"""A carrier's feed dies, on a real Kafka: its parcels look stalled by the hundred, and hardly anybody is told so."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count, islice
from pathlib import Path

import aiohttp
import pytest

from streams.engine.partitioner import partition_of
from tests.integration.held_kafka import Kafka
from tests.integration.shop import ADMIN, PARTITIONS, RULES, Shop, WorkerProcess, ago, until

STALL = "shipment_stalled"
PARCELS = 300
STILL = 10
"""How many of them are silent indeed."""
PATIENT = RULES.replace('[kinds.shipment_stalled]\nmerge_hold = "1s"', '[kinds.shipment_stalled]\nmerge_hold = "5s"')
"""Nothing is planned before so many have come that it is a storm, on a busy machine either: what is planned by then
waits as well, and is not counted among what a storm has held."""


@pytest.fixture
async def shop(own_kafka: Kafka, tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop(own_kafka, tmp_path, PATIENT) as shop:
        yield shop


async def test_of_a_dead_feed_few_are_told_and_an_operator_says_what_becomes_of_the_rest(shop: Shop) -> None:
    worker = await shop.worker().start()
    carrier = f"c{shop.id}"
    named = (f"{shop.id}-{number}" for number in count())
    customers = list(islice((name for name in named if partition_of(name.encode(), PARTITIONS) == 0), PARCELS))
    await asyncio.gather(*(shop.customer(name, f"139{n:08d}") for n, name in enumerate(customers)))
    long_ago = ago(hours=25)
    await asyncio.gather(
        *(
            shop.shipment(
                "shipment.dispatched",
                f"t-{name}",
                order_id=f"o-{name}",
                customer_id=name,
                carrier=carrier,
                occurred_at=long_ago,
            )
            for name in customers
        )
    )

    def ended(outcome: str) -> list[str]:
        of_ours = (
            d for d in shop.read["notification-decisions"] if d["customer_id"] in customers and d["kind"] == STALL
        )
        return [d["customer_id"] for d in of_ours if d["outcome"] == outcome]

    async def all_seen() -> bool:
        return len(ended("sent")) + await _held(worker) == PARCELS

    await until(all_seen, lambda: f"{len(ended('sent'))} told {worker.log[-3000:]}")
    told = ended("sent")
    assert len(told) < 100

    waiting = [name for name in customers if name not in told]
    moving = waiting[STILL:]
    await asyncio.gather(*(shop.shipment("shipment.scanned", f"t-{name}") for name in moving))
    await until(lambda: len(ended("settled")) == len(moving), lambda: worker.log[-3000:])

    answers = f'[storm]\nanswers = {{ "carrier:{carrier}" = "drop" }}\n'
    (shop.folder / "rules.toml").write_text(PATIENT + answers)
    async with aiohttp.ClientSession() as session:
        url, token = f"http://127.0.0.1:{worker.port}/-/reload", {"Authorization": f"Bearer {ADMIN}"}
        async with session.post(url, headers=token) as answer:
            assert answer.status == 200
    await until(lambda: len(ended("suppressed")) == STILL, lambda: worker.log[-3000:])
    assert sorted(ended("settled")) == sorted(moving)
    assert ended("sent") == told
    assert len(shop.vendor.messages) == len(told)
    assert '"switched"' in worker.log


async def _held(worker: WorkerProcess) -> int:
    """How many notices a storm has held."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{worker.port}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return sum(int(float(line.split()[-1])) for line in lines if line.startswith("orderbell_storm_held_total{"))

"""What integration tests share: a Kafka, a shop, and somebody who listens whether anything personal is written."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.integration.held_kafka import Kafka, held_kafka
from tests.integration.overheard import Overheard, overhearing
from tests.integration.shop import Shop


@pytest.fixture(scope="session", autouse=True)
def overheard() -> Iterator[Overheard]:
    """Listens in on every process that a test starts, and searches at the end what nobody has searched by then."""
    with overhearing() as heard:
        yield heard
    assert heard.slips() == []


@pytest.fixture(autouse=True)
def nothing_personal_is_written(overheard: Overheard) -> Iterator[None]:
    """Whatever the test does: no number, address, id, secret or text stands in what its processes wrote."""
    yield
    assert overheard.slips() == []


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A Kafka that all integration tests share, also those of other pytest-xdist workers: use topics of your own."""
    base = tmp_path_factory.getbasetemp()
    with held_kafka(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) as kafka:
        yield kafka


@pytest.fixture(scope="module")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A Kafka for one module: for whole workers, whose topics and group have fixed names."""
    with held_kafka(tmp_path_factory.mktemp("own")) as kafka:
        yield kafka


@pytest.fixture
async def shop(own_kafka: Kafka, tmp_path: Path) -> AsyncIterator[Shop]:
    """A shop on the module's Kafka, without a worker yet. A module whose shop is another one overrides this."""
    async with Shop(own_kafka, tmp_path) as shop:
        yield shop

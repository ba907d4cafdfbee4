"""Pushes and the opt-out ledger on a Kafka of their own, which may be stopped."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from aiohttp import ClientSession
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from agents.cluster import Cluster, ensure_topics
from agents.durable_writer import KafkaWriter
from agents.ledger import RELIED_ON, Ledger
from agents.web.callbacks import Callbacks
from agents.web.health import Health
from agents.web.intake import Intake
from agents.web.server import Web, WebServer
from orderbell.kafka import EmbeddedKafka
from schemas.callbacks import Callback
from schemas.opt_outs import OptOut
from schemas.times import SECOND, instant
from streams import topics
from streams.clock import SystemClock
from streams.engine.turn import Output
from streams.errors import Unavailable
from streams.metrics import Metrics
from streams.policy.opt_outs import Hasher
from streams.topics import Topic
from tests.callbacks import NUMBER, a_reply, a_report

CALLBACKS, OPT_OUTS = topics.PROVIDER_CALLBACKS.name, topics.OPT_OUTS.name
PATH = "/callbacks/aliyun/token"
CLOCK = SystemClock()


class OwnKafka:
    """A Kafka that a test may stop and start again. All topics have one partition."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._running: EmbeddedKafka | None = None
        self.brokers: list[str] = []

    async def up(self) -> None:
        if self._running is None:
            self._running = await EmbeddedKafka.start(self._data_dir)
        self.brokers = [self._running.address.removeprefix("kafka://")]
        async with Cluster(self.brokers) as cluster:
            await ensure_topics(cluster, 1, 1)

    async def down(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            await running.stop()


@pytest.fixture(scope="module")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnKafka]:
    kafka = OwnKafka(tmp_path_factory.mktemp("kafka"))
    asyncio.run(kafka.up())
    yield kafka
    asyncio.run(kafka.down())


@pytest.fixture
async def kafka(own_kafka: OwnKafka) -> OwnKafka:
    await own_kafka.up()
    return own_kafka


@pytest.fixture
def hasher() -> Hasher:
    """Every test names numbers in its own way, so none sees another's stops."""
    return Hasher(uuid4().hex)


@asynccontextmanager
async def _ledger(kafka: OwnKafka, hasher: Hasher) -> AsyncIterator[Ledger]:
    ledger = Ledger(kafka.brokers, hasher, CLOCK)
    ledger.start()
    try:
        yield ledger
    finally:
        async with asyncio.timeout(10):
            await ledger.close()


@asynccontextmanager
async def _web(kafka: OwnKafka, hasher: Hasher, ledger: Ledger) -> AsyncIterator[ClientSession]:
    """One worker's web port."""
    writer = KafkaWriter(kafka.brokers, (CALLBACKS, OPT_OUTS))
    metrics = Metrics()
    callbacks = Callbacks(token="token", intake=Intake(hasher, ledger), writer=writer, clock=CLOCK, metrics=metrics)

    async def reload() -> str:
        return ""

    server = WebServer(
        Web(
            host="127.0.0.1",
            port=0,
            public_port=None,
            callbacks=callbacks,
            health=Health([]),
            registry=metrics.registry,
            admin_token=None,
            reload=reload,
        )
    )
    await server.start()
    writer.start()
    try:
        async with ClientSession(server.url) as client:
            yield client
    finally:
        async with asyncio.timeout(10):
            await asyncio.gather(server.close(), writer.close())


async def _push(client: ClientSession, what: str, *elements: object) -> int:
    async with client.post(f"{PATH}/{what}", json=elements) as answer:
        await answer.read()
        return answer.status


async def _until(true: Callable[[], bool | Awaitable[bool]], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not (found if isinstance(found := true(), bool) else await found):  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.01)


def _is_fresh(ledger: Ledger) -> bool:
    return ledger.fresh(CLOCK.now())


async def _read(kafka: OwnKafka, topic: str) -> list[tuple[bytes | None, bytes]]:
    tp = TopicPartition(topic, 0)
    async with AIOKafkaConsumer(bootstrap_servers=kafka.brokers, isolation_level="read_committed") as reader:
        reader.assign([tp])
        await reader.seek_to_beginning(tp)
        end = (await reader.end_offsets([tp]))[tp]
        found: list[tuple[bytes | None, bytes]] = []
        while await reader.position(tp) < end:
            for records in (await reader.getmany(timeout_ms=200)).values():
                found += [(r.key, r.value) for r in records]
        return found


async def test_what_was_answered_is_durable(kafka: OwnKafka, hasher: Hasher) -> None:
    async with _ledger(kafka, hasher) as ledger, _web(kafka, hasher, ledger) as client:
        notifications = [f"C1.{uuid4().hex}.1" for _ in range(100)]
        await _until(lambda: _pushes(client, *(a_report(out_id=out_id) for out_id in notifications)))
        found = await _read(kafka, CALLBACKS)
    ours = {key.decode(): msgspec.json.decode(value, type=Callback) for key, value in found if key is not None}
    for out_id in notifications:
        assert msgspec.json.decode(ours[out_id].element) == a_report(out_id=out_id)


async def _pushes(client: ClientSession, *elements: object) -> bool:
    return await _push(client, "receipts", *elements) == 200


async def test_a_stop_holds_at_every_worker_two_seconds_after_it_was_answered(kafka: OwnKafka, hasher: Hasher) -> None:
    """Not before may any of them call; so each has it, or knows that it can't be relied on."""
    async with (
        _ledger(kafka, hasher) as ours,
        _ledger(kafka, hasher) as theirs,
        _web(kafka, hasher, ours) as client,
    ):
        await _until(lambda: _is_fresh(ours) and _is_fresh(theirs))
        assert not theirs.stopped(NUMBER)
        await _until(lambda: _replies(client))
        answered_at = CLOCK.now()
        while (now := CLOCK.now()) < answered_at + 2 * RELIED_ON:
            if now >= answered_at + 2 * SECOND and theirs.fresh(now):
                assert theirs.stopped(NUMBER)
            await asyncio.sleep(0.005)
        await _until(lambda: ours.stopped(NUMBER) and theirs.stopped(NUMBER))
        await _until(lambda: _is_fresh(theirs))


async def _replies(client: ClientSession) -> bool:
    return await _push(client, "replies", a_reply()) == 200


async def test_a_ledger_begins_with_all_that_was_said_before(kafka: OwnKafka, hasher: Hasher) -> None:
    stop = OptOut(scope="all", stopped=True, at=instant(CLOCK.now()), source="reply", provider="aliyun")
    async with AIOKafkaProducer(bootstrap_servers=kafka.brokers) as producer:
        await producer.send_and_wait(OPT_OUTS, msgspec.json.encode(stop), hasher(NUMBER).encode())
    async with _ledger(kafka, hasher) as ledger:
        await _until(lambda: _is_fresh(ledger))
        assert ledger.stopped(NUMBER)
        assert ledger.stopped_marketing(NUMBER)
        assert len(ledger) >= 1


async def test_a_dead_workers_open_turn_hides_no_stop(kafka: OwnKafka, hasher: Hasher) -> None:
    """A reader of what is committed would not see past it until it times out."""
    dead = AIOKafkaProducer(
        bootstrap_servers=kafka.brokers, transactional_id=uuid4().hex, transaction_timeout_ms=60_000
    )
    await dead.start()
    await dead.begin_transaction()
    await dead.send_and_wait(OPT_OUTS, b"{}", Hasher(uuid4().hex)(NUMBER).encode())
    async with _ledger(kafka, hasher) as ledger, _web(kafka, hasher, ledger) as client:
        await _until(lambda: _is_fresh(ledger))
        await _until(lambda: _replies(client))
        await _until(lambda: ledger.stopped(NUMBER) and _is_fresh(ledger), seconds=20)
    await dead.abort_transaction()
    await dead.stop()


async def test_a_push_of_what_is_known_is_not_written_again(kafka: OwnKafka, hasher: Hasher) -> None:
    async with _ledger(kafka, hasher) as ledger, _web(kafka, hasher, ledger) as client:
        await _until(lambda: _replies(client))
        await _until(lambda: ledger.stopped(NUMBER))
        assert await _replies(client)
    assert len([key for key, _ in await _read(kafka, OPT_OUTS) if key == hasher(NUMBER).encode()]) == 1


async def test_a_writer_goes_on_after_a_record_that_kafka_refuses(kafka: OwnKafka) -> None:
    """Its batch leaves a gap in the producer's sequence: without a new producer nothing would pass any more."""
    topic = uuid4().hex
    async with Cluster(kafka.brokers) as cluster:
        await cluster.create({Topic(topic, "any", extra={"max.message.bytes": "1000"}): 1}, 1)
    writer = KafkaWriter(kafka.brokers, (topic,))
    writer.start()
    stored: list[Output] = []
    async with asyncio.timeout(60):
        await writer.write([Output(topic, b"k", b"1")], stored.append)
        with pytest.raises(Unavailable, match="MessageSizeTooLarge"):
            await writer.write([Output(topic, b"k", b"x" * 2_000)], stored.append)
        await writer.write([Output(topic, b"k", b"2"), Output(topic, None, b"3")], stored.append)
        await writer.close()
    assert await _read(kafka, topic) == [(b"k", b"1"), (b"k", b"2"), (None, b"3")]
    assert [output.value for output in stored] == [b"1", b"2", b"3"]


async def test_what_kafka_stores_when_nobody_waits_any_longer_is_told_too(kafka: OwnKafka) -> None:
    topic = uuid4().hex
    async with Cluster(kafka.brokers) as cluster:
        await cluster.create({Topic(topic, "any"): 1}, 1)
    writer = KafkaWriter(kafka.brokers, (topic,))
    writer.start()
    stored: list[Output] = []
    given_up: set[Output] = set()
    async with asyncio.timeout(60):
        await writer.write([Output(topic, b"k", b"first")], stored.append)
        while given_up.isdisjoint(stored):
            output = Output(topic, b"k", str(len(given_up)).encode())
            writing = asyncio.ensure_future(writer.write([output], stored.append))
            for _ in range(len(given_up)):
                await asyncio.sleep(0)
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
            given_up.add(output)
            await asyncio.sleep(0.05)
        await writer.close()


async def test_without_kafka_pushes_are_refused_in_time_and_nothing_is_relied_on(
    kafka: OwnKafka, hasher: Hasher
) -> None:
    time = asyncio.get_running_loop().time
    async with _ledger(kafka, hasher) as ledger, _web(kafka, hasher, ledger) as client:
        await _until(lambda: _replies(client))
        await _until(lambda: _is_fresh(ledger))
        await kafka.down()
        began = time()
        assert await _push(client, "replies", a_reply(phone_number="13900000002")) == 503
        assert time() - began < 10
        await _until(lambda: not _is_fresh(ledger))
        assert ledger.stopped(NUMBER)
        await kafka.up()
        await _until(lambda: _replies(client))
        await _until(lambda: _is_fresh(ledger))
        assert ledger.stopped(NUMBER)


async def test_a_worker_may_start_before_kafka(kafka: OwnKafka, hasher: Hasher) -> None:
    await kafka.down()
    async with _ledger(kafka, hasher) as ledger, _web(kafka, hasher, ledger) as client:
        assert await _push(client, "replies", a_reply()) == 503
        assert not _is_fresh(ledger)
        await kafka.up()
        await _until(lambda: _replies(client))
        await _until(lambda: ledger.stopped(NUMBER))


async def test_without_kafka_all_can_be_closed(kafka: OwnKafka, hasher: Hasher) -> None:
    await kafka.down()
    async with _ledger(kafka, hasher) as ledger, _web(kafka, hasher, ledger) as client:
        assert await _push(client, "replies", a_reply()) == 503

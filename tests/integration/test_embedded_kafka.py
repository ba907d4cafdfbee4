"""The embedded Kafka as processes see it: starts, crashes, and two who want the same one."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from orderbell.kafka import EmbeddedKafka, broker_for, live_broker
from orderbell.kafka.directory import Directory
from orderbell.kafka.ports import HOST, choose
from streams.errors import Misconfigured, Unavailable

DEADLINE = 90.0


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def javas(directory: Path) -> list[int]:
    """The ids of the Java processes that run in a directory."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink() == directory:
                found.append(int(entry.name))
        except OSError:  # it ended meanwhile
            continue
    return found


@contextmanager
def broker_command(data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """``orderbell broker``, killed at the end where it has not ended."""
    command = [sys.executable, "-c", "from orderbell.cli import main; main()", "broker"]
    environment = {**os.environ, "ORDERBELL_DATA_DIR": str(data_dir)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


@asynccontextmanager
async def admin(address: str) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=address.removeprefix("kafka://"))
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def write(address: str, topic: str, value: bytes) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=address.removeprefix("kafka://"), transactional_id="writer", max_request_size=8 * 2**20
    )
    async with producer, producer.transaction():
        await producer.send_and_wait(topic, value)


async def read(address: str, topic: str, count: int) -> list[bytes | None]:
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=address.removeprefix("kafka://"),
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    async with consumer:
        return [(await consumer.getone()).value for _ in range(count)]


async def test_takes_topics_and_dead_letters_of_4_mib_and_has_no_topic_of_its_own(tmp_path: Path) -> None:
    large = os.urandom(4 * 2**20)
    async with await EmbeddedKafka.start(tmp_path) as kafka, admin(kafka.address) as client:
        assert await client.list_topics() == []
        await client.create_topics([NewTopic("t", 1, 1)])
        await write(kafka.address, "t", large)
        assert await read(kafka.address, "t", 1) == [large]
        # Ctrl-C in a terminal goes to all of a session.
        (java,) = javas(tmp_path)
        assert os.getsid(java) != os.getsid(0)
    assert live_broker(tmp_path) is None
    assert javas(tmp_path) == []


async def test_of_two_who_want_it_at_once_one_starts_it(tmp_path: Path) -> None:
    one, two = await asyncio.gather(broker_for(tmp_path), broker_for(tmp_path))
    owned = [broker.owned for broker in (one, two) if broker.owned is not None]
    assert len(owned) == 1
    async with owned[0]:
        assert one.address == two.address == live_broker(tmp_path)
        assert await broker_for(tmp_path) == (one.address, None)
        with pytest.raises(Unavailable, match=f"{one.address} runs on this data already"):
            await EmbeddedKafka.start(tmp_path)


async def test_all_killed_it_comes_back_on_the_same_port_with_all_that_was_committed(tmp_path: Path) -> None:
    directory = tmp_path / "kafka"
    with broker_command(tmp_path) as process:
        address = first_line(process)
        async with admin(address) as client:
            await client.create_topics([NewTopic("t", 1, 1)])
        await write(address, "t", b"kept")
        assert live_broker(directory) == address
        assert javas(directory)
        process.kill()
        process.wait()
        eventually(lambda: not javas(directory))
        eventually(lambda: live_broker(directory) is None)
    async with await EmbeddedKafka.start(directory) as kafka:
        assert kafka.address == address
        await write(address, "t", b"new")
        assert await read(address, "t", 2) == [b"kept", b"new"]


def test_killed_while_it_is_formatted_it_starts_the_next_time(tmp_path: Path) -> None:
    directory = tmp_path / "kafka"
    with broker_command(tmp_path) as process:
        eventually(lambda: (directory / "logs.unfinished").exists())
        process.kill()
        process.wait()
        eventually(lambda: not javas(directory))
    assert not (directory / "logs").exists()
    with broker_command(tmp_path) as process:
        assert first_line(process).startswith("kafka://127.0.0.1:")


async def test_another_port_is_taken_where_the_last_is_in_use(tmp_path: Path) -> None:
    port, other = choose(None)
    Directory(tmp_path).prepare()
    Directory(tmp_path).remember((port, other))
    with socket.create_server((HOST, port)):
        async with await EmbeddedKafka.start(tmp_path) as kafka:
            assert kafka.address != f"kafka://127.0.0.1:{port}"


async def test_damaged_data_is_told_on_one_line_that_names_the_log(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "meta.properties").write_text("nonsense")
    with pytest.raises(
        Unavailable, match=rf"^{tmp_path}: .*(node ID|meta\.properties).*{tmp_path}/kafka\.log"
    ) as raised:
        await EmbeddedKafka.start(tmp_path)
    assert "\n" not in str(raised.value)
    assert javas(tmp_path) == []


async def test_a_path_that_can_be_no_directory_is_the_operators_mistake(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured):
        await broker_for(tmp_path / "file")


async def test_one_who_holds_the_data_without_a_kafka_is_not_waited_for_forever(tmp_path: Path) -> None:
    directory = Directory(tmp_path)
    directory.prepare()
    lock = directory.lock()
    assert lock is not None
    with pytest.raises(Unavailable, match="another process holds this data"):
        await broker_for(tmp_path, patience=0.5)
    os.close(lock)


def test_the_command_prints_the_address_and_ends_well_when_asked_to(tmp_path: Path) -> None:
    with broker_command(tmp_path) as process:
        address = first_line(process)
        assert address == live_broker(tmp_path / "kafka")
        with broker_command(tmp_path) as second:
            out, err = second.communicate(timeout=DEADLINE)
            assert (second.returncode, out) == (1, "")
            assert address in err
            assert err.count("\n") == 1
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=DEADLINE)
        assert (process.returncode, out, err) == (0, "", "")
    assert javas(tmp_path / "kafka") == []


def test_the_command_ends_well_in_the_middle_of_its_start(tmp_path: Path) -> None:
    with broker_command(tmp_path) as process:
        eventually(lambda: javas(tmp_path / "kafka"))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=DEADLINE)
        assert (process.returncode, out, err) == (0, "", "")
    assert javas(tmp_path / "kafka") == []


def test_the_command_says_so_when_kafka_ends_by_itself(tmp_path: Path) -> None:
    with broker_command(tmp_path) as process:
        first_line(process)
        (java,) = javas(tmp_path / "kafka")
        os.kill(java, signal.SIGKILL)
        _, err = process.communicate(timeout=DEADLINE)
        assert process.returncode == 1
        assert err == "orderbell: Kafka ended by itself: SIGKILL from outside\n"


def test_the_command_called_wrongly_ends_with_2(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with broker_command(tmp_path / "file") as process:
        _, err = process.communicate(timeout=DEADLINE)
        assert process.returncode == 2
        assert err.count("\n") == 1

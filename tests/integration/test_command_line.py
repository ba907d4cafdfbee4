"""The command line as an operator meets it: one line and an exit code."""

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from orderbell.kafka import EmbeddedKafka
from tests.integration.shop import HASH_KEY, until


def orderbell(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Runs a command to its end."""
    settings = {f"ORDERBELL_{name}": value for name, value in environment.items()}
    return subprocess.run(
        [sys.executable, "-m", "orderbell", *arguments],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _one_line(result: "subprocess.CompletedProcess[str]", code: int) -> str:
    assert result.returncode == code, result.stderr
    (line,) = result.stderr.splitlines()
    return line


def test_a_bad_setting_is_one_line_and_exit_2() -> None:
    assert "ORDERBELL_WEB_PORT" in _one_line(orderbell("worker", WEB_PORT="http"), 2)


def test_a_bad_rules_file_is_one_line_with_file_and_key_and_exit_2(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[kinds.payment_failed]\nwithin = "soon"\n')
    for command in (("worker",), ("rules", "check")):
        line = _one_line(orderbell(*command, RULES=str(rules)), 2)
        assert str(rules) in line
        assert "kinds.payment_failed.within" in line


def test_a_busy_port_is_one_line_and_exit_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        result = orderbell(
            "worker",
            BROKER="kafka://127.0.0.1:1",
            HASH_KEY=HASH_KEY,
            WEB_PORT=str(port),
            DATA_DIR=str(tmp_path),
            LOG_FORMAT="json",
        )
    assert f"port {port}" in _one_line(result, 2)


def test_an_unknown_command_is_exit_2() -> None:
    assert orderbell("wroker").returncode == 2


async def test_a_worker_without_a_broker_keeps_trying_and_says_so(tmp_path: Path) -> None:
    environment = {
        "BROKER": "kafka://127.0.0.1:1",
        "HASH_KEY": HASH_KEY,
        "WEB_PORT": "0",
        "DATA_DIR": str(tmp_path),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "orderbell", "worker"),
        env={**os.environ, **{f"ORDERBELL_{name}": value for name, value in environment.items()}},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    address = (await process.stdout.readline()).decode().split()[-1]
    host, port = address.removeprefix("http://").split(":")

    async def answer() -> str:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /health/ready HTTP/1.0\r\n\r\n")
        text = (await reader.read()).decode()
        writer.close()
        return text

    async def unreachable() -> bool:
        text = await answer()
        return " 503 " in text.splitlines()[0] and "Kafka does not answer" in text

    await until(unreachable)
    process.terminate()
    _, errors = await process.communicate()
    assert process.returncode == 0
    assert b"broker_unreachable" in errors


async def test_topics_are_compared_and_created(tmp_path: Path) -> None:
    async with await EmbeddedKafka.start(tmp_path / "kafka") as kafka:
        settings = {"BROKER": kafka.address, "HASH_KEY": HASH_KEY, "PARTITIONS": "2"}
        missing = await asyncio.to_thread(orderbell, "topics", **settings)
        assert missing.returncode == 1
        assert "orders: missing" in missing.stdout
        created = await asyncio.to_thread(orderbell, "topics", "--create", **settings)
        assert created.returncode == 0, created.stdout + created.stderr
        assert (await asyncio.to_thread(orderbell, "topics", **settings)).returncode == 0


async def test_topics_that_disagree_stop_a_worker_with_one_line_and_exit_2(tmp_path: Path) -> None:
    async with await EmbeddedKafka.start(tmp_path / "kafka") as kafka:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka.address.removeprefix("kafka://"))
        await admin.start()
        await admin.create_topics([NewTopic("profiles", 3, 1), NewTopic("message-reports", 2, 1)])
        await admin.close()
        result = await asyncio.to_thread(
            orderbell,
            "worker",
            BROKER=kafka.address,
            HASH_KEY=HASH_KEY,
            WEB_PORT="0",
            DATA_DIR=str(tmp_path / "data"),
        )
    assert "profiles has 3" in _one_line(result, 2)


def test_topics_without_any_kafka_is_one_line_and_exit_1(tmp_path: Path) -> None:
    assert "no Kafka runs" in _one_line(orderbell("topics", DATA_DIR=str(tmp_path / uuid4().hex)), 1)

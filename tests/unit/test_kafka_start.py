"""The small parts of the embedded Kafka's start: ports, cluster id, settings, and why it ended."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from orderbell.kafka import tether
from orderbell.kafka.cause import Remainder, cause
from orderbell.kafka.formatting import cluster_id
from orderbell.kafka.ports import HIGHEST, HOST, LOWEST, choose, is_free
from orderbell.kafka.properties import logging_properties, server_properties


def test_the_ports_used_last_are_taken_again() -> None:
    last = choose(None)
    assert choose(last) == last


def test_others_are_taken_where_one_of_the_last_is_in_use() -> None:
    first, second = choose(None)
    with socket.create_server((HOST, second)):
        assert not is_free(second)
        assert second not in choose((first, second))


@pytest.mark.parametrize("nonsense", [(0, LOWEST), (LOWEST, 99_999_999), (-1, LOWEST), (LOWEST, LOWEST)])
def test_ports_that_can_be_none_of_ours_are_not_taken(nonsense: tuple[int, int]) -> None:
    assert choose(nonsense) != nonsense


def test_no_port_is_one_that_the_system_hands_out_by_itself() -> None:
    first, second = choose(None)
    assert first != second
    assert LOWEST <= min(first, second) <= max(first, second) <= HIGHEST < 32_768


def test_a_cluster_id_never_looks_like_an_option() -> None:
    ids = [cluster_id() for _ in range(500)]
    assert len(set(ids)) == 500
    assert all(len(text) == 22 and not text.startswith("-") for text in ids)


def test_kafka_listens_on_the_loopback_only() -> None:
    settings = dict(line.split("=", 1) for line in server_properties((20_000, 20_001)).splitlines())
    assert settings["listeners"] == "PLAINTEXT://127.0.0.1:20000,CONTROLLER://127.0.0.1:20001"
    assert settings["advertised.listeners"] == "PLAINTEXT://127.0.0.1:20000"


def test_no_setting_holds_a_path_that_a_comma_or_a_dollar_could_break() -> None:
    assert "/" not in server_properties((1, 2)).replace("://", "")
    assert "/" not in logging_properties()


def test_a_program_whose_parent_is_gone_is_not_started() -> None:
    somebody_else = str(os.getppid())
    command = [sys.executable, "-I", "-S", tether.__file__, somebody_else, sys.executable, "-c", "print('started')"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "the parent died" in ended.stderr


LOG = """\
2026-11-24T13:25:15,118 WARN [QuorumController id=1] Performing controller activation. (QuorumController)
2026-11-24T13:25:15,200 ERROR Error while creating ephemeral (LogDirs)
2026-11-24T13:25:15,300 ERROR Exiting Kafka due to fatal exception (Kafka$)
org.apache.kafka.common.KafkaException: Socket server failed to bind to 127.0.0.1:20000: Address already in use.
\tat kafka.network.Acceptor.openServerSocket(SocketServer.scala:686)
Caused by: java.net.BindException: Address already in use
\tat java.base/sun.nio.ch.Net.bind0(Native Method)
""".splitlines()
WARNINGS = ["WARNING: A terminally deprecated method in sun.misc.Unsafe has been called", ""]


@pytest.mark.parametrize(
    ("log", "output", "expected"),
    [
        (LOG, WARNINGS, "BindException: Address already in use"),
        (LOG[:2], WARNINGS, "Error while creating ephemeral (LogDirs)"),
        (LOG[:1], WARNINGS, None),
        ([], [], None),
        # A dying Java's own word comes before what Kafka had logged of other things.
        (LOG, [*WARNINGS, "Terminating due to java.lang.OutOfMemoryError: Java heap space"], "Terminating due to"),
        ([], ["#", "# There is insufficient memory", "# java-crash.log"], "There is insufficient memory"),
        ([], ["Error: Could not find or load main class kafka.Kafka"], "Error: Could not find or load main class"),
    ],
)
def test_the_cause_of_an_end_is_found(log: list[str], output: list[str], expected: str | None) -> None:
    found = cause(log, output)
    assert found is None if expected is None else found is not None and found.startswith(expected)


def test_only_what_was_written_since_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "kafka.log"
    assert Remainder(path).lines() == []
    path.write_text("before\n")
    remainder = Remainder(path)
    with path.open("a") as file:
        file.write("since\n")
    assert remainder.lines() == ["since"]
    path.write_text("anew\n")  # rolled over
    assert remainder.lines() == ["anew"]

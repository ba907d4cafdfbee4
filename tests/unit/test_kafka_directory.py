"""The data directory of an embedded Kafka: who owns it, and what is kept there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orderbell.kafka.directory import Directory
from streams.errors import Misconfigured

ADDRESS = "kafka://127.0.0.1:20000"


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    made = Directory(tmp_path / "deep" / "kafka")
    made.prepare()
    return made


def test_only_one_has_the_lock(directory: Directory) -> None:
    lock = directory.lock()
    assert lock is not None
    assert Directory(directory.path).lock() is None
    os.close(lock)
    again = Directory(directory.path).lock()
    assert again is not None
    os.close(again)


def test_the_lock_lives_on_in_a_child_that_was_handed_it(directory: Directory) -> None:
    lock = directory.lock()
    assert lock is not None
    # The child ends when its standard input does.
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=[lock]
    ) as child:
        os.close(lock)
        assert directory.lock() is None
        child.communicate()
    lock = directory.lock()
    assert lock is not None
    os.close(lock)


def test_a_live_one_is_found_by_its_address(directory: Directory) -> None:
    lock = directory.lock()
    assert lock is not None
    assert directory.live() is None
    directory.announce(ADDRESS)
    assert directory.live() == ADDRESS
    directory.announce(None)
    assert directory.live() is None
    os.close(lock)


def test_the_address_of_a_dead_one_counts_for_nothing(directory: Directory) -> None:
    directory.announce(ADDRESS)
    assert directory.live() is None


def test_nothing_lives_where_nothing_is(tmp_path: Path) -> None:
    assert Directory(tmp_path / "absent").live() is None
    (tmp_path / "file").touch()
    assert Directory(tmp_path / "file").live() is None


def test_ports_are_kept_and_nonsense_is_not_taken_for_ports(directory: Directory) -> None:
    assert directory.ports() is None
    directory.remember((20_001, 20_002))
    assert Directory(directory.path).ports() == (20_001, 20_002)
    for nonsense in ("", "1", "a b", "1 2 3"):
        (directory.path / "ports").write_text(nonsense)
        assert directory.ports() is None


@pytest.mark.parametrize("below", ["", "below"])
def test_a_path_that_can_be_no_directory_is_named_on_one_line(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match=r"/file.*: can't hold Kafka's data: \w") as raised:
        Directory(tmp_path / "file" / below).prepare()
    assert "\n" not in str(raised.value)

"""Kafka's jars: fetched once, checked each time. The registry is a server of the test's own."""

import gc
import hashlib
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from orderbell.kafka.jars import cache_directory, classpath
from orderbell.kafka.lockfile import Jar, pinned
from streams.errors import Unavailable


class Registry(ThreadingHTTPServer):
    """Serves what it is given, by path, and counts what was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.cut_short = 0
        self.gate = threading.Event()
        self.gate.set()

    def publish(self, artifact: str, content: bytes) -> Jar:
        """Serves a jar, and gives its pin."""
        self.files[f"/jars/org/example/{artifact}/1.0/{artifact}-1.0.jar"] = content
        return Jar(hashlib.sha256(content).hexdigest(), len(content), f"org.example:{artifact}:1.0")


class Handler(BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:  # the library's name
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.server.cut_short:
            self.server.cut_short -= 1
            content = content[:-1]
        self.wfile.write(content[:1000])
        self.wfile.flush()
        self.server.gate.wait(30)
        self.wfile.write(content[1000:])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
        pass


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    with Registry() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        # Where jgo's users name a mirror.
        config = tmp_path / "jgo.conf"
        config.write_text(f"[repositories]\ncentral = http://127.0.0.1:{server.server_port}/jars\n")
        monkeypatch.setenv("JGO_CONFIG_FILE", str(config))
        yield server
        server.gate.set()
        server.shutdown()


def fetched(jars: list[Jar], cache: Path) -> list[bytes]:
    return [Path(entry).read_bytes() for entry in classpath(jars, cache, threading.Event()).split(":")]


def test_fetches_what_is_missing_and_nothing_twice(registry: Registry, tmp_path: Path) -> None:
    one, two = registry.publish("one", b"1" * 100_000), registry.publish("two", b"2")
    assert fetched([one], tmp_path / "cache") == [b"1" * 100_000]
    assert fetched([one, two], tmp_path / "cache") == [b"1" * 100_000, b"2"]
    assert len(registry.asked) == 2


def test_a_whole_cache_needs_no_registry(registry: Registry, tmp_path: Path) -> None:
    jar = registry.publish("one", b"1")
    (tmp_path / jar.filename).write_bytes(b"1")
    registry.files.clear()
    assert fetched([jar], tmp_path) == [b"1"]


def test_a_damaged_jar_is_fetched_anew(registry: Registry, tmp_path: Path) -> None:
    jar = registry.publish("one", b"right")
    (tmp_path / jar.filename).write_bytes(b"wrong")
    assert fetched([jar], tmp_path) == [b"right"]


def test_a_transfer_that_broke_off_is_tried_again(registry: Registry, tmp_path: Path) -> None:
    jar = registry.publish("one", b"1" * 100_000)
    registry.cut_short = 2
    assert fetched([jar], tmp_path) == [b"1" * 100_000]
    assert len(registry.asked) == 3


def test_another_content_than_the_pinned_one_is_refused_and_not_kept(registry: Registry, tmp_path: Path) -> None:
    jar = registry.publish("one", b"ours")
    registry.publish("one", b"theirs")
    with pytest.raises(Unavailable, match=r"org\.example:one:1\.0.*SHA-256"):
        fetched([jar], tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.name != "jgo.conf"] == ["lock"]


def test_a_jar_that_is_not_to_be_had_is_named_on_one_line(registry: Registry, tmp_path: Path) -> None:
    jars = [registry.publish("one", b"1"), Jar("00", 1, "org.example:absent:1.0")]
    with pytest.raises(Unavailable, match=r"org\.example:absent:1\.0") as raised:
        fetched(jars, tmp_path)
    assert "\n" not in str(raised.value)
    assert (tmp_path / jars[0].filename).exists()


def test_of_two_who_want_the_jars_at_once_one_fetches(registry: Registry, tmp_path: Path) -> None:
    jars = [registry.publish(f"jar{number}", b"x" * 5_000 * number) for number in range(1, 20)]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: fetched(jars, tmp_path), range(4)))
    assert all(result == results[0] for result in results)
    assert len(registry.asked) == len(jars)


def test_gives_up_in_the_middle_of_a_transfer_when_told_to(registry: Registry, tmp_path: Path) -> None:
    jar = registry.publish("one", b"1" * 1_000_000)
    registry.gate.clear()
    given_up = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        fetching = pool.submit(classpath, [jar], tmp_path, given_up)
        while not registry.asked:
            assert not fetching.done()
        given_up.set()
        registry.gate.set()
        with pytest.raises(Unavailable, match="given up"):
            fetching.result(30)
    assert not (tmp_path / jar.filename).exists()
    del fetching
    with warnings.catch_warnings():
        # jgo leaves the socket of a transfer that was given up to the collector.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def test_one_that_waits_for_another_gives_up_when_told_to(registry: Registry, tmp_path: Path) -> None:
    jar = registry.publish("one", b"1" * 1_000_000)
    registry.gate.clear()
    given_up = threading.Event()
    given_up.set()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(classpath, [jar], tmp_path, threading.Event())
        while not registry.asked:
            assert not first.done()
        with pytest.raises(Unavailable, match="given up"):
            classpath([jar], tmp_path, given_up)
        registry.gate.set()
        first.result(30)


def test_a_cache_that_cannot_be_written_is_named_on_one_line(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    with pytest.raises(Unavailable, match=r"can't be kept in .*cache/jars: "):
        fetched([registry.publish("one", b"1")], tmp_path / "cache" / "jars")


def test_the_cache_is_where_the_user_keeps_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    assert cache_directory() == Path("/elsewhere/orderbell/jars")
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    monkeypatch.setenv("HOME", "/home/someone")
    assert cache_directory() == Path("/home/someone/.cache/orderbell/jars")


def test_every_jar_is_pinned_once_and_whole() -> None:
    jars = pinned()
    assert len({jar.filename for jar in jars}) == len({jar.coordinate for jar in jars}) == len(jars)
    assert all(len(bytes.fromhex(jar.sha256)) == 32 and jar.size > 0 for jar in jars)
    assert any(jar.coordinate == "org.apache.kafka:kafka_2.13:4.3.1" for jar in jars)

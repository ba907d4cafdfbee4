"""The rest of the web port: health, metrics, reload, and where what is served."""

import asyncio
import socket

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from agents.web.health import Health
from streams.errors import Misconfigured
from tests.callbacks import a_reply
from tests.webport import ADMIN, BAD_FILE, TOKEN, Port, web_port

CALLBACK = f"/callbacks/aliyun/{TOKEN}/receipts"


async def _status(base: str, path: str, method: str = "GET") -> int:
    async with ClientSession(base) as client, client.request(method, path) as answer:
        await answer.read()
        return answer.status


async def _health(port: Port, path: str) -> tuple[int, str, str | None]:
    async with port.client.get(f"/health/{path}") as answer:
        assert answer.headers["Content-Type"] == "application/json"
        said = await answer.json()
        assert set(said) == {"status", "reason"}
        return answer.status, said["status"], said["reason"]


async def test_a_worker_is_ready_once_every_condition_is_met() -> None:
    async with web_port() as port:
        assert await _health(port, "ready") == (503, "unavailable", "broker: starting")
        assert await _health(port, "live") == (200, "ok", None)
        port.health.met("broker")
        port.health.unmet("membership", "not a member of the group")
        assert await _health(port, "ready") == (503, "unavailable", "not a member of the group")
        port.health.met("membership")
        port.health.met("recovery")
        assert await _health(port, "ready") == (200, "ok", None)
        port.health.unmet("broker", "Kafka does not answer")
        assert await _health(port, "ready") == (503, "unavailable", "Kafka does not answer")
        assert await _health(port, "live") == (200, "ok", None)


def test_that_a_worker_became_ready_or_is_no_longer_is_logged_when_it_turns() -> None:
    health = Health(("broker", "membership"))
    with capture_logs() as logged:
        health.unmet("broker", "broker: Kafka does not answer")
        health.met("broker")
        health.met("membership")
        health.met("membership")
        health.unmet("broker", "broker: Kafka does not answer")
        health.unmet("membership", "membership: lost")
        health.met("broker")
        health.met("membership")
    assert [(line["event"], line.get("reason")) for line in logged] == [
        ("ready", None),
        ("not_ready", "broker: Kafka does not answer"),
        ("ready", None),
    ]


async def test_a_worker_that_can_not_go_on_is_neither_live_nor_ready() -> None:
    async with web_port() as port:
        for condition in ("broker", "membership", "recovery"):
            port.health.met(condition)
        port.health.die("orders: more than 10 defects in a minute")
        assert await _health(port, "live") == (503, "unavailable", "orders: more than 10 defects in a minute")
        assert (await _health(port, "ready"))[0] == 503


def test_a_condition_that_was_not_declared_is_an_error() -> None:
    with pytest.raises(KeyError):
        Health(["broker"]).met("brokr")


async def test_metrics_are_served_as_prometheus_reads_them() -> None:
    async with web_port() as port:
        port.metrics.count("defects", "orders")
        async with port.client.get("/metrics") as answer:
            assert answer.status == 200
            assert answer.headers["Content-Type"].startswith("text/plain; version=")
            assert 'orderbell_defects_total{task="orders"} 1.0' in await answer.text()


async def test_a_good_reload_tells_the_hash() -> None:
    async with web_port() as port:
        for word in ("Bearer", "bearer"):
            headers = {"Authorization": f"{word} {ADMIN}"}
            async with port.client.post("/-/reload", headers=headers) as answer:
                assert (answer.status, await answer.json()) == (200, {"rules": "abcd"})


async def test_a_bad_file_is_told_with_its_place() -> None:
    async with web_port() as port:
        port.rules = BAD_FILE
        async with port.client.post("/-/reload", headers={"Authorization": f"Bearer {ADMIN}"}) as answer:
            assert (answer.status, await answer.json()) == (422, {"error": str(BAD_FILE)})


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer ", "Bearer wrong", ADMIN, f"Basic {ADMIN}", "Bearer 错"])
async def test_a_wrong_admin_token_reloads_nothing(given: str | None) -> None:
    async with web_port() as port:
        headers = {} if given is None else {"Authorization": given}
        async with port.client.post("/-/reload", headers=headers) as answer:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_without_an_admin_token_there_is_no_reload() -> None:
    async with web_port(admin_token=None) as port:
        for token in ("", "None"):
            async with port.client.post("/-/reload", headers={"Authorization": f"Bearer {token}"}) as answer:
                assert answer.status == 404


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/callbacks", f"/callbacks/aliyun/{TOKEN}", "/health", "/r/x", "/.."]
)
async def test_an_unknown_path_is_not_found(path: str) -> None:
    async with web_port() as port:
        assert await _status(port.server.url, path) == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/metrics"), ("DELETE", "/health/ready"), ("GET", "/-/reload"), ("PUT", CALLBACK), ("PATCH", CALLBACK)],
)
async def test_a_wrong_method_is_not_allowed(method: str, path: str) -> None:
    async with web_port() as port:
        assert await _status(port.server.url, path, method) == 405


async def test_with_a_public_port_the_vendors_paths_are_there_and_nowhere_else() -> None:
    async with web_port(public_port=0) as port:
        public = f"http://127.0.0.1:{port.server.public_port}"
        assert port.server.public_port not in (0, port.server.port)
        assert await _status(public, CALLBACK) == 200
        assert await _status(public, CALLBACK, "POST") == 400
        assert await _status(port.server.url, CALLBACK) == 404
        assert await _status(port.server.url, CALLBACK, "POST") == 404
        for path in ("/metrics", "/health/live", "/health/ready", "/-/reload"):
            assert await _status(public, path) == 404
            assert await _status(public, path, "POST") == 404
        assert await _status(port.server.url, "/health/live") == 200


async def test_what_goes_wrong_in_us_is_told_without_a_trace_and_logged_without_the_path() -> None:
    async with web_port() as port:
        port.rules = ZeroDivisionError("139 is not divisible")
        with capture_logs() as logs:
            async with port.client.post("/-/reload", headers={"Authorization": f"Bearer {ADMIN}"}) as answer:
                assert answer.status == 500
                assert await answer.text() == "500: Internal Server Error"
        (log,) = logs
        assert (log["event"], log["error"]) == ("request_failed", "ZeroDivisionError")
        assert "139" not in repr(log)


@pytest.mark.parametrize("setting", ["port", "public_port"])
async def test_a_busy_port_is_named_by_its_setting(setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        number = busy.getsockname()[1]
        name = {"port": "ORDERBELL_WEB_PORT", "public_port": "ORDERBELL_PUBLIC_PORT"}[setting]
        with pytest.raises(Misconfigured, match=f"{name}: port {number} of 127.0.0.1 is in use"):
            async with web_port(**{setting: number}):
                pass


async def test_one_port_can_not_be_both() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    with pytest.raises(Misconfigured, match="ORDERBELL_PUBLIC_PORT"):
        async with web_port(port=number, public_port=number):
            pass
    async with web_port(port=number) as port:  # it was given back
        assert port.server.port == number


async def test_a_host_that_is_not_ours_is_named_by_its_setting() -> None:
    with pytest.raises(Misconfigured, match="ORDERBELL_WEB_HOST"):
        async with web_port(host="192.0.2.1"):
            pass


async def test_a_request_under_way_is_answered_although_the_port_closes() -> None:
    async with web_port() as port:
        port.writer.hold = asyncio.Event()
        push = asyncio.ensure_future(port.push("replies", [a_reply()]))
        await port.writer.asked.wait()
        closing = asyncio.ensure_future(port.server.close())
        while await _accepts(port.server.port):
            pass
        port.writer.hold.set()
        assert await push == 200
        await closing


async def test_a_request_that_does_not_end_does_not_keep_the_port_from_closing() -> None:
    async with web_port() as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port.server.port)
        writer.write(f"POST {CALLBACK} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[".encode())
        await writer.drain()
        idle = await asyncio.open_connection("127.0.0.1", port.server.port)
        assert await _status(port.server.url, "/health/live") == 200
        async with asyncio.timeout(10):
            await port.server.close()
        for one in (writer, idle[1]):
            one.close()


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True

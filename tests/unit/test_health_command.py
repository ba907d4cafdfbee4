"""``orderbell health`` asks the worker beside it, as a container's health check does."""

import asyncio

from click.testing import CliRunner, Result

from orderbell.commands.health import health
from tests.webport import Port, web_port


async def asked(port: Port, *arguments: str, host: str = "127.0.0.1") -> Result:
    environment = {"ORDERBELL_WEB_HOST": host, "ORDERBELL_WEB_PORT": str(port.server.port)}
    return await asyncio.to_thread(CliRunner().invoke, health, arguments, env=environment)


async def test_a_worker_that_is_not_ready_yet_says_why_and_lives() -> None:
    async with web_port() as port:
        port.health.unmet("broker", "broker: Kafka does not answer")
        result = await asked(port)
        assert (result.exit_code, result.stdout) == (1, "broker: Kafka does not answer\n")
        assert (await asked(port, "--live")).exit_code == 0


async def test_a_worker_that_is_ready_is_well() -> None:
    async with web_port() as port:
        for condition in ("broker", "membership", "recovery"):
            port.health.met(condition)
        result = await asked(port)
        assert (result.exit_code, result.stdout) == (0, "ok\n")


async def test_a_worker_that_can_not_go_on_is_not_well_either_way() -> None:
    async with web_port() as port:
        port.health.die("it can't leave its group")
        for arguments in ((), ("--live",)):
            result = await asked(port, *arguments)
            assert (result.exit_code, result.stdout) == (1, "it can't leave its group\n")


async def test_where_a_worker_listens_everywhere_it_is_asked_on_the_loopback() -> None:
    async with web_port(host="0.0.0.0") as port:
        assert (await asked(port, "--live", host="0.0.0.0")).exit_code == 0


async def test_where_nobody_answers_that_is_said() -> None:
    async with web_port() as port:
        pass
    result = await asked(port)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"no worker answers on port {port.server.port} of 127.0.0.1: ")

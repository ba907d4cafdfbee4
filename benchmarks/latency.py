"""How long a message takes from the upstream event to the provider, beyond the hold, through a whole worker.

Each event is a failed payment of another customer, so each is one command and one message. The processes: Kafka, one
worker, the provider, and this one, which publishes at random moments (a Poisson process), all on one machine.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import aiohttp
import msgspec
from aiokafka import AIOKafkaProducer

from orderbell.kafka import EmbeddedKafka
from schemas.times import MILLISECOND, SECOND, Micros, instant
from streams.topics import CUSTOMERS, ORDERS

HOLD_SECONDS = 1
WARM_UP_SECONDS = 5
PATIENCE = 60.0
_RULES = f'[kinds.payment_failed]\nmerge_hold = "{HOLD_SECONDS}s"\n'


@dataclass(frozen=True, slots=True)
class Latency:
    """What one run found, in milliseconds."""

    commands: int
    rate: float
    p50: float
    p99: float
    worst: float
    worker_cpu: float

    def __str__(self) -> str:
        return (
            f"latency: {self.commands:,} commands at {self.rate:.0f}/s, from the event's record to the provider, "
            f"beyond a hold of {HOLD_SECONDS} s\n"
            f"p50 {self.p50:.0f} ms   p99 {self.p99:.0f} ms   worst {self.worst:.0f} ms   (goal: 150 ms, 1000 ms)\n"
            f"worker: {self.worker_cpu:.0%} of a core"
        )


async def measure(rate: int, seconds: int) -> Latency:
    """Publishes ``rate`` events a second for so long, after a warm-up that is not counted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            await EmbeddedKafka.start(folder / "kafka") as kafka,
            _provider() as provider,
            _worker(folder, kafka.address, provider) as (worker, web),
        ):
            return await _measure(kafka.address.removeprefix("kafka://"), web, worker, provider, rate, seconds)


async def _measure(broker: str, web: str, worker: int, provider: str, rate: int, seconds: int) -> Latency:
    warm_up = WARM_UP_SECONDS * rate
    count = warm_up + seconds * rate
    async with AIOKafkaProducer(bootstrap_servers=broker) as producer, aiohttp.ClientSession() as http:
        await _until(lambda: _ready(http, web))
        for number in range(count):
            await producer.send(CUSTOMERS.name, _customer(number), f"C{number}".encode())
        await producer.flush()
        # Both are read: by the agent that passes profiles on, and, a turn later, by the sender.
        await _until(lambda: _profiles_applied(http, web, count))
        cpu, began = _cpu(worker), time.monotonic()
        sent = await _publish(producer, count, rate)
        await _until(lambda: _all_received(http, provider, sent))
        cpu, ended = _cpu(worker) - cpu, time.monotonic()
        received = await _received(http, provider)
    beyond = sorted((received[order] - at) / MILLISECOND - HOLD_SECONDS * 1_000 for order, at in sent[warm_up:])
    cuts = quantiles(beyond, n=100)
    took = (sent[-1][1] - sent[warm_up][1]) / SECOND
    return Latency(len(beyond), len(beyond) / took, cuts[49], cuts[98], beyond[-1], cpu / (ended - began))


async def _publish(producer: AIOKafkaProducer, count: int, rate: int) -> list[tuple[str, Micros]]:
    """The orders, each with its record's timestamp."""
    dice = random.Random(1)
    sent: list[tuple[str, Micros]] = []
    due = time.monotonic()
    for number in range(count):
        due += dice.expovariate(rate)
        if (wait := due - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        at = time.time_ns() // 1_000_000
        order = f"B{number:07d}"
        await producer.send(ORDERS.name, _event(number, order, at), order.encode(), timestamp_ms=at)
        sent.append((order, at * MILLISECOND))
    await producer.flush()
    return sent


def _customer(number: int) -> bytes:
    contact = {"contact_id": "K1", "role": "buyer", "phone": f"139{number:08d}"}
    return msgspec.json.encode({"customer_id": f"C{number}", "tier": "regular", "contacts": [contact]})


def _event(number: int, order: str, at_ms: int) -> bytes:
    return msgspec.json.encode(
        {
            "event_id": f"P-{number}",
            "type": "payment.failed",
            "occurred_at": instant(at_ms * MILLISECOND),
            "order_id": order,
            "customer_id": f"C{number}",
            "reason": "insufficient_funds",
        }
    )


async def _ready(http: aiohttp.ClientSession, web: str) -> bool:
    async with http.get(f"{web}/health/ready") as answer:
        return answer.status == 200


async def _profiles_applied(http: aiohttp.ClientSession, web: str, count: int) -> bool:
    """Whether all of ``customers`` was read, and the sender is at the end of ``profiles``."""
    async with http.get(f"{web}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    values = {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}
    read = sum(v for name, v in values.items() if name.startswith('orderbell_events_total{topic="customers"'))
    behind = [v for name, v in values.items() if name.startswith("orderbell_lag_records") and '"profiles"' in name]
    return read >= count and bool(behind) and not any(behind)


async def _received(http: aiohttp.ClientSession, provider: str) -> dict[str, Micros]:
    async with http.get(provider) as answer:
        found: list[tuple[str, int]] = await answer.json()
    return dict(reversed(found))  # what came twice counts from the first time


async def _all_received(http: aiohttp.ClientSession, provider: str, sent: list[tuple[str, Micros]]) -> bool:
    received = await _received(http, provider)
    return all(order in received for order, _ in sent)


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110  # other processes have no event to wait for
            await asyncio.sleep(0.5)


def _cpu(process: int) -> float:
    """Seconds of the processor that it has had, from /proc: fields 14 and 15 of proc_pid_stat(5)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def _process(*arguments: str, **environment: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A Python program of ours, and the first line that it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        if process.stdout is None or not (line := await process.stdout.readline()):
            raise SystemExit(f"{' '.join(arguments)} ended without a word")
        yield process, line.decode().split()[-1]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def _provider() -> AsyncIterator[str]:
    async with _process("-m", "benchmarks.provider") as (_, address):
        yield address


@asynccontextmanager
async def _worker(folder: Path, broker: str, provider: str) -> AsyncIterator[tuple[int, str]]:
    rules = folder / "rules.toml"
    rules.write_text(_RULES)
    settings = {
        "BROKER": broker,
        "DATA_DIR": str(folder / "worker"),
        "HASH_KEY": "benchmark",
        "RULES": str(rules),
        "WEB_PORT": "0",
        "ALIYUN_ENDPOINT": provider,
        "ALIYUN_ACCESS_KEY_ID": "benchmark",
        "ALIYUN_ACCESS_KEY_SECRET": "benchmark",
    }
    named = {f"ORDERBELL_{name}": value for name, value in settings.items()}
    async with _process("-c", "from orderbell.cli import main; main()", "worker", **named) as (process, web):
        yield process.pid, web

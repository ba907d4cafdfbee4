"""How long a message takes from the upstream event to the provider, beyond the hold, through a whole worker.

Each event is a failed payment of another customer, so each is one command and one message. The processes: Kafka, one
worker, the providers, and this one, which publishes at random moments (a Poisson process), all on one machine.

With a provider that hangs: after the warm-up the first of two providers answers nobody any more. The messages that it
then has are in doubt, and are counted apart; the figures are of the others, which go by the second.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

import aiohttp
import msgspec
from aiokafka import AIOKafkaProducer

from benchmarks import machine
from benchmarks.commands import number_of, order_of, profile
from benchmarks.processes import process, provider
from orderbell.kafka import EmbeddedKafka
from schemas.times import MILLISECOND, SECOND, Micros, instant
from streams.topics import CUSTOMERS, ORDERS

HOLD_SECONDS = 1
WARM_UP_SECONDS = 5
PATIENCE = 60.0
_RULES = f'[kinds.payment_failed]\nmerge_hold = "{HOLD_SECONDS}s"\n'


class Providers(NamedTuple):
    """The addresses of the first, and of the second where there is one."""

    first: str
    second: str | None


@dataclass(frozen=True, slots=True)
class Latency:
    """What one run found, in milliseconds."""

    commands: int
    rate: float
    p50: float
    p99: float
    worst: float
    worker_cpu: float
    others_cpu: float
    in_doubt: int | None

    def __str__(self) -> str:
        hanging = "" if self.in_doubt is None else f"; one of two providers hangs ({self.in_doubt} in doubt there)"
        return (
            f"latency: {self.commands:,} commands at {self.rate:.0f}/s, from the event's record to the provider, "
            f"beyond a hold of {HOLD_SECONDS} s{hanging}\n"
            f"p50 {self.p50:.0f} ms   p99 {self.p99:.0f} ms   worst {self.worst:.0f} ms   (goal: 150 ms, 1000 ms)\n"
            f"worker: {self.worker_cpu:.0%} of a core; what does not belong to the benchmark: {self.others_cpu:.0%}"
        )


async def measure(rate: int, seconds: int, *, hanging: bool = False) -> Latency:
    """Publishes ``rate`` events a second for so long, after a warm-up that is not counted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            await EmbeddedKafka.start(folder / "kafka") as kafka,
            provider() as first,
            provider() as second,
        ):
            providers = Providers(first, second if hanging else None)
            async with _worker(folder, kafka.address, providers) as (worker, web):
                return await _measure(kafka.address.removeprefix("kafka://"), web, worker, providers, rate, seconds)


async def _measure(broker: str, web: str, worker: int, providers: Providers, rate: int, seconds: int) -> Latency:
    warm_up = WARM_UP_SECONDS * rate
    count = warm_up + seconds * rate
    async with AIOKafkaProducer(bootstrap_servers=broker) as producer, aiohttp.ClientSession() as http:
        await _until(lambda: _ready(http, web))
        for number in range(count):
            await producer.send(CUSTOMERS.name, msgspec.json.encode(profile(number)), f"C{number}".encode())
        await producer.flush()
        # Both are read: by the agent that passes profiles on, and, a turn later, by the sender.
        await _until(lambda: _profiles_applied(http, web, count))
        first = await _publish(producer, range(warm_up), rate)
        await _until(lambda: _all_received(http, providers, first))
        if providers.second is not None:
            await http.put(providers.first)
        cpu, others, began = machine.seconds_of(worker), machine.seconds_of_others(), time.monotonic()
        sent = await _publish(producer, range(warm_up, count), rate)
        await _until(lambda: _all_received(http, providers, sent))
        cpu, others = machine.seconds_of(worker) - cpu, machine.seconds_of_others() - others
        lasted = time.monotonic() - began
        received = await _received(http, providers.second or providers.first)
        held = await _received(http, providers.first) if providers.second else None
    went = [(number, at) for number, at in sent if held is None or number not in held]
    beyond = sorted((received[number] - at) / MILLISECOND - HOLD_SECONDS * 1_000 for number, at in went)
    cuts = quantiles(beyond, n=100)
    took = (sent[-1][1] - sent[0][1]) / SECOND
    return Latency(
        len(beyond),
        len(sent) / took,
        cuts[49],
        cuts[98],
        beyond[-1],
        cpu / lasted,
        others / lasted,
        None if held is None else len(held),
    )


async def _publish(producer: AIOKafkaProducer, numbers: range, rate: int) -> list[tuple[str, Micros]]:
    """The customers' telephones, each with the timestamp of its event's record."""
    dice = random.Random(1)
    sent: list[tuple[str, Micros]] = []
    due = time.monotonic()
    for number in numbers:
        due += dice.expovariate(rate)
        if (wait := due - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        at = time.time_ns() // 1_000_000
        order = order_of(number)
        await producer.send(ORDERS.name, _event(number, order, at), order.encode(), timestamp_ms=at)
        sent.append((number_of(number), at * MILLISECOND))
    await producer.flush()
    return sent


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


async def _all_received(http: aiohttp.ClientSession, providers: Providers, sent: list[tuple[str, Micros]]) -> bool:
    received: set[str] = set()
    for address in filter(None, providers):
        received |= (await _received(http, address)).keys()
    return all(number in received for number, _ in sent)


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110  # other processes have no event to wait for
            await asyncio.sleep(0.5)


@asynccontextmanager
async def _worker(folder: Path, broker: str, providers: Providers) -> AsyncIterator[tuple[int, str]]:
    rules = folder / "rules.toml"
    rules.write_text(_RULES)
    settings = {
        "BROKER": broker,
        "DATA_DIR": str(folder / "worker"),
        "HASH_KEY": "benchmark",
        "RULES": str(rules),
        "WEB_PORT": "0",
        "ALIYUN_ENDPOINT": providers.first,
        "ALIYUN_ACCESS_KEY_ID": "benchmark",
        "ALIYUN_ACCESS_KEY_SECRET": "benchmark",
    }
    if providers.second is not None:
        settings |= {
            "TENCENT_ENDPOINT": providers.second,
            "TENCENT_SECRET_ID": "benchmark",
            "TENCENT_SECRET_KEY": "benchmark",
            "TENCENT_SDK_APP_ID": "1400006666",
        }
    named = {f"ORDERBELL_{name}": value for name, value in settings.items()}
    async with process("-c", "from orderbell.cli import main; main()", "worker", **named) as (child, web):
        yield child.pid, web

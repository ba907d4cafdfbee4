"""A shop for end-to-end tests: publishes as upstream services do, has stand-ins for its vendors, reads what comes."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from agents.cluster import Cluster, ensure_topics
from orderbell.standins.aliyun.pushes import AliyunPushes
from orderbell.standins.aliyun.service import AliyunStandIn
from orderbell.standins.tencent.pushes import TencentPushes
from orderbell.standins.tencent.service import TencentStandIn
from schemas.customers import Customer
from tests.integration.held_kafka import Kafka

OUTPUTS = ("notification-commands", "notification-decisions", "delivery-receipts", "dead-letters")
PARTITIONS = 4
APP = "1400006666"
TOKEN, ADMIN = "callbackTokenOfTheShop", "admin-token-of-the-shop"
"""Like all of the shop's secrets words that stand nowhere else, so that a log can be searched for them."""
HASH_KEY = "hash-key-of-the-shop"
ALIYUN_KEY, TENCENT_KEY = ("aliyun-key-id", "aliyun-key-secret"), ("tencent-secret-id", "tencent-secret-key")
PATIENCE = 90.0
"""Seconds that a condition may take on a slow machine with a rebalance under way."""

RULES = """
[kinds.payment_failed]
merge_hold = "1s"
[kinds.stock_shortage]
merge_hold = "1s"
[kinds.address_undeliverable]
merge_hold = "1s"
[kinds.order_cancelled]
merge_hold = "1s"
[kinds.shipment_stalled]
merge_hold = "1s"
window = "always"
"""


def ago(**by: float) -> str:
    """A moment in the past, as events carry it."""
    return (datetime.now(UTC) - timedelta(**by)).isoformat()


class WorkerProcess:
    """``orderbell worker`` as a process. ``module`` runs another main in its place: one that dies where it is told."""

    def __init__(self, shop: "Shop", name: str, module: str = "orderbell", **extra: str) -> None:
        self.port = free_port()
        self._log = shop.folder / f"{name}.log"
        self._command = [sys.executable, "-m", module, "worker"]
        self._environment = {**os.environ, **shop.environment, "ORDERBELL_WEB_PORT": str(self.port), **extra}
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> "WorkerProcess":
        """Starts it, and returns when it is ready."""
        await self.launch()
        await until(self.ready, lambda: f"worker is not ready: {self._log.read_text()[-3000:]}")
        return self

    async def launch(self) -> None:
        """Starts it without waiting."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, env=self._environment, stdout=log, stderr=log
            )

    async def ready(self) -> bool:
        """Whether it says that it is ready."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.write(b"GET /health/ready HTTP/1.0\r\n\r\n")
        answer = await reader.readline()
        writer.close()
        return b" 200 " in answer

    def signal(self, number: int) -> None:
        """Sends it a signal."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    async def ended(self) -> int:
        """Waits for its end."""
        assert self._process is not None
        async with asyncio.timeout(PATIENCE):
            return await self._process.wait()

    async def stop(self) -> int:
        """SIGTERM, and its exit code."""
        self.signal(signal.SIGTERM)
        return await self.ended()

    @property
    def log(self) -> str:
        """All that it wrote."""
        return self._log.read_text()


class Shop:
    """One test's upstream services, customers and vendors. Ids are its own, since all tests share one Kafka.

    ``vendor`` is Aliyun's stand-in, ``tencent`` the other's; the workers have credentials of those in ``vendors``.
    """

    def __init__(
        self,
        kafka: Kafka,
        folder: Path,
        rules: str = RULES,
        vendors: Collection[str] = ("aliyun",),
        *,
        echoes: bool = True,
    ) -> None:
        self.id = uuid4().hex[:8]
        self.folder = folder
        self.kafka = kafka
        self.callback_port = free_port()
        callbacks = f"http://127.0.0.1:{self.callback_port}/callbacks"
        # Both push often enough for whoever is to answer to start meanwhile, on a machine that is busy as well.
        again = (1, 2, 4, 8, 16)
        self.vendor = AliyunStandIn(dict([ALIYUN_KEY]), pushes=AliyunPushes(f"{callbacks}/aliyun/{TOKEN}", again))
        self.tencent = TencentStandIn(
            dict([TENCENT_KEY]),
            APP,
            pushes=TencentPushes(f"{callbacks}/tencent/{TOKEN}", again),
            echoes=echoes,
        )
        self.read: dict[str, list[dict[str, Any]]] = {topic: [] for topic in OUTPUTS}
        self.environment = {"ORDERBELL_BROKER": kafka.url}
        self._rules = rules
        self._vendors = vendors
        self._workers: list[WorkerProcess] = []

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Makes ready for work: everything but a worker."""
        (self.folder / "rules.toml").write_text(self._rules)
        self.environment |= {
            "ORDERBELL_HASH_KEY": HASH_KEY,
            "ORDERBELL_DATA_DIR": str(self.folder / "data"),
            "ORDERBELL_RULES": str(self.folder / "rules.toml"),
            "ORDERBELL_CALLBACK_TOKEN": TOKEN,
            "ORDERBELL_ADMIN_TOKEN": ADMIN,
        }
        if "aliyun" in self._vendors:
            self.environment |= {
                "ORDERBELL_ALIYUN_ENDPOINT": await self.vendor.start(),
                "ORDERBELL_ALIYUN_ACCESS_KEY_ID": ALIYUN_KEY[0],
                "ORDERBELL_ALIYUN_ACCESS_KEY_SECRET": ALIYUN_KEY[1],
            }
        if "tencent" in self._vendors:
            self.environment |= {
                "ORDERBELL_TENCENT_ENDPOINT": await self.tencent.start(),
                "ORDERBELL_TENCENT_SECRET_ID": TENCENT_KEY[0],
                "ORDERBELL_TENCENT_SECRET_KEY": TENCENT_KEY[1],
                "ORDERBELL_TENCENT_SDK_APP_ID": APP,
            }
        async with Cluster([self.kafka.bootstrap]) as cluster:
            await ensure_topics(cluster, PARTITIONS, 1)
        self._producer = AIOKafkaProducer(bootstrap_servers=self.kafka.bootstrap)
        await self._producer.start()
        self._reading = asyncio.ensure_future(self._read())

    async def close(self) -> None:
        """Ends every worker and lets go."""
        for worker in self._workers:
            worker.signal(signal.SIGCONT)
            worker.signal(signal.SIGTERM)
        for worker in self._workers:
            await worker.ended()
        self._reading.cancel()
        await asyncio.wait([self._reading])
        await self._producer.stop()
        await self.vendor.stop()
        await self.tencent.stop()

    def worker(self, *, callbacks: bool = True, module: str = "orderbell", **extra: str) -> WorkerProcess:
        """A worker, not yet started. The vendor pushes to the one with ``callbacks``."""
        worker = WorkerProcess(self, f"worker-{len(self._workers)}", module, **extra)
        if callbacks:
            worker.port = self.callback_port
            worker._environment["ORDERBELL_WEB_PORT"] = str(self.callback_port)
        self._workers.append(worker)
        return worker

    # Upstream.

    async def publish(self, topic: str, key: str | bytes | None, value: dict[str, Any] | bytes | None) -> None:
        """Publishes a record and waits until Kafka has it."""
        raw_key = key.encode() if isinstance(key, str) else key
        raw = msgspec.json.encode(value) if isinstance(value, dict) else value
        await self._producer.send_and_wait(topic, raw, raw_key)

    async def order(self, kind: str, order: str, customer: str, **fields: Any) -> dict[str, Any]:
        """Publishes an event of an order, and returns it."""
        event = {
            "event_id": uuid4().hex,
            "type": kind,
            "occurred_at": ago(),
            "order_id": order,
            "customer_id": customer,
            **fields,
        }
        await self.publish("orders", order, event)
        return event

    async def shipment(self, kind: str, tracking: str, **fields: Any) -> dict[str, Any]:
        """Publishes an event of a shipment, and returns it."""
        event = {"event_id": uuid4().hex, "type": kind, "occurred_at": ago(), "tracking_no": tracking, **fields}
        await self.publish("logistics", tracking, event)
        return event

    async def customer(self, customer: str, phone: str, **fields: Any) -> None:
        """Publishes a profile with one contact."""
        contact = {"contact_id": "k1", "role": "buyer", "phone": phone}
        profile = {"customer_id": customer, "tier": "regular", "contacts": [contact], **fields}
        msgspec.convert(profile, Customer)
        await self.publish("customers", customer, profile)

    # What comes.

    def of(self, topic: str, customer: str) -> list[dict[str, Any]]:
        """What was written to ``topic`` about a customer."""
        return [record for record in self.read[topic] if record.get("customer_id") == customer]

    def outcomes(self, customer: str) -> list[tuple[str, str, str]]:
        """Kind, outcome and reason of each decision about a customer."""
        return [(d["kind"], d["outcome"], d["reason"]) for d in self.of("notification-decisions", customer)]

    def statuses(self, customer: str) -> list[str]:
        """The states through which a customer's messages went."""
        return [receipt["status"] for receipt in self.of("delivery-receipts", customer)]

    def providers(self, customer: str) -> list[str]:
        """By whom a customer's messages were taken."""
        return [r["provider"] for r in self.of("delivery-receipts", customer) if r["status"] == "accepted"]

    def texts(self, phone: str) -> list[str]:
        """What vendors took for a telephone, of eleven digits."""
        theirs = [message.text for message in self.tencent.messages if message.number == f"+86{phone}"]
        return [message.text for message in self.vendor.messages if message.number == phone] + theirs

    async def _read(self) -> None:
        reader = AIOKafkaConsumer(
            bootstrap_servers=self.kafka.bootstrap, isolation_level="read_committed", auto_offset_reset="earliest"
        )
        await reader.start()
        try:
            reader.assign([TopicPartition(topic, number) for topic in OUTPUTS for number in range(PARTITIONS)])
            while True:
                for records in (await reader.getmany(timeout_ms=200)).values():
                    for record in records:
                        self.read[record.topic].append(msgspec.json.decode(record.value))
        finally:
            await reader.stop()


async def until(condition: Callable[[], Any], why: Callable[[], str] = lambda: "") -> None:
    """Waits for a condition, plain or awaited, with a generous deadline."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while True:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"in vain: {why()}")
        await asyncio.sleep(0.05)


def free_port() -> int:
    """A port of the loopback on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])

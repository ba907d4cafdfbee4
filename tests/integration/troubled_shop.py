"""A shop in which all goes wrong that can within minutes: so that each series which a worker can show moves."""

import asyncio
import signal
from collections import Counter
from collections.abc import Iterator
from itertools import count, islice
from types import SimpleNamespace
from typing import Any

import aiohttp

from orderbell.standins.aliyun.faults import refusal as aliyun_refusal
from orderbell.standins.faults import bad_gateway
from orderbell.standins.tencent.faults import refusal as tencent_refusal
from schemas.times import MINUTE
from streams.engine.incarnation import MOST_DEFECTS
from streams.engine.memory_log import MemoryKafka, MemoryLogs
from streams.engine.partitioner import partition_of
from streams.engine.surroundings import Surroundings, Watcher
from streams.engine.task import Task
from streams.operators.sending.share import ENOUGH, REPORTS_WITHIN, SLOT
from tests.clock import ManualClock
from tests.counting import counting
from tests.integration.shop import PARTITIONS, RULES, TOKEN, Shop, WorkerProcess, ago, until
from tests.sending import Post

SETTINGS = """
profile_wait = "1s"
[sms]
providers = ["aliyun", "tencent"]
[budget]
merchants = { m1 = "0.01" }
"""
STALLS = 130
"""Of one carrier, on one partition: more than the hundred that make a storm."""


class TroubledShop:
    """The troubles, one after the other. What is done to a worker's rules and to its process befalls ``second``."""

    def __init__(self, shop: Shop, first: WorkerProcess, second: WorkerProcess) -> None:
        self._shop = shop
        self._first = first
        self._second = second
        self._numbers = count()

    async def go_wrong(self) -> None:
        """All of it."""
        await self._all_kinds()
        await self._nonsense()
        await self._nobody_known()
        await self._no_answers()
        await self._refusals()
        await self._stops()
        await self._storm()
        await self._rules()
        await self._frozen()

    # Customers and orders.

    async def _customers(self, number: int, **fields: Any) -> list[str]:
        names = [f"{self._shop.id}-c{n}" for n in islice(self._numbers, number)]
        await asyncio.gather(*(self._shop.customer(name, self._phone(name), **fields) for name in names))
        return names

    def _phone(self, name: str) -> str:
        return f"138{int(name.rpartition('c')[2]):08d}"

    async def _short(self, customers: list[str], **fields: Any) -> None:
        """Something of an order of each is short."""
        fields = {"sku": "s", "name": "风衣", **fields}
        await asyncio.gather(
            *(self._shop.order("stock.shortage", f"{name}-{next(self._numbers)}", name, **fields) for name in customers)
        )

    async def _ended(self, customers: list[str], outcome: str, least: int | None = None) -> None:
        def those() -> int:
            return sum(any(end == outcome for _, end, _ in self._shop.outcomes(name)) for name in customers)

        await until(lambda: those() >= (len(customers) if least is None else least), lambda: f"{those()} {outcome}")

    # What goes wrong.

    async def _all_kinds(self) -> None:
        """Each kind of exception, to each kind of customer; and one merchant whose money is spent."""
        vips, new = await self._customers(2, tier="vip"), await self._customers(2, tier="new")
        for name in (*vips, *new):
            order = f"{name}-o"
            await self._shop.order("payment.failed", f"{order}1", name, reason="insufficient_funds")
            await self._shop.order("address.undeliverable", f"{order}2", name, address="杭州市")
            cancelled = {"cancelled_by": "merchant", "reason": "瑕疵", "amount": "8600.00", "paid": True}
            await self._shop.order("order.cancelled", f"{order}3", name, **cancelled)
        await self._ended([*vips, *new], "sent")
        (of_merchant,) = await self._customers(1)
        for orders in range(1, 4):
            await self._short([of_merchant], merchant_id="m1")
            await until(lambda orders=orders: len(self._shop.outcomes(of_merchant)) == orders)  # type: ignore[misc]
        assert ("stock_shortage", "suppressed", "over_budget") in self._shop.outcomes(of_merchant)

    async def _nonsense(self) -> None:
        """Records that can't be read, come again, or are of no known type; pushes that are none."""
        for number in range(12):
            await self._shop.publish("orders", f"{self._shop.id}-{number}", b"nonsense")
        (name,) = await self._customers(1)
        event = await self._shop.order("order.teleported", f"{name}-t", name)
        for again in (event | {"type": "order.paid"},) * 2:
            await self._shop.publish("orders", f"{name}-t", again)
        command = self._shop.read["notification-commands"][0]
        await self._shop.publish("notification-commands", command["customer_id"], command)
        url = f"http://127.0.0.1:{self._shop.callback_port}/callbacks/aliyun/{TOKEN}/receipts"
        async with aiohttp.ClientSession() as session:
            for _ in range(5):
                async with session.post(url, data=b"nonsense") as answer:
                    assert answer.status == 400
                await asyncio.sleep(0.5)

    async def _nobody_known(self) -> None:
        strangers = [f"{self._shop.id}-x{n}" for n in range(24)]
        await self._short(strangers)
        await self._ended(strangers, "failed")

    async def _refusals(self) -> None:
        """The vendors refuse a text, and then the account."""
        aliyun, tencent = self._shop.vendor.lasting, self._shop.tencent.lasting
        aliyun["SendSms"] = aliyun_refusal("isv.SMS_TEMPLATE_ILLEGAL")
        tencent["SendSms"] = tencent_refusal("FailedOperation.TemplateIncorrectOrUnapproved")
        some = await self._customers(8)
        await self._short(some)
        await self._ended(some, "failed")
        tencent.clear()
        aliyun["SendSms"] = aliyun_refusal("isv.AMOUNT_NOT_ENOUGH")
        some = await self._customers(8)
        await self._short(some)
        await self._ended(some, "sent")
        aliyun.clear()
        tencent["SendSms"] = tencent_refusal("AuthFailure.SecretIdNotFound")
        some = await self._customers(24)
        await self._short(some)
        await self._ended(some, "sent")
        tencent.clear()

    async def _no_answers(self) -> None:
        """Answers get lost, and no report comes of them: the vendor has to be asked."""
        self._shop.vendor.fates["*"] = None
        self._shop.vendor.lasting["SendSms"] = bad_gateway(taken=True)
        some = await self._customers(12)
        await self._short(some)
        await until(lambda: any(self._shop.statuses(name) == ["unknown", "accepted"] for name in some))
        self._shop.vendor.lasting.clear()
        self._shop.vendor.fates.clear()
        await self._ended(some, "sent")
        self._shop.vendor.report(self._shop.vendor.messages[:20])

    async def _stops(self) -> None:
        """Many say stop, and are then not told."""
        some = await self._customers(36)
        await self._short(some)
        await self._ended(some, "sent")
        for name in some:
            self._shop.vendor.reply(self._phone(name), "TD")
        self._shop.vendor.reply(self._phone(some[0]), "今天能到吗")
        await asyncio.sleep(3)  # the time that a stop may take to take effect
        await self._short(some)
        await self._ended(some, "suppressed", least=30)

    async def _storm(self) -> None:
        """A carrier's feed has been dead for more than a day."""
        names = (f"{self._shop.id}-s{number}" for number in count())
        customers = list(_of_one_partition(names, STALLS))
        await asyncio.gather(*(self._shop.customer(name, f"137{n:08d}") for n, name in enumerate(customers)))
        dispatched = {"carrier": f"c{self._shop.id}", "occurred_at": ago(hours=25)}
        await asyncio.gather(
            *(
                self._shop.shipment(
                    "shipment.dispatched", f"t-{name}", order_id=f"o-{name}", customer_id=name, **dispatched
                )
                for name in customers
            )
        )
        commands = self._shop.read["notification-commands"]
        await until(lambda: sum(command["kind"] == "shipment_stalled" for command in commands) >= STALLS)

    async def _rules(self) -> None:
        """One worker has other rules, and then a file that is refused."""
        file = self._shop.folder / "second.toml"
        for text, event in (
            (SETTINGS + RULES + "within = '2h'\n", "rules_in_force"),
            ("nonsense = 1", "rules_refused"),
        ):
            file.write_text(text)
            self._second.signal(signal.SIGHUP)
            await until(lambda event=event: event in self._second.log)  # type: ignore[misc]

    async def _frozen(self) -> None:
        """A worker is frozen, loses its tasks, and wakes."""
        before = self._second.log.count("incarnation_failed")
        taken = self._first.log.count("task_recovered")
        self._second.signal(signal.SIGSTOP)
        await until(lambda: self._first.log.count("task_recovered") > taken)
        some = await self._customers(4)
        await self._short(some)
        await self._ended(some, "sent")
        self._second.signal(signal.SIGCONT)
        await until(lambda: self._second.log.count("incarnation_failed") > before)


def _of_one_partition(names: Iterator[str], number: int) -> Iterator[str]:
    return islice((name for name in names if partition_of(name.encode(), PARTITIONS) == 0), number)


async def halt(watcher: Watcher) -> None:
    """A task is halted by a defect, which no real worker has on demand."""
    clock = ManualClock()
    kafka = MemoryKafka(clock)
    for _ in range(MOST_DEFECTS + 1):
        await kafka.publish("source", b"k", b"boom")
    around: Surroundings[None] = Surroundings(clock, SimpleNamespace(current=None), watcher)
    logs = MemoryLogs(kafka, _no_trouble)
    task = Task(counting(), 0, logs, _no_trouble, around, settle_seconds=0, rebalancing=lambda: False)
    await until(lambda: task.halted)


async def _no_trouble(_: Any) -> None: ...


def lost_road() -> Counter[tuple[str, ...]]:
    """What a sender counts whose texts a carrier drops. It takes ten minutes, so its clock is a virtual one."""
    post = Post(providers=("aliyun", "tencent"))
    for first, number in ((0, ENOUGH), (ENOUGH, 4)):
        for n in range(first, first + number):
            post.profile(f"139{n:08d}", customer=f"c{n}")
            post.notify(order=f"A{n}", customer=f"c{n}")
        post.held().accept_all()
        post.wait(SLOT + REPORTS_WITHIN + MINUTE)
    return post.driver.counts

"""Two vendors, each in its own trouble: messages go by whichever works, and each telephone rings once at the most.

A carrier that drops what its vendor accepted is noticed after minutes, which is for the simulation.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orderbell.standins.aliyun.faults import refusal
from orderbell.standins.faults import Fault, bad_gateway
from tests.integration.conftest import Kafka
from tests.integration.shop import Shop, until

SOON = 20.0
"""Seconds in which a message goes although one vendor is in trouble: much less than a doubt takes."""
STOPS = ("TD", " td ", "Ｔ", "退订", "回T")
NO_STOPS = ("今天能到吗", "TD是什么", "不用退订")


@pytest.fixture
async def shop(own_kafka: Kafka, tmp_path: Path) -> AsyncIterator[Shop]:
    shop = Shop(own_kafka, tmp_path, vendors=("aliyun", "tencent"))
    await shop.open()
    yield shop
    await shop.close()


class Customers:
    """Customers of a test, each with a telephone. Nobody shares a number with anybody of another test."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._first = int(shop.id, 16) % 90_000_000
        self._orders = 0
        self.told: list[str] = []

    def name(self, index: int) -> str:
        return f"{self._shop.id}-c{index}"

    def phone(self, index: int) -> str:
        return f"138{self._first + index:08d}"

    def texts(self, index: int) -> list[str]:
        return self._shop.texts(self.phone(index))

    async def known(self, count: int) -> None:
        for index in range(count):
            await self._shop.customer(self.name(index), self.phone(index))

    async def trouble(self, index: int) -> None:
        """An order of the customer's goes wrong."""
        self._orders += 1
        order = f"{self._shop.id}-o{self._orders}"
        await self._shop.order("stock.shortage", order, self.name(index), sku="s", name="风衣")

    def open(self, indices: range) -> list[str]:
        return [self.name(index) for index in indices if not self._shop.outcomes(self.name(index))]

    async def told_once(self, indices: range, provider: str | None = None) -> None:
        """Waits until all are told, and then looks that each was so once."""
        await until(lambda: not self.open(indices), lambda: f"nothing became of {self.open(indices)}")
        for index in indices:
            name = self.name(index)
            assert self._shop.outcomes(name) == [("stock_shortage", "sent", "accepted")]
            assert len(self.texts(index)) == 1
            assert len(self._shop.providers(name)) == 1
            assert provider is None or self._shop.providers(name) == [provider]


async def test_what_one_vendor_cannot_take_goes_by_the_other_and_comes_back_when_it_can(shop: Shop) -> None:
    customers = Customers(shop)
    await shop.worker().start()
    await customers.known(60)
    for index in range(5):
        await customers.trouble(index)
    await customers.told_once(range(5), "aliyun")

    shop.vendor.lasting["SendSms"] = refusal("isv.AMOUNT_NOT_ENOUGH")
    began = time.monotonic()
    for index in range(5, 20):
        await customers.trouble(index)
    await customers.told_once(range(5, 20), "tencent")
    assert time.monotonic() - began < SOON

    await shop.vendor.hide()
    shop.vendor.lasting.clear()
    began = time.monotonic()
    for index in range(20, 35):
        await customers.trouble(index)
    await customers.told_once(range(20, 35), "tencent")
    assert time.monotonic() - began < SOON

    await shop.vendor.start(int(shop.environment["ORDERBELL_ALIYUN_ENDPOINT"].rpartition(":")[2]))
    back = 35
    while not (back > 35 and "aliyun" in shop.providers(customers.name(back - 1))):
        assert back < 60, "nothing goes by the vendor that is well again"
        await customers.trouble(back)
        await customers.told_once(range(back, back + 1))
        back += 1
        await asyncio.sleep(1)


async def test_a_vendor_that_hangs_holds_up_its_own_messages_only(shop: Shop) -> None:
    customers = Customers(shop)
    await shop.worker().start()
    await customers.known(120)
    shop.vendor.lasting["SendSms"] = Fault(how="hang", taken=True)
    shop.vendor.fates["*"] = None  # no report tells what became of them: they must be asked for
    for index in range(80):
        await customers.trouble(index)
    await until(lambda: all(customers.texts(index) for index in range(80)))
    began = time.monotonic()
    for index in range(80, 120):
        await customers.trouble(index)
    # Each of the four senders may try with one message whether the vendor is well again.
    await until(lambda: len(customers.open(range(80, 120))) <= 4)
    assert time.monotonic() - began < SOON
    shop.vendor.lasting.clear()
    await customers.told_once(range(120))
    providers = [shop.providers(customers.name(index)) for index in range(80, 120)]
    assert providers.count(["tencent"]) >= 36


async def test_answers_that_get_lost_are_asked_for_and_nothing_is_repeated_by_the_other(shop: Shop) -> None:
    customers = Customers(shop)
    await shop.worker().start()
    await customers.known(10)
    shop.vendor.lasting["SendSms"] = bad_gateway(taken=True)
    shop.vendor.fates["*"] = None
    for index in range(10):
        await customers.trouble(index)
    await customers.told_once(range(10))
    assert {p for index in range(10) for p in shop.providers(customers.name(index))} >= {"aliyun"}


async def test_with_both_vendors_down_all_goes_when_one_is_back(shop: Shop) -> None:
    customers = Customers(shop)
    await shop.worker().start()
    await customers.known(10)
    await shop.vendor.hide()
    await shop.tencent.hide()
    for index in range(10):
        await customers.trouble(index)
    await until(lambda: len([r for r in shop.read["delivery-receipts"] if shop.id in r["customer_id"]]) >= 10)
    assert not any(customers.texts(index) for index in range(10))
    await shop.tencent.start(int(shop.environment["ORDERBELL_TENCENT_ENDPOINT"].rpartition(":")[2]))
    await customers.told_once(range(10), "tencent")


async def test_a_stop_said_to_one_vendor_holds_at_the_other(shop: Shop) -> None:
    customers = Customers(shop)
    await shop.worker().start()
    count = len(STOPS) + len(NO_STOPS)
    await customers.known(count)
    shop.vendor.lasting["SendSms"] = refusal("isv.AMOUNT_NOT_ENOUGH")
    for index in range(count):
        await customers.trouble(index)
    await customers.told_once(range(count), "tencent")
    for index, words in enumerate((*STOPS, *NO_STOPS)):
        shop.tencent.reply(f"+86{customers.phone(index)}", words)
    heard = shop.tencent._pushes.tried
    await until(lambda: len([t for t in heard if t.path == "replies" and t.answered]) == count)
    await asyncio.sleep(2)  # the time that the contract gives a stop to take effect
    shop.vendor.lasting.clear()
    for index in range(count):
        await customers.trouble(index)
    await until(lambda: all(len(shop.outcomes(customers.name(index))) == 2 for index in range(count)))
    for index in range(count):
        stopped = index < len(STOPS)
        assert shop.outcomes(customers.name(index))[1:] == [
            ("stock_shortage", "suppressed", "opted_out") if stopped else ("stock_shortage", "sent", "accepted")
        ]
        assert len(customers.texts(index)) == (1 if stopped else 2)

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
from tests.integration.held_kafka import Kafka
from tests.integration.shop import Shop, until

SOON = 20.0
"""Seconds in which a message goes although one vendor is in trouble: much less than a doubt takes."""
STOPS = ("TD", " td ", "Ｔ", "退订", "回T")
NO_STOPS = ("今天能到吗", "TD是什么", "不用退订")


@pytest.fixture
async def shop(own_kafka: Kafka, tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop(own_kafka, tmp_path, vendors=("aliyun", "tencent")) as shop:
        yield shop


class Customers:
    """Customers of a test, each with a telephone. Nobody shares a number with anybody of another test."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._first = int(shop.id, 16) % 90_000_000
        self._count = 0
        self._orders = 0

    def name(self, index: int) -> str:
        return f"{self._shop.id}-c{index}"

    def phone(self, index: int) -> str:
        return f"138{self._first + index:08d}"

    def texts(self, index: int) -> list[str]:
        return self._shop.texts(self.phone(index))

    async def new(self, count: int) -> range:
        """So many customers more, by their indices."""
        added = range(self._count, self._count + count)
        self._count += count
        for index in added:
            await self._shop.customer(self.name(index), self.phone(index))
        return added

    async def trouble(self, index: int) -> None:
        """An order of the customer's goes wrong."""
        self._orders += 1
        order = f"{self._shop.id}-o{self._orders}"
        await self._shop.order("stock.shortage", order, self.name(index), sku="s", name="风衣")

    async def all_in_trouble(self, indices: range) -> None:
        for index in indices:
            await self.trouble(index)

    def open(self, indices: range) -> list[str]:
        return [self.name(index) for index in indices if not self._shop.outcomes(self.name(index))]

    async def told_once(self, indices: range, provider: str | None = None) -> None:
        """Waits until all are told, and then looks that each was so once."""
        await until(lambda: not self.open(indices), lambda: f"nothing became of {self.open(indices)}")
        await until(lambda: all(self._shop.providers(self.name(index)) for index in indices))
        for index in indices:
            name = self.name(index)
            assert self._shop.outcomes(name) == [("stock_shortage", "sent", "accepted")]
            assert len(self.texts(index)) == 1
            assert len(self._shop.providers(name)) == 1
            assert provider is None or self._shop.providers(name) == [provider]

    async def all_go_by_aliyun(self) -> None:
        """Waits until every sender has found out that the vendor it is to try first is well, and goes by it."""
        for _ in range(30):
            some = await self.new(12)
            await self.all_in_trouble(some)
            await self.told_once(some)
            if all(self._shop.providers(self.name(index)) == ["aliyun"] for index in some):
                return
        raise AssertionError("messages still go by the second vendor")


async def test_what_one_vendor_cannot_take_goes_by_the_other_and_comes_back_when_it_can(shop: Shop) -> None:
    customers = Customers(shop)
    await shop.worker().start()
    await customers.all_go_by_aliyun()

    shop.vendor.lasting["SendSms"] = refusal("isv.AMOUNT_NOT_ENOUGH")
    await _go_by_tencent_soon(customers)
    await shop.vendor.hide()
    shop.vendor.lasting.clear()
    await _go_by_tencent_soon(customers)

    await shop.vendor.start(int(shop.environment["ORDERBELL_ALIYUN_ENDPOINT"].rpartition(":")[2]))
    await customers.all_go_by_aliyun()


async def _go_by_tencent_soon(customers: Customers) -> None:
    some = await customers.new(15)
    began = time.monotonic()
    await customers.all_in_trouble(some)
    await customers.told_once(some, "tencent")
    assert time.monotonic() - began < SOON


async def test_a_vendor_that_hangs_holds_up_its_own_messages_only(shop: Shop) -> None:
    customers = Customers(shop)
    await shop.worker().start()
    await customers.all_go_by_aliyun()
    shop.vendor.lasting["SendSms"] = Fault(how="hang", taken=True)
    shop.vendor.fates["*"] = None  # no report tells what became of them: they must be asked for
    first, others = await customers.new(80), await customers.new(40)
    await customers.all_in_trouble(first)
    await until(lambda: all(customers.texts(index) for index in first))
    began = time.monotonic()
    await customers.all_in_trouble(others)
    # Each of the four senders may try with one message whether the vendor is well again.
    await until(lambda: len(customers.open(others)) <= 4)
    assert time.monotonic() - began < SOON
    shop.vendor.lasting.clear()
    await customers.told_once(first)
    await customers.told_once(others)
    assert [shop.providers(customers.name(index)) for index in others].count(["tencent"]) >= 36


async def test_answers_that_get_lost_are_asked_for_and_nothing_is_repeated_by_the_other(shop: Shop) -> None:
    customers = Customers(shop)
    await shop.worker().start()
    await customers.all_go_by_aliyun()
    shop.vendor.lasting["SendSms"] = bad_gateway(taken=True)
    shop.vendor.fates["*"] = None
    some = await customers.new(10)
    await customers.all_in_trouble(some)
    await customers.told_once(some)
    assert ["unknown", "accepted"] in [shop.statuses(customers.name(index)) for index in some]


async def test_with_both_vendors_down_all_goes_when_one_is_back(shop: Shop) -> None:
    customers = Customers(shop)
    await shop.worker().start()
    some = await customers.new(10)
    await shop.vendor.hide()
    await shop.tencent.hide()
    await customers.all_in_trouble(some)
    await until(lambda: any("rejected" in shop.statuses(customers.name(index)) for index in some))
    assert not any(customers.texts(index) for index in some)
    await shop.tencent.start(int(shop.environment["ORDERBELL_TENCENT_ENDPOINT"].rpartition(":")[2]))
    await customers.told_once(some, "tencent")


async def test_a_stop_said_to_one_vendor_holds_at_the_other(shop: Shop) -> None:
    customers = Customers(shop)
    await shop.worker().start()
    count = len(STOPS) + len(NO_STOPS)
    some = await customers.new(count)
    shop.vendor.lasting["SendSms"] = refusal("isv.AMOUNT_NOT_ENOUGH")
    await customers.all_in_trouble(some)
    await customers.told_once(some, "tencent")
    for index, words in enumerate((*STOPS, *NO_STOPS)):
        shop.tencent.reply(f"+86{customers.phone(index)}", words)
    heard = shop.tencent._pushes.tried
    await until(lambda: len([t for t in heard if t.path == "replies" and t.answered]) == count)
    await asyncio.sleep(2)  # the time that the contract gives a stop to take effect
    shop.vendor.lasting.clear()
    await customers.all_in_trouble(some)
    await until(lambda: all(len(shop.outcomes(customers.name(index))) == 2 for index in some))
    for index in some:
        stopped = index < len(STOPS)
        assert shop.outcomes(customers.name(index))[1:] == [
            ("stock_shortage", "suppressed", "opted_out") if stopped else ("stock_shortage", "sent", "accepted")
        ]
        assert len(customers.texts(index)) == (1 if stopped else 2)

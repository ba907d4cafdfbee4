"""A customer is erased beside running workers: what is left of it is told, until when, and is nothing personal."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiokafka import ConsumerRecord

from agents.topic_reader import read_once
from orderbell.standins.faults import Fault
from streams.topics import TOPICS
from tests.integration.held_kafka import Kafka
from tests.integration.shop import HASH_KEY, Shop, until
from tests.integration.test_command_line import orderbell

NAME, STREET = "沈小姐", "某路 17 号"


class ErasingShop(Shop):
    """A shop whose operator asks what is left of a customer."""

    @property
    def phone(self) -> str:
        """A number of this test's own."""
        return f"139{int(self.id, 16) % 100_000_000:08}"

    async def verify(self, customer: str, *options: str) -> tuple[int, str]:
        """What the command says, and its exit code."""
        environment = {name.removeprefix("ORDERBELL_"): value for name, value in self.environment.items()}
        ran = await asyncio.to_thread(orderbell, "erasure", "verify", customer, *options, **environment)
        for personal in (self.phone, NAME, STREET):
            assert personal not in ran.stdout + ran.stderr
        assert ran.stdout, ran.stderr
        return ran.returncode, ran.stdout

    async def found(self, customer: str) -> tuple[int, dict[str, Any]]:
        """The same, as JSON."""
        code, said = await self.verify(customer, "--json")
        return code, msgspec.json.decode(said)

    async def live(self) -> dict[str, dict[bytes, bytes]]:
        """The newest record of each key of each compacted topic."""
        compacted = [topic.name for topic in TOPICS if topic.compacted]
        tables: dict[str, dict[bytes, bytes]] = {topic: {} for topic in compacted}

        def take(record: ConsumerRecord) -> None:
            tables[record.topic].pop(record.key, None)
            if record.value is not None:
                tables[record.topic][record.key] = record.value

        await read_once([self.kafka.bootstrap], compacted, take, isolation_level="read_committed")
        return tables


@pytest.fixture
async def shop(own_kafka: Kafka, tmp_path: Path) -> AsyncIterator[ErasingShop]:
    async with ErasingShop(own_kafka, tmp_path) as shop:
        await shop.worker().start()
        yield shop


async def a_life(shop: ErasingShop, customer: str) -> None:
    """Orders, parcels, messages, reports and records that can't be read. Its two messages go one after the other, since
    those that wait together may well be told in one."""
    contact = {"contact_id": "k1", "role": "buyer", "phone": shop.phone, "name": NAME}
    profile = {"customer_id": customer, "tier": "regular", "contacts": [contact]}
    await shop.publish("customers", customer, profile)
    await shop.order("address.undeliverable", f"{customer}-A", customer, address=STREET)
    await until(lambda: "delivered" in shop.statuses(customer), lambda: str(shop.statuses(customer)))
    await shop.order("payment.failed", f"{customer}-B", customer, reason="card_error")
    dispatched = {"order_id": f"{customer}-A", "customer_id": customer, "carrier": "sf"}
    await shop.shipment("shipment.dispatched", f"{customer}-T", **dispatched)
    await shop.publish("customers", customer, b"{")
    await shop.publish("orders", "another", {"type": "order.paid", "customer_id": customer})
    await until(lambda: shop.statuses(customer).count("delivered") == 2, lambda: str(shop.statuses(customer)))


def whats(found: dict[str, Any], topic: str) -> dict[str, dict[str, Any]]:
    return {group["what"]: group for group in found["traces"] if group["topic"] == topic}


async def test_before_the_erasure_it_is_not_erased_and_after_it_is_told_what_remains_until_when(
    shop: ErasingShop,
) -> None:
    customer = f"c-{shop.id}"
    await a_life(shop, customer)
    code, before = await shop.found(customer)
    assert (code, before["verdict"], before["erased_at"]) == (1, "not_erased", None)
    assert (await shop.verify(customer))[1].startswith(f"{customer}: not erased")

    erased_at = datetime.now(UTC)
    await shop.publish("customers", customer, None)
    await until(lambda: _holds(shop, customer))

    code, after = await shop.found(customer)
    assert (code, after["verdict"]) == (0, "erased")
    for topic in ("orders", "logistics", "notification-commands", "notification-decisions", "delivery-receipts"):
        (group,) = whats(after, topic).values()
        assert group["what"] == "record"
    assert whats(after, "dead-letters")["record"]["count"] == 2
    assert whats(after, "provider-callbacks")["record"]["count"] == 2
    assert whats(after, "message-reports")["record"]["count"] == 2
    assert whats(after, "profiles").keys() == whats(after, "sender-changelog").keys() == {"replaced", "null"}
    assert whats(after, "customers").keys() == {"replaced", "null"}
    assert whats(after, "provider-messages").keys() == {"replaced"}
    assert whats(after, "logistics-changelog")["newest"]["why"] == "a parcel that is watched names its customer"
    assert "opt-outs" in after["clean"]
    for topic in ("profiles", "sender-changelog", "provider-messages"):
        for group in whats(after, topic).values():
            assert datetime.fromisoformat(group["until"]) < erased_at + timedelta(days=1, minutes=5)
    assert datetime.fromisoformat(after["remembered_until"]) > erased_at + timedelta(days=29)


async def test_in_no_state_is_anything_left_of_who_it_was_or_what_it_was_told(shop: ErasingShop) -> None:
    customer = f"c-{shop.id}"
    await a_life(shop, customer)
    before = await shop.live()
    personal = [text.encode() for text in (customer, shop.phone, NAME, STREET)]
    assert any(text in value for text in personal for table in before.values() for value in table.values())

    await shop.publish("customers", customer, None)
    await until(lambda: _holds(shop, customer))
    for topic, table in (await shop.live()).items():
        left = [(key, text) for key, value in table.items() for text in personal if text in key + value]
        if topic in ("orders-changelog", "logistics-changelog"):  # orders and parcels are named after it in this test
            left = [(key, text) for key, text in left if text != personal[0]]
        assert not left, topic


async def test_what_a_vendor_was_asked_is_seen_through_without_the_number_or_what_was_told(shop: ErasingShop) -> None:
    customer = f"c-{shop.id}"
    contact = {"contact_id": "k1", "role": "buyer", "phone": shop.phone, "name": NAME}
    await shop.publish("customers", customer, {"customer_id": customer, "tier": "regular", "contacts": [contact]})
    shop.vendor.fates["*"] = None
    shop.vendor.faults.append(Fault(how="hang", taken=True))
    await shop.order("address.undeliverable", f"o-{shop.id}", customer, address=STREET)
    await until(lambda: shop.texts(shop.phone))
    await shop.publish("customers", customer, None)
    await until(lambda: _holds(shop, customer))

    assert not shop.outcomes(customer)
    _, found = await shop.found(customer)
    assert whats(found, "sender-changelog")["newest"]["why"] == "a provider was asked before the erasure"
    under_way = (await shop.live())["sender-changelog"][customer.encode()]
    assert not [text for text in (shop.phone, NAME, STREET) if text.encode() in under_way]


async def test_of_an_erased_customer_nothing_more_is_told_and_of_one_never_seen_that_it_is_unknown(
    shop: ErasingShop,
) -> None:
    customer = f"c-{shop.id}"
    await a_life(shop, customer)
    await shop.publish("customers", customer, None)
    await until(lambda: _holds(shop, customer))
    await shop.order("stock.shortage", f"{customer}-C", customer, sku="S1", name="大衣")
    await until(lambda: ("stock_shortage", "suppressed", "erased") in shop.outcomes(customer))
    assert len(shop.texts(shop.phone)) == 2
    assert (await shop.verify(customer))[0] == 0
    assert (await shop.verify(f"{customer}x"))[1].startswith(f"{customer}x: unknown")


def test_what_is_no_id_is_one_line_and_exit_2() -> None:
    result = orderbell("erasure", "verify", "c 1", BROKER="kafka://127.0.0.1:1", HASH_KEY=HASH_KEY)
    assert (result.returncode, result.stdout) == (2, "")
    assert "CUSTOMER_ID" in result.stderr


async def _holds(shop: ErasingShop, customer: str) -> bool:
    return (await shop.verify(customer))[0] == 0

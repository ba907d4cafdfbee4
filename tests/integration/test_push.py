"""App pushes on a real Kafka: whole workers, and JPush's stand-in at the far end."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from orderbell.standins.faults import Fault
from orderbell.standins.jpush.account import PUSH
from orderbell.standins.jpush.pushes import JPushPushes
from orderbell.standins.jpush.service import JPushStandIn
from tests.integration.held_kafka import Kafka
from tests.integration.shop import TOKEN, Shop, until

PHONE = "13900000001"
KEY = ("jpush-app-key", "jpush-master-secret")


class Pushing:
    """A shop whose customers have devices."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        callback = f"http://127.0.0.1:{shop.callback_port}/callbacks/jpush/{TOKEN}"
        self.jpush = JPushStandIn(dict([KEY]), JPushPushes(callback, (1, 2, 4)))

    async def open(self) -> None:
        """Makes ready for work."""
        await self.shop.open()
        self.shop.environment |= {
            "ORDERBELL_JPUSH_ENDPOINT": await self.jpush.start(),
            "ORDERBELL_JPUSH_APP_KEY": KEY[0],
            "ORDERBELL_JPUSH_MASTER_SECRET": KEY[1],
        }

    async def fails_to_pay(self, name: str, *devices: str, tier: str = "regular", **contact: Any) -> str:
        """A customer with these devices can't pay; its id, which its order's begins with."""
        customer = f"{self.shop.id}-{name}"
        contacts = [{"contact_id": "k1", "role": "buyer", "push_ids": list(devices), **contact}]
        await self.shop.publish("customers", customer, {"customer_id": customer, "tier": tier, "contacts": contacts})
        await self.shop.order("payment.failed", f"{customer}-o", customer, reason="card_error")
        return customer

    def receipts(self, customer: str) -> list[tuple[str, str]]:
        """Channel and state of each receipt."""
        return [(r["channel"], r["status"]) for r in self.shop.of("delivery-receipts", customer)]


@pytest.fixture
async def pushing(own_kafka: Kafka, tmp_path: Path) -> AsyncIterator[Pushing]:
    pushing = Pushing(Shop(own_kafka, tmp_path))
    await pushing.open()
    yield pushing
    await pushing.shop.close()
    await pushing.jpush.stop()


async def test_a_vip_has_a_push_beside_the_text_message_and_who_has_no_telephone_has_it_alone(
    pushing: Pushing,
) -> None:
    shop, jpush = pushing.shop, pushing.jpush
    worker = await shop.worker().start()
    vip = await pushing.fails_to_pay("vip", "1104a8979278ae64e75", "160a3797c8d7f4a5b6c", tier="vip", phone=PHONE)
    ann = await pushing.fails_to_pay("ann", "171976fa8a8085f4e85")
    whole = [("push", "accepted"), ("push", "delivered"), ("sms", "accepted"), ("sms", "delivered")]
    await until(lambda: sorted(pushing.receipts(vip)) == whole, lambda: worker.log[-3000:])
    await until(lambda: pushing.receipts(ann) == whole[:2], lambda: worker.log[-3000:])
    assert shop.outcomes(vip) == shop.outcomes(ann) == [("payment_failed", "sent", "accepted")]

    assert sorted(m.number for m in jpush.messages) == sorted(
        ["1104a8979278ae64e75", "160a3797c8d7f4a5b6c", "171976fa8a8085f4e85"]
    )
    (told,) = (message for message in jpush.messages if message.number == "171976fa8a8085f4e85")
    assert told.title == "付款未成功"
    assert told.extras["order_id"] == f"{ann}-o"
    assert told.classification == 1
    (accepted, delivered) = shop.of("delivery-receipts", ann)
    assert (accepted["provider"], accepted["provider_message_id"]) == ("jpush", told.message_id)
    assert accepted["recipient"] == "1719****"
    assert told.extras["notification_id"] == accepted["notification_id"] == delivered["notification_id"]
    assert jpush.refused == []
    assert "171976fa8a8085f4e85" not in worker.log


async def test_a_device_that_is_gone_is_told_of_and_a_lost_answer_tells_nobody_twice(pushing: Pushing) -> None:
    shop, jpush = pushing.shop, pushing.jpush
    jpush.gone.add("1")
    jpush.faults.append(Fault(how="reset", taken=True, action=PUSH))
    worker = await shop.worker().start()
    bob = await pushing.fails_to_pay("bob", "2")
    await until(
        lambda: pushing.receipts(bob) == [("push", "accepted"), ("push", "delivered")], lambda: worker.log[-3000:]
    )
    gone = await pushing.fails_to_pay("gone", "1")
    await until(lambda: shop.outcomes(gone), lambda: worker.log[-3000:])
    assert [message.number for message in jpush.messages] == ["2"]
    assert shop.outcomes(gone) == [("payment_failed", "failed", "bad_number")]
    assert pushing.receipts(gone) == [("push", "rejected")]

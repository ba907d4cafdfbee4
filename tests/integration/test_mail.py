"""Mails on a real Kafka: a whole worker, and a mail server at the far end."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from orderbell.standins.mail.server import Fault, MailStandIn
from tests.integration.held_kafka import Kafka
from tests.integration.shop import Shop, until

PHONE = "13900000001"


class Mailing:
    """A shop whose customers have mailboxes."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.server = MailStandIn({"shop@x": "pass:word of the shop"})

    async def open(self) -> None:
        """Makes ready for work."""
        await self.shop.open()
        address = (await self.server.start()).replace("://", "://shop%40x:pass%3Aword%20of%20the%20shop@")
        self.shop.environment |= {
            "ORDERBELL_SMTP_URL": f"{address}?starttls=never",
            "ORDERBELL_MAIL_FROM": "寄卖行 <service@shop.example>",
        }

    async def cancelled(self, name: str, **contact: Any) -> str:
        """The paid order of a customer is cancelled; its id, which its order's and its mailbox's begin with."""
        customer = f"{self.shop.id}-{name}"
        contacts = [{"contact_id": "k1", "role": "buyer", "email": f"{customer}@customer.example", **contact}]
        profile = {"customer_id": customer, "tier": "regular", "contacts": contacts}
        await self.shop.publish("customers", customer, profile)
        facts = {"cancelled_by": "merchant", "reason": "鉴定未通过", "amount": "88.00", "refund_days": 3, "paid": True}
        await self.shop.order("order.cancelled", f"{customer}-o", customer, **facts)
        return customer

    def receipts(self, customer: str) -> list[tuple[str, str]]:
        """Channel and state of each receipt."""
        return [(r["channel"], r["status"]) for r in self.shop.of("delivery-receipts", customer)]


@pytest.fixture
async def mailing(own_kafka: Kafka, tmp_path: Path) -> AsyncIterator[Mailing]:
    mailing = Mailing(Shop(own_kafka, tmp_path))
    await mailing.open()
    yield mailing
    await mailing.shop.close()
    await mailing.server.stop()


async def test_a_refund_is_told_by_mail_beside_the_text_message_and_alone_where_there_is_no_telephone(
    mailing: Mailing,
) -> None:
    shop, server = mailing.shop, mailing.server
    worker = await shop.worker().start()
    ann = await mailing.cancelled("ann", phone=PHONE)
    bob = await mailing.cancelled("bob")
    await until(
        lambda: {("sms", "delivered"), ("email", "accepted")} <= set(mailing.receipts(ann)), lambda: worker.log[-3000:]
    )
    await until(lambda: mailing.receipts(bob) == [("email", "accepted")], lambda: worker.log[-3000:])
    assert shop.outcomes(ann) == shop.outcomes(bob) == [("order_cancelled", "sent", "accepted")]

    (mail,) = (mail for mail in server.mails if mail.to == f"{bob}@customer.example")
    assert mail.subject == f"订单{bob}-o已取消，88.00元将原路退回"
    assert "退款将在3个工作日内原路退回" in mail.plain
    assert "我们不会向您索要验证码或密码" in mail.plain
    assert mail.header_from == "寄卖行 <service@shop.example>"
    (receipt,) = shop.of("delivery-receipts", bob)
    assert (receipt["provider"], receipt["template_id"]) == ("smtp", "cancel_paid")
    assert receipt["provider_message_id"] == mail.message_id
    assert receipt["recipient"] == f"{bob[0]}***@customer.example"
    assert len(server.mails) == 2
    assert "@customer.example" not in worker.log


async def test_a_mailbox_that_does_not_exist_and_a_reply_that_is_lost_are_told_of_once(mailing: Mailing) -> None:
    shop, server = mailing.shop, mailing.server
    worker = await shop.worker().start()
    server.fates[f"{shop.id}-gone@customer.example"] = "550 5.1.1 no such mailbox"
    gone = await mailing.cancelled("gone")
    await until(lambda: shop.outcomes(gone), lambda: worker.log[-3000:])
    assert shop.outcomes(gone) == [("order_cancelled", "failed", "bad_number")]
    assert mailing.receipts(gone) == [("email", "rejected")]

    server.faults.append(Fault(how="reset", taken=True))
    eve = await mailing.cancelled("eve")
    await until(lambda: mailing.receipts(eve) == [("email", "unknown")], lambda: worker.log[-3000:])
    assert [mail.to for mail in server.mails] == [f"{eve}@customer.example"]
    assert "@customer.example" not in worker.log

"""Cards in WeChat on a real Kafka: whole workers, and the platform's stand-in at the far end."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from orderbell.commands.rules import shown
from orderbell.standins.faults import Fault
from orderbell.standins.wechat.account import SEND
from orderbell.standins.wechat.pushes import WechatPushes
from orderbell.standins.wechat.service import WechatStandIn
from orderbell.standins.wechat.templates import Templates
from tests.integration.held_kafka import Kafka
from tests.integration.shop import RULES as QUICKLY
from tests.integration.shop import TOKEN, Shop, until
from tests.unit.rules import RULES

RULES_OF_THE_SHOP = QUICKLY.replace(
    "[kinds.payment_failed]",
    '[wechat]\nurl = "https://m.example.cn/orders/${order}"\n[kinds.payment_failed]\nchannels = ["wechat", "sms"]',
)
PHONE = "13900000001"
APP_SECRET = "wechat-app-secret"
FOLLOWERS = [f"oia2TjuEGTNoeX76QEjQNrcURx{number:02}" for number in range(10)]


class Carded:
    """A shop whose customers follow its official account."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        callback = f"http://127.0.0.1:{shop.callback_port}/callbacks/wechat/{TOKEN}"
        templates = Templates.of_rules(msgspec.json.encode(shown(RULES)))
        self.wechat = WechatStandIn("wx1", APP_SECRET, templates, WechatPushes(callback, (1, 2, 4)))

    async def open(self) -> None:
        """Makes ready for work."""
        await self.shop.open()
        self.shop.environment |= {
            "ORDERBELL_WECHAT_ENDPOINT": await self.wechat.start(),
            "ORDERBELL_WECHAT_APP_ID": "wx1",
            "ORDERBELL_WECHAT_APP_SECRET": APP_SECRET,
        }

    async def fails_to_pay(self, name: str, openid: str, **contact: Any) -> str:
        """A follower can't pay; the customer's id, which its order's begins with."""
        customer = f"{self.shop.id}-{name}"
        contacts = [{"contact_id": "k1", "role": "buyer", "wechat_openid": openid, **contact}]
        profile = {"customer_id": customer, "tier": "regular", "contacts": contacts}
        await self.shop.publish("customers", customer, profile)
        await self.shop.order("payment.failed", f"{customer}-o", customer, reason="card_error")
        return customer

    def receipts(self, customer: str) -> list[tuple[str, str, str | None]]:
        """Channel, state and reason of each receipt."""
        return [(r["channel"], r["status"], r.get("reason")) for r in self.shop.of("delivery-receipts", customer)]


@pytest.fixture
async def carded(own_kafka: Kafka, tmp_path: Path) -> AsyncIterator[Carded]:
    carded = Carded(Shop(own_kafka, tmp_path, RULES_OF_THE_SHOP))
    await carded.open()
    yield carded
    await carded.shop.close()
    await carded.wechat.stop()


ARRIVED = [("wechat", "accepted", None), ("wechat", "delivered", None)]


async def test_a_follower_has_a_card_once_though_an_answer_was_lost_and_a_token_ended(carded: Carded) -> None:
    shop, wechat = carded.shop, carded.wechat
    worker = await shop.worker().start()
    wechat.faults.append(Fault(how="reset", taken=True, action=SEND))
    ann = await carded.fails_to_pay("ann", FOLLOWERS[0])
    await until(lambda: carded.receipts(ann) == ARRIVED, lambda: worker.log[-3000:])
    wechat.account.tokens.end_all()
    bob = await carded.fails_to_pay("bob", FOLLOWERS[1])
    await until(lambda: carded.receipts(bob) == ARRIVED, lambda: worker.log[-3000:])

    assert shop.outcomes(ann) == shop.outcomes(bob) == [("payment_failed", "sent", "accepted")]
    assert [message.number for message in wechat.messages] == FOLLOWERS[:2]
    assert wechat.refused == ["40001"]
    told = wechat.messages[0]
    assert told.fields["character_string1"] == f"{ann}-o"
    assert (told.fields["thing2"], told.fields["phrase3"]) == ("商品", "银行卡异常")
    assert told.url == f"https://m.example.cn/orders/{ann}-o"
    (accepted, _) = shop.of("delivery-receipts", ann)
    assert (accepted["provider"], accepted["provider_message_id"]) == ("wechat", told.message_id)
    assert (accepted["recipient"], accepted["cost"], accepted["template_id"]) == ("oia2****", "0", "payment_failed")
    assert not [word for word in (FOLLOWERS[0], APP_SECRET, "90_standin", "access_token") if word in worker.log]


async def test_who_does_not_want_cards_has_the_text_message_and_is_not_taken_off_that(carded: Carded) -> None:
    shop, wechat = carded.shop, carded.wechat
    worker = await shop.worker().start()
    wechat.leave(FOLLOWERS[2])
    wechat.fates[FOLLOWERS[3]] = "user block"
    gone = await carded.fails_to_pay("gone", FOLLOWERS[2], phone=PHONE)
    blocking = await carded.fails_to_pay("blocking", FOLLOWERS[3], phone="13900000002")
    texted = [("sms", "accepted", None), ("sms", "delivered", None)]
    await until(
        lambda: carded.receipts(gone) == [("wechat", "rejected", "opted_out"), *texted], lambda: worker.log[-3000:]
    )
    blocked = [("wechat", "accepted", None), ("wechat", "undelivered", "opted_out")]
    await until(lambda: carded.receipts(blocking) == [*blocked, *texted], lambda: worker.log[-3000:])
    assert shop.outcomes(gone) == shop.outcomes(blocking) == [("payment_failed", "sent", "accepted")]

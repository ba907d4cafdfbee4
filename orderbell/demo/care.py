"""The second half of the story: who is told besides by text message, and what else is done for whom."""

from orderbell.demo.scenes import MERGED, TOLD, Scenes
from orderbell.demo.town import HAN, JIANG, LYU, QIAN, SHEN, TANG, XU
from orderbell.demo.upstream import Fields

NOT_REACHED = "MOBILE_NOT_ON_SERVICE"
"""What Aliyun says of a telephone that is switched off."""


class Care(Scenes):
    """Plays on the stage after the vendors' troubles, while nobody is in trouble."""

    async def play(self) -> None:
        """All scenes."""
        await self._a_vip()
        await self._a_switched_off_telephone()
        await self._a_refund()
        await self._a_follower()
        await self._goods_of_a_consignor()
        await self._two_orders_at_once()

    async def _a_vip(self) -> None:
        self._note(f"{QIAN.name} is a VIP: a text message, a push beside it, and a task for a human.")
        await self._wrong("payment.failed", QIAN, "A1015", reason="card_error")

    async def _a_switched_off_telephone(self) -> None:
        self._note(f"{LYU.name}'s telephone is switched off. What does not arrive there goes by push.")
        self._stage.fate("aliyun", LYU.number, NOT_REACHED)
        await self._wrong("address.undeliverable", LYU, "A1016", address="某街", area="苏州市", reason="信息不全")

    async def _a_refund(self) -> None:
        self._note(f"{HAN.name}'s paid order is cancelled: a text message, and a mail with what comes when.")
        refund: Fields = {"amount": "1280.00", "refund_days": "1-3"}
        await self._wrong("order.cancelled", HAN, "A1017", cancelled_by="merchant", reason="缺货", **refund)

    async def _a_follower(self) -> None:
        self._note(f"{TANG.name} wants to hear by WeChat only: a card.")
        await self._wrong("stock.shortage", TANG, "A1022", sku="S22", name="青瓷茶具")

    async def _goods_of_a_consignor(self) -> None:
        self._note(f"{SHEN.name}'s goods are short: it is told as well, of its goods only.")
        self._note(f"{XU.name} is new as well: a coupon, in the inbox alone, since nothing urgent goes with offers.")
        event = await self._wrong(
            "stock.shortage", XU, "A1018", sku="S18", name="翡翠吊坠", consignor_id=SHEN.customer_id
        )
        self._ends(event, SHEN, "A1018", TOLD, audience="consignor")

    async def _two_orders_at_once(self) -> None:
        self._note(f"Two of {JIANG.name}'s orders lack goods at once: one message tells both. Then one has come in.")
        await self._wrong("stock.shortage", JIANG, "A1019", sku="S19", name="复古皮箱")
        await self._wrong("stock.shortage", JIANG, "A1020", MERGED, sku="S20", name="银手镯")
        await self._seen.until(lambda: self._seen.told(JIANG.number, "A1020"))
        event = await self._order("stock.replenished", JIANG, "A1019", sku="S19")
        self._ends(event, JIANG, "A1019", TOLD, kind="stock_replenished")

"""The story: what happens in the town in its minute, and what must become of it.

Its scenes follow each other when the former one is seen to be over, not by the clock, so a slow machine makes it
longer and no less true. Each exception's ``Ending`` is written down when the exception is published.
"""

import asyncio
from datetime import timedelta

from orderbell.demo.arrived import Arrived
from orderbell.demo.care import Care
from orderbell.demo.scenes import TOLD, Ending, Scenes
from orderbell.demo.stage import Stage
from orderbell.demo.town import BAI, CHEN, FENG, HE, LIN, ORDERS, PEOPLE, SUN, WANG, WU, ZHAO, ZHENG, ZHOU
from orderbell.demo.upstream import Event
from orderbell.standins.aliyun.faults import refusal
from orderbell.standins.faults import Fault, bad_gateway
from schemas.outputs import Outcome, Reason

STOP_HOLDS = 2.0
"""Seconds from our answer to a stop until no call begins any more (the contract's)."""
QUIET = 3.0
"""Seconds without a further message after which none is expected."""
_NOT_YET = timedelta(hours=23, minutes=59, seconds=50)
POISON = Event("orders", "A1014", b'{"event_id": "E-poison", "type": "order.pl', "", "A1014 not even JSON")

SLOW = Fault(how="slow", taken=True, seconds=30)
"""Longer than anybody waits: the message is taken, and whoever asked is dead before the answer."""

REPEATED = (Outcome.DUPLICATE, Reason.REPEATED)
RESOLVED = (Outcome.SETTLED, Reason.RESOLVED)
OPTED_OUT = (Outcome.SUPPRESSED, Reason.OPTED_OUT)


class Story(Scenes):
    """Plays on a stage."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage, [])

    async def play(self) -> None:
        """All scenes, and the calm after them."""
        await self._a_normal_day()
        await self._things_go_wrong()
        await self._noise()
        await self._a_vendor_has_no_money_of_ours()
        await self._two_say_stop()
        await Care(self._stage, self.endings).play()
        await self._the_worker_dies()
        await self._calm()

    # The scenes.

    async def _a_normal_day(self) -> None:
        self._note("A normal day: customers, orders, parcels on their way.")
        for person in PEOPLE:
            await self._publish(self._stage.upstream.customer(person.profile))
        for order in ORDERS:
            await self._order("order.placed", order.person, order.order_id, items=[order.item], amount=order.price)
            if order.paid:
                await self._order("order.paid", order.person, order.order_id)

    async def _things_go_wrong(self) -> None:
        self._note("Each of the five things goes wrong once. Of the first message Aliyun's answer and report get lost.")
        self._stage.fault("aliyun", bad_gateway(taken=True))
        self._stage.hush("aliyun", ZHOU.number)
        await self._wrong("address.undeliverable", ZHOU, "A1005", address="某路 5 号", area="杭州市", reason="地址不详")
        self._note(f"{BAI.name} is new and agreed to be told of offers: a coupon rides with the news of a late parcel.")
        await self._parcels()
        await self._seen.until(lambda: self._seen.told(ZHOU.number, "A1005"))
        self._shortage = await self._wrong("stock.shortage", CHEN, "A1003", sku="S03", name="真丝连衣裙")
        await self._wrong(
            "order.cancelled",
            ZHAO,
            "A1004",
            cancelled_by="merchant",
            reason="鉴定未通过",
            amount="8600.00",
            refund_days="1-3",
        )
        self._failure = await self._wrong("payment.failed", LIN, "A1001", reason="insufficient_funds")

    async def _parcels(self) -> None:
        """Three parcels unheard of for almost a day. Their feed is out of order: it names their orders last."""
        for person, order_id, parcel in ((SUN, "A1006", "SF1006"), (BAI, "A1021", "SF1021"), (WU, "A1007", "SF1007")):
            scanned = await self._parcel("shipment.scanned", parcel, _NOT_YET, location="嘉兴")
            named = {"order_id": order_id, "customer_id": person.customer_id, "carrier": "sf"}
            await self._parcel("shipment.dispatched", parcel, timedelta(hours=40), **named)
            if person is not WU:
                self._ends(scanned, person, order_id, TOLD)

    async def _noise(self) -> None:
        self._note("What must not be told: a repair in time, a late scan, a repeat, a redelivery, a poison record.")
        await self._wrong("payment.failed", WANG, "A1002", RESOLVED, reason="card_error")
        await self._order("order.paid", WANG, "A1002")
        await self._parcel("shipment.scanned", "SF1007", timedelta(hours=3), location="上海")
        await self._wrong("stock.shortage", CHEN, "A1003", REPEATED, sku="S03", name="真丝连衣裙")
        for event in (self._shortage, self._failure):
            await self._publish(event._replace(title=f"{event.title} (the same event again)"))
        await self._publish(POISON)

    async def _a_vendor_has_no_money_of_ours(self) -> None:
        await self._seen.until(lambda: len(self._seen.messages) >= len(self._told))
        self._note("Our account at Aliyun is empty for a moment. What is due then must go by Tencent.")
        self._stage.fault("aliyun", refusal("isv.AMOUNT_NOT_ENOUGH"))
        await self._wrong("stock.shortage", HE, "A1012", sku="S12", name="羊皮手套")
        await self._seen.until(lambda: self._seen.told(HE.number, "A1012"))

    async def _two_say_stop(self) -> None:
        self._note(f"{ZHAO.name} answers TD to Aliyun, {HE.name} to Tencent. Neither hears more by either.")
        self._stage.reply("aliyun", ZHAO.number, "TD")
        self._stage.reply("tencent", HE.number, "TD")
        await self._seen.until(lambda: len(self._seen.opt_outs) >= 2)
        await asyncio.sleep(STOP_HOLDS)
        await self._wrong("stock.shortage", ZHAO, "A1010", OPTED_OUT, sku="S10", name="丝巾")
        await self._wrong("stock.shortage", HE, "A1013", OPTED_OUT, sku="S13", name="胸针")

    async def _the_worker_dies(self) -> None:
        """Killed when a vendor has taken a message and not yet said so: the worst moment there is."""
        await self._seen.until(lambda: len(self._seen.decisions) == len(self.endings))
        self._note("The worker is killed (SIGKILL) in the middle of a call, with another notice in its hold.")
        taken = asyncio.Event()

        def look(message: Arrived) -> None:
            if message.number == ZHENG.number:
                taken.set()

        self._stage.on_message = look
        self._stage.fault("aliyun", SLOW)
        await self._wrong("stock.shortage", ZHENG, "A1008", sku="S08", name="羊绒围巾")
        await self._wrong("payment.failed", FENG, "A1009", reason="card_error")
        await taken.wait()
        await self._stage.kill_worker()
        self._note("The worker is dead, and events go on. In 10 s Kafka gives its share to another.")
        await self._wrong("address.undeliverable", WANG, "A1011", address="某路", area="宁波市", reason="无法识别")
        await self._stage.start_worker()
        self._note("Another worker has taken over: it owes one notice, one event, and one answer nobody heard.")

    async def _calm(self) -> None:
        """Until all has ended and no more comes."""
        await self._seen.until(lambda: len(self._seen.decisions) >= len(self.endings) and self._all_delivered())
        messages = -1
        while messages < len(self._seen.messages):
            messages = len(self._seen.messages)
            await asyncio.sleep(QUIET)

    @property
    def _told(self) -> list[Ending]:
        return [ending for ending in self.endings if ending.by_sms]

    def _all_delivered(self) -> bool:
        """Whether of every message that was taken the last is known."""
        ended = [r.notification_id for r in self._seen.of_sms if r.status in ("delivered", "undelivered")]
        return len(ended) >= len(self._seen.messages)

"""What is seen from outside: what the topics hold, and what has arrived on the telephones."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from orderbell.demo.arrived import Arrived
from orderbell.demo.show import Show, masked
from schemas.opt_outs import OptOut
from schemas.outputs import Command, CouponGrant, DeadLetter, Decision, InboxMessage, Outcome, Receipt, ServiceTask
from streams import topics

SOURCES = (topics.ORDERS.name, topics.LOGISTICS.name, topics.CUSTOMERS.name)
_DECODERS: dict[str, Callable[[bytes], Any]] = {
    topics.COMMANDS.name: msgspec.json.Decoder(Command).decode,
    topics.DECISIONS.name: msgspec.json.Decoder(Decision).decode,
    topics.RECEIPTS.name: msgspec.json.Decoder(Receipt).decode,
    topics.DEAD_LETTERS.name: msgspec.json.Decoder(DeadLetter).decode,
    topics.OPT_OUTS.name: msgspec.json.Decoder(OptOut).decode,
    topics.SERVICE_TASKS.name: msgspec.json.Decoder(ServiceTask).decode,
    topics.COUPON_GRANTS.name: msgspec.json.Decoder(CouponGrant).decode,
    topics.INBOX.name: msgspec.json.Decoder(InboxMessage).decode,
}
FOLLOWED = (*SOURCES, *_DECODERS)
LOOK_EVERY = 0.05


class Seen:
    """All that has been seen so far. ``messages`` are those on telephones, ``others`` pushes, cards and mails."""

    def __init__(self) -> None:
        self.events = 0
        self.messages: list[Arrived] = []
        self.others: list[Arrived] = []
        self.commands: list[Command] = []
        self.decisions: list[Decision] = []
        self.receipts: list[Receipt] = []
        self.dead_letters: list[DeadLetter] = []
        self.opt_outs: list[OptOut] = []
        self.tasks: list[ServiceTask] = []
        self.coupons: list[CouponGrant] = []
        self.inbox: list[InboxMessage] = []

    def take(self, record: "ConsumerRecord[bytes, bytes]") -> Any:
        """Takes a record of a topic that is followed. Returns what it is, where it is one of ours."""
        if record.topic in SOURCES:
            self.events += 1
            return None
        decoded = _DECODERS[record.topic](record.value)
        self._list(record.topic).append(decoded)
        return decoded

    def _list(self, topic: str) -> list[Any]:
        lists: dict[str, list[Any]] = {
            topics.COMMANDS.name: self.commands,
            topics.DECISIONS.name: self.decisions,
            topics.RECEIPTS.name: self.receipts,
            topics.DEAD_LETTERS.name: self.dead_letters,
            topics.OPT_OUTS.name: self.opt_outs,
            topics.SERVICE_TASKS.name: self.tasks,
            topics.COUPON_GRANTS.name: self.coupons,
            topics.INBOX.name: self.inbox,
        }
        return lists[topic]

    def outcomes(self, outcome: Outcome) -> list[Decision]:
        """The decisions with that outcome."""
        return [decision for decision in self.decisions if decision.outcome == outcome]

    @property
    def of_sms(self) -> list[Receipt]:
        """The receipts of text messages."""
        return [receipt for receipt in self.receipts if receipt.channel == "sms"]

    def elsewhere(self, address: str | None) -> list[Arrived]:
        """The pushes, cards or mails at an address."""
        return [message for message in self.others if message.number == address]

    def told(self, number: str, order_id: str) -> list[Arrived]:
        """The messages on that telephone that name the order, be it by its last four only."""
        return [message for message in self.messages if message.number == number and order_id[-4:] in message.text]

    def states(self, customer_id: str, order_id: str) -> list[tuple[str, str, str | None]]:
        """The states of the message that tells of an order, each with the vendor and the reason."""
        return [
            (receipt.provider, receipt.status, receipt.reason)
            for receipt in self.receipts
            if receipt.customer_id == customer_id and order_id in receipt.order_ids
        ]

    def doubted(self, receipt: Receipt) -> bool:
        """Whether for a time nobody knew what became of that attempt."""
        same = (receipt.notification_id, receipt.attempt)
        return any(r.status == "unknown" and (r.notification_id, r.attempt) == same for r in self.receipts)

    def message_id(self, receipt: Receipt) -> str | None:
        """The vendor's id of a receipt's message, where the vendor did not say it: an answer to a question may not."""
        order_id, number = receipt.order_ids[0], receipt.recipient
        found = (m for m in self.messages if masked(m.number) == number and m in self.told(m.number, order_id))
        return next((message.message_id for message in found), None)

    def summary(self) -> dict[str, str]:
        """The figures, by name."""
        taken = [receipt for receipt in self.of_sms if receipt.status == "accepted"]
        figures = {
            "events": self.events,
            "exceptions": len(self.decisions),
            "messages": len(self.messages),
            "segments": sum(receipt.segments for receipt in taken),
            "cost": format(sum((Decimal(receipt.cost) for receipt in taken), Decimal()), "f"),
            "duplicates": len(self.outcomes(Outcome.DUPLICATE)),
            "settled": len(self.outcomes(Outcome.SETTLED)),
            "dead_letters": len(self.dead_letters),
        }
        return {name: str(figure) for name, figure in figures.items()}

    async def until(self, condition: Callable[[], object]) -> None:
        """Waits until the condition holds. Whoever waits has a deadline of its own."""
        while not condition():  # noqa: ASYNC110  # conditions are over several lists, and few wait
            await asyncio.sleep(LOOK_EVERY)


async def follow(broker: str, seen: Seen, show: Show) -> None:
    """Reads the topics from their beginning, for ever: committed records only, and as a member of no group."""
    consumer = AIOKafkaConsumer(
        *FOLLOWED,
        bootstrap_servers=broker,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
    )
    await consumer.start()
    try:
        async for record in consumer:
            _tell(show, seen.take(record), seen)
    finally:
        await consumer.stop()


def _tell(show: Show, record: Any, seen: Seen) -> None:
    """Shows what became of an event or of a message."""
    match record:
        case Decision():
            show.result(f"{record.order_id} {record.kind}: {record.outcome}, {record.reason}")
        case Receipt(status="undelivered"):
            show.result(f"{_attempt(record)} undelivered, {record.reason}")
        case Receipt(status="delivered"):
            show.delivered(record.provider_message_id or seen.message_id(record))
        case Receipt(status="rejected" | "unknown"):
            show.result(f"{_attempt(record)} {record.status}, {record.reason}")
        case Receipt(status="accepted") if seen.doubted(record):
            show.result(f"{_attempt(record)} accepted, as is known now")
        case Receipt(status="accepted") if record.attempt > 1:
            show.result(f"{_attempt(record)} accepted")
        case DeadLetter():
            show.result(f"dead letter of {record.topic}: {record.reason}")
        case ServiceTask():
            show.result(f"{record.order_id} task for a human: {record.reason}, {record.note}")
        case CouponGrant():
            show.result(f"{record.order_id} a coupon of {record.amount} yuan for {record.customer_id}")
        case InboxMessage():
            show.result(f"{' '.join(record.order_ids)} inbox of {record.customer_id}: {record.title}. {record.body}")
        case OptOut():
            show.result("stop noted, for all text messages to that number")


def _attempt(receipt: Receipt) -> str:
    return f"{' '.join(receipt.order_ids)} attempt {receipt.attempt}, {receipt.provider}:"

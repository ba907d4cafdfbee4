"""What is remembered of a typical parcel, order, customer and message, as the program itself remembers it."""

import random
import string
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import msgspec

from agents import orders, receipts, sender, shipments
from orderbell.defaults import DEFAULT_RULES
from schemas.times import DAY, HOUR, MINUTE, Micros, instant
from streams.engine.table import Codec, Overlay
from streams.engine.task_kind import TaskKind
from streams.engine.turn import Record, Turn
from streams.operators.report_join import message
from streams.operators.sending.outbox import Attempt, Decided, Notification, Once, Outbox, Submitted
from streams.operators.sending.stored import CODEC
from streams.policy.echo import Echo
from streams.policy.opt_outs import Hasher
from streams.policy.rules_file import load
from streams.policy.verdict import Verdict

NOW: Micros = time.time_ns() // 1_000
RULES = load(DEFAULT_RULES.read_text(encoding="utf-8"))
_dice = random.Random(1)
Sample = Callable[[], bytes]
"""An entry's bytes in its topic, with ids of its own."""


def word(length: int) -> str:
    """An id."""
    return "".join(_dice.choices(string.ascii_letters + string.digits, k=length))


def _after(kind: TaskKind[Any, Any], key: str, events: Iterable[tuple[str, Mapping[str, Any]]]) -> bytes:
    """The entry once a task has taken these events."""
    turn = Turn[Any, Any](Overlay({}), {}, RULES, now=NOW, wall=NOW)
    for what, fields in events:
        event = {"event_id": word(22), "type": what, "occurred_at": instant(NOW - HOUR), **fields}
        kind.processor.record(turn, Record(kind.sources[0], 0, 0, NOW, key.encode(), msgspec.json.encode(event)))
    entry = turn.get(key.encode())
    assert entry is not None  # else the events were refused
    return kind.codec.encode(entry)


def parcel(*more: str) -> bytes:
    """A parcel that was dispatched and scanned, and what came after that."""
    number = word(14)
    own = {"tracking_no": number}
    named = own | {"order_id": word(14), "customer_id": word(12), "carrier": "sf", "origin": "上海"}
    events = [("shipment.dispatched", named)]
    events += [(f"shipment.{what}", own) for what in ("scanned", *more)]
    return _after(shipments.kind(), number, events)


def order(*more: str) -> bytes:
    """An order of two goods that was paid, and what came after that."""
    number = word(14)
    own = {"order_id": number, "customer_id": word(12)}
    names = ("羊毛大衣", "真丝连衣裙")
    items = [
        {"sku": word(10), "name": name, "quantity": 1, "unit_price": "899.00", "consignor_id": word(12)}
        for name in names
    ]
    events: list[tuple[str, Mapping[str, Any]]] = [("order.placed", own | {"items": items, "amount": "1798.00"})]
    events += [(f"order.{what}", own) for what in ("paid", *more)]
    return _after(orders.kind(), number, events)


def outbox(*, followed: bool) -> bytes:
    """A customer who was sent one text message; while it is ``followed``, a report of it may still come."""
    notification, command = f"n-{word(32)}", f"cmd_{word(32)}"
    attempt = Attempt(
        attempt=1, provider="aliyun", status="accepted", started_at=NOW, message_id=f"9006197467369{word(7)}",
        recipient="139****0001", template_id="addr_plain", text_length=52, segments=1, cost="0.045",
        rules=word(12), carrier="mobile",
    )  # fmt: skip
    told = Notification(
        notification_id=notification, command_ids=(command,), order_ids=(word(14),), kinds=("address_undeliverable",),
        contact_id="k0", address="+8613900000001", tried=1, verdict=Verdict("sent", "accepted"), attempts=(attempt,),  # type: ignore[arg-type]
    )  # fmt: skip
    box = Outbox(
        decided=(Decided(command, NOW + 7 * DAY),), told=(Once(f"A-{word(14)}:address_undeliverable", NOW + 30 * DAY),)
    )
    if followed:
        counted = Submitted("k0", "address_undeliverable", "aliyun", "addr_plain", notification, 1, NOW + DAY)
        box.notifications, box.submitted = (told,), (counted,)
    return CODEC.encode(box)


def joined() -> bytes:
    """A message whose report may still come."""
    entry, _ = message(None, Echo(word(12), f"n-{word(32)}", 1), NOW + MINUTE)
    return Codec(type(entry)).encode(entry)


def profile() -> bytes:
    """A customer with one contact who can be reached by each channel."""
    contact = {
        "contact_id": word(8), "role": "buyer", "name": "张三", "phone": "13900000001",
        "email": f"{word(8)}@example.com", "push_ids": [word(19)], "wechat_openid": word(28),
    }  # fmt: skip
    quiet = {"quiet_hours": {"from": "22:00", "to": "07:00", "time_zone": "Asia/Shanghai"}}
    return msgspec.json.encode(
        {"customer_id": word(12), "tier": "regular", "contacts": [contact], "preferences": quiet}
    )


_nobody = cast("Any", None)
_SENDER = sender.kind(_nobody, _nobody, ("aliyun",), Hasher("key"), 1)
SAMPLES: Mapping[str, tuple[Sample, TaskKind[Any, Any] | None]] = {
    "a parcel under way": (parcel, shipments.kind()),
    "a parcel that has ended": (lambda: parcel("delivered"), shipments.kind()),
    "an order, open": (order, orders.kind()),
    "an order, completed": (lambda: order("completed"), orders.kind()),
    "a customer's profile": (profile, None),
    "a customer told within three days": (lambda: outbox(followed=True), _SENDER),
    "a customer told within a month": (lambda: outbox(followed=False), _SENDER),
    "a message whose report may come": (joined, receipts.kind()),
}
"""By what it is, how one comes about and whose state it is; a profile is nobody's own."""

"""What waits for the customers of a shop, as the packing benchmark draws it. The shop is made up.

**Reference.** A shop that makes an order of each piece, as live-stream shops do: whoever buys has orders open together.
Their number is geometric, by default 2.5 in the mean, at most 20. Seven in ten times that something waits for a
customer an incident is behind it: a warehouse lacks goods or strikes orders out, a carrier stands still over night,
payments or a region's deliveries fail. It hits each open order with 0.8, all for the same reason and in the same hours;
one in seven times something of another kind waits as well. Else trouble comes alone, one in ten times with a second
one. One in four incidents of lacking goods has a day on which they come; a fifth of the goods are unique; a tenth of
the orders lack two, or go in two parcels. Nine in ten orders are paid. One customer in twenty is a VIP.

**Unkind.** Hardly anything has anything in common: one to eight exceptions, each of any kind, for any reason, with a
day or a term of its own; half the orders unpaid or not known to be paid; three customers in ten VIPs; one order in
three ends like few others; two in five of what concerns a consignor goes to one, who is the same customer.
"""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from schemas.times import DAY, HOUR, Micros
from schemas.words import KINDS, Audience, Kind, Tier
from streams.policy.case import Case

Waiting = list[Case]
"""What waits for one contact at one moment."""

_NOW: Micros = 20_000 * DAY + 4 * HOUR
_INCIDENTS: Mapping[Kind, int] = {
    "stock_shortage": 30,
    "shipment_stalled": 30,
    "payment_failed": 15,
    "order_cancelled": 15,
    "address_undeliverable": 10,
}
_MOST_ORDERS = 20
_NAMES = ("羊绒大衣", "双肩包", "机械腕表", "真丝方巾", "小羊皮短靴", "珍珠耳环", "牛仔外套", "复古墨镜")
_DATES = ("2024-10-09", "2024-10-12", "2024-10-20", "2024-11-11")


def reference(random: Random, mean_orders: float = 2.5) -> Waiting:
    """What waits for one customer in the shop above."""
    tier = _tier(random, vips=0.05)
    orders = [_order(random) for _ in range(_geometric(random, mean_orders))]
    kinds, weights = list(_INCIDENTS), list(_INCIDENTS.values())
    kind = random.choices(kinds, weights)[0]
    if random.random() < 0.7:
        facts = _incident(random, kind)
        hit = [order for order in orders if random.random() < 0.8] or orders[:1]
        waits = [case for order in hit for case in _of_order(random, kind, order, tier, facts)]
        second = random.random() < 1 / 7
    else:
        waits = _of_order(random, kind, orders[0], tier, _incident(random, kind))
        second = random.random() < 0.1
    if second:
        other = random.choice([other for other in kinds if other != kind])
        waits += _of_order(random, other, random.choice(orders), tier, _incident(random, other))
    return waits


def unkind(random: Random) -> Waiting:
    """What waits for one customer where hardly anything has anything in common."""
    tier = _tier(random, vips=0.3)
    waits = []
    for _ in range(random.randint(1, 8)):
        kind = random.choice(KINDS)
        order = f"{_order(random)[:-4]}{random.randrange(6):04}" if random.random() < 1 / 3 else _order(random)
        facts = {**_incident(random, kind), "paid": random.choice([True, True, False, None])}
        consigned = kind in ("stock_shortage", "order_cancelled") and random.random() < 0.4
        waits.append(_case(random, kind, order, tier, facts, "consignor" if consigned else "buyer"))
    return waits


def crowd(random: Random, number: int) -> Waiting:
    """So many exceptions of one customer, of as many incidents as it takes."""
    waits: Waiting = []
    while len(waits) < number:
        waits += reference(random, mean_orders=6)
    return [replace(case, tier="regular") for case in waits[:number]]


def _incident(random: Random, kind: Kind) -> dict[str, Any]:
    """What all that an incident hits has in common."""
    if kind == "payment_failed":
        return {"reason": random.choice(["card_error", "card_error", "insufficient_funds"])}
    if kind == "stock_shortage":
        return {"restock_at": random.choice([*_DATES, *[None] * 12])}
    if kind == "shipment_stalled":
        cause = random.choice(["weather", "capacity", "customs", None, None, None])
        return {"cause": cause, "expected_days": random.choice([None, 2, "3-5"])}
    if kind == "order_cancelled":
        reason = random.choice(["系统故障", "仓库缺货", "标价有误"])
        return {"reason": reason, "refund_days": random.choice([3, 3, "3-5", None])}
    return {"reason": random.choice(["暂停配送", "地址不全"]), "area": "余杭区"}


def _of_order(random: Random, kind: Kind, order: str, tier: Tier, facts: Mapping[str, Any]) -> Waiting:
    """What an incident does to an order."""
    twice = kind in ("stock_shortage", "shipment_stalled") and random.random() < 0.1
    paid = random.random() < 0.9
    return [_case(random, kind, order, tier, {"paid": paid, **facts}) for _ in range(1 + twice)]


def _case(
    random: Random, kind: Kind, order: str, tier: Tier, facts: Mapping[str, Any], audience: Audience = "buyer"
) -> Case:
    own: dict[str, Any] = {
        "sku": f"s{random.randrange(10**6)}",
        "name": random.choice(_NAMES),
        "unique": random.random() < 0.2,
        "hours": random.randint(24, 36),
        "amount": f"{random.randint(80, 4000)}.00",
    }
    tracking_no = f"SF{random.randrange(10**12):012}" if kind == "shipment_stalled" else None
    return Case(kind, order, {**own, **facts}, _NOW, tracking_no, audience, tier)


def _order(random: Random) -> str:
    return f"20241004{random.randrange(10**8):08}"


def _tier(random: Random, vips: float) -> Tier:
    return "vip" if random.random() < vips else random.choice(["regular", "regular", "regular", "new"])


def _geometric(random: Random, mean: float) -> int:
    number = 1
    while number < _MOST_ORDERS and random.random() < 1 - 1 / mean:
        number += 1
    return number

"""What happens in the shop until it is stopped: at that moment a notice is in every state that there is.

Customers are named for what is so of them at the stop, and each has one number, but for one who has two.
"""

from schemas.times import DAY, HOUR, MINUTE, SECOND, Micros
from tests.callbacks import a_report as aliyun_report
from tests.clock import START
from tests.tencent_callbacks import a_report as tencent_report
from tests.upgrade.shop import Mood, Shop

STOPS: Micros = START + DAY + 3 * HOUR
"""Three in the morning: a stall that was found waits for eight."""
BEGINS: Micros = STOPS - 10 * MINUTE

MOODS: tuple[tuple[str | None, str, Mood], ...] = (
    (None, "dropped", "drops it"),
    ("aliyun", "lost-tencent", "is busy"),
    ("tencent", "lost-tencent", "takes it and is silent"),
    (None, "settled-dropped", "drops it"),
    (None, "settled-lost", "takes it and is silent"),
    (None, "erased-lost", "takes it and is silent"),
    (None, "refused", "is busy"),
    (None, "calling", "hangs"),
    (None, "calling-taken", "takes it and hangs"),
    (None, "two-second", "hangs"),
)
LATER = "unknown"
"""The customer whose profile has not come yet."""
NAMES = (
    *("told", "accepted", "accepted-too", "calling", "calling-taken", "dropped", "lost-tencent", "settled-dropped"),
    *("settled-lost", "held", "refused", "erased", "erased-lost", "two-first", "two-second", LATER),
    *("night", "silent", "moving"),
)
NUMBERS = {name: f"+861390000{nth:04}" for nth, name in enumerate(NAMES)}


async def play(shop: Shop) -> None:
    """Up to the stop."""
    shop.moods = {(vendor, NUMBERS[name]): mood for vendor, name, mood in MOODS}
    await _the_day_before(shop)
    shop.start()
    await _until(shop, BEGINS + MINUTE)
    await shop.order("told", "payment.failed", reason="card_error")
    await shop.order("erased", "address.undeliverable", address="某路 1 号")
    await _until(shop, STOPS - 5 * MINUTE)
    await shop.report("aliyun", aliyun_report(out_id=out_id(shop, "told")))
    await shop.publish("customers", "erased", None)
    await _until(shop, STOPS - 60 * SECOND)
    await _begin(shop, "accepted")
    await _until(shop, STOPS - 40 * SECOND)
    for name in ("dropped", "lost-tencent", "settled-dropped", "settled-lost", "erased-lost"):
        await _begin(shop, name)
    await _until(shop, STOPS - 30 * SECOND)
    await _begin(shop, "accepted-too")  # which shows the vendors' breakers that they are well
    await _until(shop, STOPS - 20 * SECOND)
    for name in ("settled-dropped", "settled-lost"):
        await shop.order(name, "address.corrected", address="某路 2 号")
    await shop.publish("customers", "erased-lost", None)
    await shop.report("tencent", tencent_report(sid=f"m-{out_id(shop, 'lost-tencent')}"))
    await shop.order("held", "payment.failed", reason="card_error")
    await _begin(shop, LATER)
    await _until(shop, STOPS - 10 * SECOND)
    await _begin(shop, "calling")
    await _begin(shop, "calling-taken")
    await _begin(shop, "two")
    await _begin(shop, "refused")
    await _until(shop, STOPS)
    await shop.kill()


async def _the_day_before(shop: Shop) -> None:
    for name, number in NUMBERS.items():
        if not name.startswith("two-") and name != LATER:
            await shop.customer(name, number)
    await shop.customer("two", NUMBERS["two-first"], NUMBERS["two-second"])
    for name, ago in (("night", 25 * HOUR), ("silent", 23 * HOUR), ("moving", 23 * HOUR)):
        parcel = {"order_id": f"A-{name}", "customer_id": name, "carrier": "sf"}
        await shop.parcel(name, "shipment.dispatched", STOPS - ago, **parcel)


async def _begin(shop: Shop, name: str) -> None:
    """An exception that is held for five seconds."""
    await shop.order(name, "address.undeliverable", address="某路 1 号")


def out_id(shop: Shop, name: str) -> str:
    """The id that the one message to a number carried."""
    (found,) = (out_id for number, out_id in shop.rung if number == NUMBERS[name])
    return found


async def _until(shop: Shop, at: Micros) -> None:
    left = at - shop.clock.now()
    await shop.live(left, step=SECOND if left <= MINUTE else 5 * SECOND)

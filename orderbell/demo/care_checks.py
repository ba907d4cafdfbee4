"""What must have come of the scenes of care."""

from collections.abc import Iterator

from orderbell.demo.seen import Seen
from orderbell.demo.town import BAI, HAN, JIANG, LYU, ORDERS, QIAN, SHEN, TANG, XU
from schemas.outputs import CouponTold


def care_promises(seen: Seen) -> Iterator[tuple[str, list[str]]]:
    """Each promise, with what was wrong."""
    yield (
        "a VIP had a text message, a push beside it and a human, and a dear cancellation a human",
        _vip(seen),
    )
    yield "what did not reach a telephone went by push", _fallback(seen)
    yield "a refund was told by mail as well: amount and days", _mail(seen)
    yield "who wants to hear by WeChat had a card there, and nothing else", _card(seen)
    yield "a consignor was told of its goods, with nothing of the buyer's", _consignor(seen)
    yield "two new customers were given a coupon each, and found it in the inbox", _coupons(seen)
    yield "who agreed read of it in the text message of a late parcel, which says how to refuse", _coupon_told(seen)
    yield "two orders rode in one message, which names both", _merged(seen)
    yield "good news went to whom the trouble was told", _good_news(seen)


def _vip(seen: Seen) -> list[str]:
    tasks = [(task.order_id, task.reason) for task in seen.tasks]
    must = [("A1004", "high_value"), ("A1015", "vip")]
    problems = [] if tasks == must else [f"the tasks are {tasks}"]
    came = (len(seen.told(QIAN.number, "A1015")), len(seen.elsewhere(QIAN.device)))
    return problems if came == (1, 1) else [*problems, f"{came[0]} text messages and {came[1]} pushes came"]


def _fallback(seen: Seen) -> list[str]:
    states = [(vendor, status) for vendor, status, _ in seen.states(LYU.customer_id, "A1016")]
    must = [("aliyun", "accepted"), ("aliyun", "undelivered"), ("jpush", "accepted"), ("jpush", "delivered")]
    problems = [] if states == must else [f"it was {states}"]
    return problems if len(seen.elsewhere(LYU.device)) == 1 else [*problems, "no push came, or more than one"]


def _mail(seen: Seen) -> list[str]:
    mails = seen.elsewhere(HAN.mail)
    if len(mails) != 1:
        return [f"{len(mails)} mails came"]
    return [f"the mail does not say {word}" for word in ("A1017", "1280", "3") if word not in mails[0].text]


def _card(seen: Seen) -> list[str]:
    states = [(vendor, status) for vendor, status, _ in seen.states(TANG.customer_id, "A1022")]
    problems = [] if states == [("wechat", "accepted"), ("wechat", "delivered")] else [f"it was {states}"]
    cards = seen.elsewhere(TANG.openid)
    if len(cards) != 1 or "青瓷茶具" not in cards[0].text:
        problems.append(f"{len(cards)} cards came, or of something else")
    return problems


def _consignor(seen: Seen) -> list[str]:
    messages = [message.text for message in seen.messages if message.number == SHEN.number]
    if len(messages) != 1:
        return [f"{len(messages)} messages came"]
    order = next(order for order in ORDERS if order.order_id == "A1018")
    of_the_buyer = (XU.name, XU.number, XU.number[-4:], XU.customer_id, order.price)
    problems = [f"it says {word}" for word in of_the_buyer if word in messages[0]]
    return problems if "翡翠吊坠" in messages[0] else [*problems, "it does not name the goods"]


def _coupons(seen: Seen) -> list[str]:
    granted = [(coupon.customer_id, coupon.order_id) for coupon in seen.coupons]
    must = [(BAI.customer_id, "A1021"), (XU.customer_id, "A1018")]
    problems = [] if granted == must else [f"granted were {granted}"]
    told = [message.customer_id for message in seen.inbox if message.customer_id in (BAI.customer_id, XU.customer_id)]
    return problems if told == [BAI.customer_id, XU.customer_id] else [*problems, f"in the inboxes of {told}"]


def _coupon_told(seen: Seen) -> list[str]:
    said = [(d.order_id, d.coupon) for d in seen.decisions if d.coupon is not None]
    must = [("A1021", CouponTold.IN_MESSAGE), ("A1018", CouponTold.URGENT)]
    problems = [] if said == must else [f"the decisions say {said}"]
    texts = [message.text for message in seen.told(BAI.number, "A1021")]
    right = len(texts) == 1 and "10元券" in texts[0] and texts[0].endswith("拒收请回复R")
    return problems if right else [*problems, f"it read {texts}"]


def _merged(seen: Seen) -> list[str]:
    first, second = (seen.told(JIANG.number, order_id) for order_id in ("A1019", "A1020"))
    return [] if len(first) == 1 and first == second else [f"{len(first)} messages name one, {len(second)} the other"]


def _good_news(seen: Seen) -> list[str]:
    told = [(m.customer_id, m.kinds) for m in seen.inbox if "stock_replenished" in m.kinds]
    return [] if told == [(JIANG.customer_id, ["stock_replenished"])] else [f"the inboxes hold {told}"]

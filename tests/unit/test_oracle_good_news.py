"""The oracle knows which good news is due, to whom, and for how long it is true."""

from typing import Any

import pytest

from tests.oracle import Terms
from tests.unit.hand_made import MORNING, NO_GOOD_NEWS, HandMade, told_at

DAY = 86_400.0
BACK = "stock_replenished"
MOVES = "shipment_resumed"


class Shop(HandMade):
    """Everybody is told what the contract says, good news too."""

    def broken(self, terms: Terms | None = None) -> set[str]:
        return super().broken(terms or Terms())

    def news(self, event_id: str, kind: str, at: float, occurred: float | None = None, **fields: Any) -> None:
        """The command of good news."""
        of = {"sku": "S1"} if kind == BACK else {"carrier": "sf"}
        base: dict[str, Any] = {"urgency": "routine", "command_id": f"cmd-{event_id}-good", "facts": of}
        base |= {"tracking_no": "P-1"} if kind == MOVES else {}
        self.notify(event_id, kind, at, occurred, **(base | {"notify_by": told_at(at + 3_600)} | fields))

    def put(self, event_id: str, kind: str, at: float) -> None:
        """It lies in the inbox."""
        notification = f"n-{event_id}-good"
        message = {
            "message_id": f"{notification}.inbox",
            "notification_id": notification,
            "customer_id": "C1",
            "contact_id": "K0",
            "order_ids": ["A-1"],
            "kinds": [kind],
            "title": "好消息",
            "body": "好消息",
            "actions": [],
            "created_at": told_at(at),
        }
        self.write("inbox-messages", "C1", message, at)
        self.end(event_id, kind, "sent", "accepted", at, notification_id=notification)

    def end(self, event_id: str, kind: str, outcome: str, reason: str, at: float, **fields: Any) -> None:
        """How it ended."""
        self.decide(event_id, kind, outcome, reason, at, command_id=f"cmd-{event_id}-good", **fields)


def back(at: float = MORNING + 600, *, news: bool = True, told: bool = True) -> Shop:
    """Goods that were short are back; what was told of both is right, but for what is said."""
    run = Shop()
    run.order("e1", "stock.shortage", MORNING)
    if told:
        run.told("e1", "stock_shortage", MORNING)
    else:
        run.notify("e1", "stock_shortage", MORNING)
        run.decide("e1", "stock_shortage", "settled", "resolved", at)
    run.order("s1", "stock.replenished", at)
    run.settle("s1", "stock_shortage", at)
    if news:
        run.news("s1", BACK, at)
    return run


def moving(kind: str = "scanned", *, news: bool = True) -> Shop:
    """A parcel whose silence was told is heard of again."""
    run = Shop()
    at = MORNING + DAY + 600
    run.parcel("d1", "dispatched", MORNING)
    run.told("d1", "shipment_stalled", MORNING + DAY, MORNING)
    run.parcel("s1", kind, at)
    run.settle("s1", "shipment_stalled", at)
    run.parcel("x1", "delivered", at + 7_200)
    if news:
        run.news("s1", MOVES, at)
        run.put("s1", MOVES, at + 5)
        run.settle("x1", MOVES, at + 7_200, tracking_no="P-1")
    return run


def test_goods_that_are_back_are_to_be_told() -> None:
    run = back()
    run.put("s1", BACK, MORNING + 605)
    assert run.broken() == set()
    assert back(news=False).broken() == {"lost"}


def test_good_news_may_be_switched_off() -> None:
    assert back(news=False).said() == ""
    run = back()
    run.put("s1", BACK, MORNING + 605)
    assert run.broken(NO_GOOD_NEWS) == {"false"}


def test_goods_that_were_not_short_are_no_news() -> None:
    run = back()
    run.put("s1", BACK, MORNING + 605)
    run.order("s2", "stock.replenished", MORNING + 900)
    run.settle("s2", "stock_shortage", MORNING + 900)
    assert run.broken() == set()
    run.news("s2", BACK, MORNING + 900)
    run.put("s2", BACK, MORNING + 905)
    assert run.broken() == {"false"}


def test_of_an_order_that_is_over_there_is_no_good_news() -> None:
    run = Shop()
    run.order("e1", "stock.shortage", MORNING)
    run.told("e1", "stock_shortage", MORNING)
    run.order("c1", "order.completed", MORNING + 300)
    run.settle("c1", "*", MORNING + 300)
    run.order("s1", "stock.replenished", MORNING + 600)
    run.settle("s1", "stock_shortage", MORNING + 600)
    assert run.broken() == set()
    run.news("s1", BACK, MORNING + 600)
    run.end("s1", BACK, "settled", "order_closed", MORNING + 600)
    assert "false" in run.broken()


def test_good_news_is_true_until_the_goods_are_short_once_more() -> None:
    run = back()
    run.order("e2", "stock.shortage", MORNING + 602)
    run.told("e2", "stock_shortage", MORNING + 602)
    run.end("s1", BACK, "settled", "resolved", MORNING + 603)
    assert run.broken() == {"lost"}
    run.settle("e2", BACK, MORNING + 602, MORNING + 602 - 0.000001, subject="A-1:stock_replenished:S1")
    assert run.broken() == set()


def test_what_nobody_was_told_of_is_no_news() -> None:
    run = back(MORNING + 3, told=False)
    run.end("s1", BACK, "suppressed", "not_told", MORNING + 8)
    assert run.broken() == set()
    run = back(MORNING + 3, told=False)
    run.put("s1", BACK, MORNING + 8)
    assert run.broken() == {"false"}


@pytest.mark.parametrize(
    ("outcome", "promise"),
    [
        (("suppressed", "not_told"), "missed"),
        (("settled", "resolved"), "missed"),
        (("expired", "overtaken"), "missed"),
    ],
)
def test_who_was_told_of_the_trouble_is_told_the_good_news(outcome: tuple[str, str], promise: str) -> None:
    run = back()
    run.end("s1", BACK, *outcome, MORNING + 605)
    assert run.broken() == {promise}


def test_good_news_without_an_outcome_is_lost() -> None:
    assert back().broken() == {"lost"}


def test_what_is_sent_lies_in_the_inbox() -> None:
    run = back()
    run.end("s1", BACK, "sent", "accepted", MORNING + 605, notification_id="n-s1-good")
    assert run.broken() == {"lost"}


def test_good_news_is_routine() -> None:
    run = back(news=False)
    run.news("s1", BACK, MORNING + 600, urgency="urgent")
    run.put("s1", BACK, MORNING + 605)
    assert run.broken() == {"unexplained"}


def test_a_parcel_that_moves_again_is_to_be_told() -> None:
    assert moving().broken() == set()
    assert moving(news=False).broken() == {"missed"}


@pytest.mark.parametrize("kind", ["delay_reported", "delivered"])
def test_what_is_no_movement_is_not_told_as_one(kind: str) -> None:
    assert moving(kind, news=False).broken() == set()
    assert "false" in moving(kind).broken()


def test_a_second_movement_is_no_news() -> None:
    run = moving()
    run.parcel("s2", "scanned", MORNING + DAY + 900)
    run.news("s2", MOVES, MORNING + DAY + 900)
    run.put("s2", MOVES, MORNING + DAY + 905)
    run.settle("x1", MOVES, MORNING + DAY + 7_800, subject="other")
    assert "false" in run.broken()


def test_good_news_of_a_parcel_is_true_until_it_has_arrived() -> None:
    run = moving()
    run.written = [w for w in run.written if b'"cmd-x1-shipment_resumed"' not in (w.value or b"")]
    assert run.broken() == {"lost"}


def test_a_movement_of_long_ago_is_told_as_the_next_stall() -> None:
    run = Shop()
    at = MORNING + 2 * DAY
    run.parcel("d1", "dispatched", MORNING)
    run.told("d1", "shipment_stalled", MORNING + DAY, MORNING)
    run.parcel("s1", "scanned", at, MORNING + 600)
    run.settle("s1", "shipment_stalled", at, MORNING + 600)
    run.told("s1", "shipment_stalled", at, MORNING + 600)
    assert run.broken() == set()
    run.news("s1", MOVES, at, MORNING + 600)
    run.put("s1", MOVES, at + 5)
    run.settle("s1", MOVES, at, MORNING + 600, tracking_no="P-1")
    assert "false" in run.broken()


def test_a_shortage_after_the_good_news_does_not_make_it_news_though_both_were_read_at_once() -> None:
    run, read = Shop(), MORNING + 600
    run.disturb("worker", MORNING - 1, read + 1)
    run.order("e1", "stock.shortage", MORNING)
    run.order("s1", "stock.replenished", MORNING + 3)
    run.order("e2", "stock.shortage", MORNING + 300)
    run.notify("e1", "stock_shortage", read, MORNING)
    run.settle("s1", "stock_shortage", read, MORNING + 3)
    run.news("s1", BACK, read, MORNING + 3)
    run.settle("e2", BACK, read, MORNING + 300 - 0.000001, subject="A-1:stock_replenished:S1")
    run.decide("e1", "stock_shortage", "settled", "resolved", read + 5)
    run.end("s1", BACK, "suppressed", "not_told", read + 5)
    run.told("e2", "stock_shortage", read, MORNING + 300)
    assert run.broken() == set()

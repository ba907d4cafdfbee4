"""Good news at the sender: to whom the trouble was told, once, in the inbox, and while it is still so."""

from typing import Any

import pytest

from schemas.calls import ErrorClass, SendResult
from schemas.times import DAY, HOUR, MINUTE, SECOND
from tests.driver import rfc3339
from tests.sending import ANN, Post, accepted
from tests.unit.rules import rules_with

SHORT, BACK = "A1:stock_shortage:s1", "A1:stock_replenished:s1"


def back(post: Post, number: int = 1, **fields: Any) -> str:
    """What detection writes when the goods are back."""
    post.settle("stock_shortage", subject=SHORT, event_id=f"r{number}")
    return post.notify(
        "stock_replenished",
        command_id=f"back-{number}",
        subject=BACK,
        urgency="routine",
        facts={"sku": "s1", "item_name": "羊毛大衣"},
        event_id=f"r{number}",
        notify_by=rfc3339(post.now + HOUR),
        **fields,
    )


def short(post: Post, number: int = 1) -> None:
    """A shortage that is told."""
    post.notify("stock_shortage", subject=SHORT, command_id=f"short-{number}", event_id=f"e{number}")
    post.wait(6 * SECOND)
    post.accept()
    post.wait(MINUTE)


@pytest.fixture
def post() -> Post:
    post = Post()
    post.profile(ANN)
    return post


def test_goods_that_are_back_are_told_in_the_inbox(post: Post) -> None:
    short(post)
    back(post)
    post.wait(6 * SECOND)
    assert not post.sends
    [message] = post.inbox
    assert (message["title"], message["order_ids"], message["kinds"]) == ("商品已到货", ["A1"], ["stock_replenished"])
    assert "羊毛大衣" in message["body"]
    assert post.outcomes == [("sent", "accepted")] * 2


def test_what_was_settled_before_it_was_told_is_no_news(post: Post) -> None:
    post.notify("stock_shortage", subject=SHORT)
    back(post)
    post.wait(MINUTE)
    assert post.outcomes == [("settled", "resolved"), ("suppressed", "not_told")]
    assert not post.inbox


def test_that_a_consignor_was_told_is_no_reason_to_tell_the_buyer(post: Post) -> None:
    post.notify("stock_shortage", subject=SHORT, audience="consignor")
    post.wait(6 * SECOND)
    post.accept()
    back(post)
    post.wait(MINUTE)
    assert post.outcomes[-1] == ("suppressed", "not_told")


def test_good_news_is_told_once_for_each_trouble_that_was_told(post: Post) -> None:
    short(post)
    back(post)
    post.wait(MINUTE)
    post.notify("stock_shortage", subject=SHORT, command_id="short-2", event_id="e2")
    back(post, 2)
    post.wait(MINUTE)
    assert post.outcomes[-2:] == [("settled", "resolved"), ("suppressed", "not_told")]
    short(post, 3)
    back(post, 3)
    post.wait(MINUTE)
    assert len(post.inbox) == 2


def test_what_comes_to_light_after_the_good_news_is_not_told_anew(post: Post) -> None:
    post.profile(ANN, "13800000001")
    post.notify("stock_shortage", subject=SHORT)
    post.wait(6 * SECOND)
    first, second = post.sends
    post.finish(first, accepted())
    post.finish(second, SendResult(outcome="unknown", code="timeout"))
    back(post)
    post.wait(6 * SECOND)
    assert len(post.inbox) == 1
    post.report(second, "delivered")  # so it had been taken
    post.notify("stock_shortage", subject=SHORT, command_id="short-2", event_id="e2")
    back(post, 2)
    post.wait(MINUTE)
    assert post.outcomes[-2:] == [("settled", "resolved"), ("suppressed", "not_told")]


def test_while_the_trouble_is_under_way_good_news_waits(post: Post) -> None:
    post.notify("stock_shortage", subject=SHORT)
    post.wait(6 * SECOND)
    back(post)
    post.wait(4 * SECOND)
    assert not post.inbox
    post.accept()
    post.wait(MINUTE)
    assert len(post.inbox) == 1


def test_goods_that_are_short_once_more_stop_good_news_that_waits(post: Post) -> None:
    short(post)
    post.wait(10 * HOUR)
    back(post)
    post.wait(HOUR)
    post.settle("stock_replenished", subject=BACK, event_id="e2")
    assert post.outcomes[-1] == ("settled", "resolved")
    post.wait(DAY)
    assert not post.inbox


def test_the_stall_that_counts_from_a_movement_stops_the_good_news_of_it() -> None:
    post = Post(rules=rules_with('[kinds.shipment_resumed]\nmerge_hold = "30m"'))
    post.profile(ANN)
    of: dict[str, Any] = {"subject": "A1:shipment_resumed:T-A1", "event_id": "scan-2", "facts": {"carrier": "sf"}}
    post.notify("shipment_resumed", urgency="routine", tracking_no="T-A1", notify_by=rfc3339(post.now + HOUR), **of)
    post.settle("shipment_resumed", subject=of["subject"], event_id="scan-2")
    assert post.outcomes == [("settled", "resolved")]


def test_where_no_channel_is_named_for_the_tier_nothing_is_told() -> None:
    rules = rules_with('[kinds.stock_replenished]\nchannels = []\nchannels_by_tier = { vip = ["inbox"] }')
    for tier, outcome in (("regular", ("suppressed", "switched_off")), ("vip", ("sent", "accepted"))):
        post = Post(rules=rules)
        post.profile(ANN, tier=tier)
        short(post)
        back(post)
        post.wait(MINUTE)
        assert post.outcomes[-1] == outcome


def test_two_contacts_are_each_asked_to_renew_what_proved_wrong(post: Post) -> None:
    post.profile("13900000001", "13800000001")
    post.notify()
    post.held()
    for call in list(post.sends):
        post.finish(call, SendResult(outcome="rejected", error_class=ErrorClass.BAD_NUMBER, code="isv.NO"))
    assert [message["contact_id"] for message in post.inbox] == ["k0", "k1"]
    assert len({message["message_id"] for message in post.inbox}) == 2


def test_what_the_customer_hears_as_the_consignor_of_the_same_goods_is_another_matter(post: Post) -> None:
    short(post)
    post.notify("stock_shortage", subject=SHORT, command_id="theirs", event_id="e9", audience="consignor")
    post.wait(6 * SECOND)
    post.no_answer()  # the consignor's is in doubt, and the buyer's good news does not wait for it
    back(post)
    post.wait(6 * SECOND)
    assert [message["kinds"] for message in post.inbox] == [["stock_replenished"]]


def test_a_message_that_is_found_to_be_taken_after_the_good_news_is_no_new_trouble() -> None:
    post = Post()
    post.profile("13900000001", "13800000001")
    post.notify("stock_shortage", subject=SHORT, command_id="short-1", event_id="e1")
    post.wait(6 * SECOND)
    first, second = post.sends
    post.accept(first)
    back(post)
    post.wait(6 * SECOND)
    post.accept(second, "m-2")
    post.notify("stock_shortage", subject=SHORT, command_id="short-2", event_id="e2")
    back(post, 2)
    post.wait(MINUTE)
    assert post.outcomes[-2:] == [("settled", "resolved"), ("suppressed", "not_told")]
    assert len(post.inbox) == 1

"""What stands in the inbox: actions that a customer can take, and a remedy that helps."""

import pytest

from schemas.words import Channel, Kind
from streams.policy.care import renewal_words
from streams.policy.case import Case
from streams.policy.inbox import inbox_text


def offered(kind: Kind, **facts: object) -> dict[str, str]:
    text = inbox_text([Case(kind, "A1", facts, now=0)], "t", "…")
    return {action.action: action.label for action in text.actions}


@pytest.mark.parametrize("kind", ["stock_shortage", "order_cancelled"])
def test_no_refund_is_offered_for_what_was_not_paid(kind: Kind) -> None:
    assert "退款" in "".join(offered(kind, paid=True).values())
    unpaid = offered(kind, paid=False)
    assert "退款" not in "".join(unpaid.values())
    assert unpaid.keys().isdisjoint({"refund", "view_refund"})


def test_an_unpaid_order_that_lacks_goods_can_be_cancelled() -> None:
    assert offered("stock_shortage", paid=False)["cancel"] == "取消订单"


def test_nobody_waits_for_what_will_not_come_back() -> None:
    assert "wait" in offered("stock_shortage")
    assert "wait" not in offered("stock_shortage", unique=True)


@pytest.mark.parametrize(
    ("channel", "remedy"),
    [("sms", "账户资料页"), ("email", "账户资料页"), ("push", "重新打开应用"), ("wechat", "重新关注公众号")],
)
def test_who_is_not_reached_reads_what_helps_on_that_channel(channel: Channel, remedy: str) -> None:
    _, body = renewal_words(channel, "+8613900000001")
    assert remedy in body
    assert "1390" not in body

"""Whom a human looks after, and what a new customer is given."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from schemas.rules import Mechanism
from schemas.words import Channel, NoticeKind, Tier
from streams.policy.case import Case
from streams.policy.coupon import Coupon
from streams.policy.inbox import TITLES
from streams.policy.rules import Rules

TaskReason = Literal["vip", "high_value"]

_MONEY = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,4})?")
_NOTES: Mapping[TaskReason, str] = {
    "vip": "VIP客户的订单：{what}。通知已发出，请主动联系客户跟进。",
    "high_value": "高价订单：{what}。请致电客户说明原因和退款，安抚客户。",
}


def task_reason(kind: NoticeKind, facts: Mapping[str, Any], tier: Tier, rules: Rules) -> TaskReason | None:
    """Why a human is to follow up, if so: a cancellation of high value whatever the tier, else whatever troubles a VIP.

    Tiers differ in care and speed only, never in refund, deadline or right (PIPL art. 24).
    """
    if high_value(kind, facts, rules):
        return "high_value"
    return "vip" if tier == "vip" else None


def high_value(kind: NoticeKind, facts: Mapping[str, Any], rules: Rules) -> bool:
    """Whether a cancelled order was worth so much that somebody calls."""
    worth = amount(facts)
    return kind == "order_cancelled" and worth is not None and Decimal(worth) >= rules.high_value


def amount(facts: Mapping[str, Any]) -> str | None:
    """The amount of the cancellation or of the order, CNY as it was written; ``None`` where none can be read."""
    written = facts.get("amount")
    return written if isinstance(written, str) and _MONEY.fullmatch(written) else None


def note(kind: NoticeKind, reason: TaskReason) -> str:
    """What the human reads: what happened and what to do, with nothing personal."""
    return _NOTES[reason].format(what=TITLES.get(kind, kind))


def coupon_words(coupon: Coupon) -> tuple[str, str]:
    """Title and body of the message that tells of a coupon."""
    day = coupon.before
    return (
        "一张优惠券，聊表歉意",
        f"给您添麻烦了，{coupon.worth}元优惠券已放入您的账户，{day.month}月{day.day}日前可用，感谢您的理解。",
    )


CONFIRMATION = ("请核对联系方式", "您好，请抽空到账户资料页核对手机号和收货地址，以免错过订单通知，谢谢配合。")
"""Title and body of the message that asks to look through what was confirmed long ago."""


def renewal_words(channel: Channel, address: str) -> tuple[str, str]:
    """Title and body of the message that asks to renew an address that proved wrong. It shows no more than a tail."""
    page = "请到账户资料页更新"
    wrong, remedy = {
        "sms": (f"您预留的手机号（尾号{address[-4:]}）收不到短信", page),
        "email": ("您预留的邮箱收不到邮件", page),
        "push": ("您的手机收不到应用通知", "请重新打开应用并允许通知"),
        "wechat": ("您的微信收不到服务通知", "请重新关注公众号"),
        "inbox": ("您的站内信收不到", page),
    }[channel]
    return "请更新联系方式", f"您好，{wrong}，{remedy}，以免错过订单通知，谢谢。"


def mechanisms(case: Case, rules: Rules) -> frozenset[Mechanism]:
    """What keeps promises that a text to the buyer of ``case`` may make."""
    kept = set[Mechanism]()
    if case.audience == "buyer":
        if case.tier == "vip":
            kept.add("human_follow_up")
        if case.coupon is not None:
            kept.add("coupon")
        if high_value(case.kind, case.facts, rules):
            kept.add("call_back")
        if rules.kinds["stock_replenished"].plans[case.tier]:
            kept.add("restock_notice")
        if rules.kinds["shipment_resumed"].plans[case.tier]:
            kept.add("progress_notice")
    return frozenset(kept)

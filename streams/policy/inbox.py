"""What stands in a customer's inbox: a title, the notice's own words, and what the reader can do."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.outputs import Action
from schemas.words import Audience, NoticeKind
from streams.policy.case import Case

TITLES: Mapping[NoticeKind, str] = {
    "payment_failed": "付款未成功",
    "stock_shortage": "商品缺货",
    "address_undeliverable": "收货地址异常",
    "order_cancelled": "订单已取消",
    "shipment_stalled": "物流延迟",
    "stock_replenished": "商品已到货",
    "shipment_resumed": "包裹恢复运输",
    "contact_invalid": "请更新联系方式",
    "contact_check": "请核对联系方式",
}
SEVERAL = "订单有新情况"
"""The title of a message of several kinds."""

_ACTIONS: Mapping[tuple[Audience, NoticeKind], tuple[tuple[str, str], ...]] = {
    ("buyer", "payment_failed"): (("重新付款", "pay"),),
    ("buyer", "stock_shortage"): (("申请退款", "refund"), ("换购", "exchange"), ("继续等待", "wait")),
    ("buyer", "address_undeliverable"): (("修改地址", "edit_address"),),
    ("buyer", "order_cancelled"): (("查看退款", "view_refund"), ("联系客服", "contact_service")),
    ("buyer", "shipment_stalled"): (("查看物流", "track"), ("联系客服", "contact_service")),
    ("buyer", "stock_replenished"): (("查看订单", "view_order"),),
    ("buyer", "shipment_resumed"): (("查看物流", "track"),),
    ("consignor", "stock_shortage"): (("补货", "restock"), ("查看寄售", "view_consignment")),
    ("consignor", "order_cancelled"): (("查看寄售", "view_consignment"),),
}
_UNPAID = {"view_refund": ("重新下单", "reorder"), "refund": ("取消订单", "cancel")}
"""Of an unpaid order there is no refund to look at or to ask for."""


class InboxText(NamedTuple):
    """A message as the inbox shows it."""

    template_id: str
    title: str
    body: str
    actions: tuple[Action, ...]


def title(cases: Sequence[Case]) -> str:
    """The title of what tells ``cases``."""
    kinds = {case.kind for case in cases}
    return TITLES.get(cases[0].kind, SEVERAL) if len(kinds) == 1 else SEVERAL


def inbox_text(cases: Sequence[Case], template_id: str, body: str) -> InboxText:
    """The message that tells ``cases`` in the words ``body``, with each action that belongs to one of them once."""
    offered: dict[str, str] = {}
    for case in cases:
        for label, action in _ACTIONS.get((case.audience, case.kind), ()):
            if action in _UNPAID and case.facts.get("paid") is False:
                label, action = _UNPAID[action]
            if action == "wait" and case.facts.get("unique") is True:
                continue
            offered.setdefault(action, label)
    actions = tuple(Action(label=label, action=action) for action, label in offered.items())
    return InboxText(template_id, title(cases), body, actions)

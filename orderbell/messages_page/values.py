"""What stands in the messages that are shown: for each variable the facts that give it a value, the longest first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from schemas.times import micros
from schemas.words import NoticeKind
from streams.policy.coupon import Coupon, day_of
from streams.policy.rules import Rules

Facts = Mapping[str, Any]

NOW = micros(datetime.fromisoformat("2026-11-23T09:30:00+08:00"))
"""The moment at which all is told."""


class Numbers(NamedTuple):
    """Orders' and parcels' numbers of one length."""

    orders: tuple[str, ...]
    parcels: tuple[str, ...]


_ENDINGS = ("4702", "0815", "3390", "7741", "1206", "5528", "9063", "2417", "6684")
_ENDLESS = tuple(f"{'Consignment-' * 5}{ending}" for ending in _ENDINGS)

LONG = Numbers(
    tuple(f"20261123000018{ending}" for ending in _ENDINGS), tuple(f"SF2026112300{ending}" for ending in _ENDINGS)
)
"""As long as a text takes whole."""
ENDLESS = Numbers(_ENDLESS, _ENDLESS)
"""Of as many characters as an id can have."""
SHORT = Numbers(tuple("742913568"), tuple("742913568"))

_NAME = "经典款黑色小羊皮菱格链条包 金扣中号"
_OF_KIND: Mapping[NoticeKind, Mapping[str, tuple[Facts, ...]]] = {
    "payment_failed": {"reason": ({"reason": "card_error"}, {"reason": "insufficient_funds"})},
    "order_cancelled": {
        "reason": ({"reason": "鉴定不通过"}, {"reason": "停产"}),
        "days": tuple({"refund_days": days} for days in ("10-15", "1-3", 1)),
    },
    "address_undeliverable": {"reason": ({}, {"reason": "门牌号缺失"})},
}
_SILENT: tuple[Facts, ...] = (
    {"hours": 720, "last_update_at": "2026-10-24T09:30:00+08:00"},
    {"hours": 24, "last_update_at": "2026-11-22T09:30:00+08:00"},
)
_OF_ALL: Mapping[str, tuple[Facts, ...]] = {
    "item": ({"name": _NAME, "item_name": _NAME}, {"name": "包", "item_name": "包"}),
    "alt": ({"alternatives": [{"name": "复古款棕色小牛皮水桶包"}]}, {"alternatives": [{"name": "表"}]}),
    "cause": ({"cause": "weather"},),
    "hours": _SILENT,
    "silent_days": _SILENT,
    "days": tuple({"expected_days": days} for days in ("10-15", "3-5", 1)),
    "amount": tuple({"amount": amount} for amount in ("99999.99", "4999.99", "8600", "1")),
    "date": ({"restock_at": "2026-12-31"}, {"restock_at": "2027-01-01"}),
    "area": ({"area": "新巴尔虎左旗"}, {"area": "杭州"}),
    "last_update": _SILENT,
    "pay_by": ({"pay_by": "2026-11-23T22:30:00+08:00"},),
    "phone_tail": ({"phone_tail": "0001"},),
}
_SAME = {"total": "amount", "refund_by": "days", "reason1": "reason"}


def of(name: str, kind: NoticeKind) -> tuple[Facts, ...]:
    """Facts that give a variable its values; none for what no fact gives, such as an order's number."""
    name = _SAME.get(name, name)
    return _OF_KIND.get(kind, {}).get(name) or _OF_ALL.get(name, ())


def coupon(rules: Rules) -> Coupon:
    """The coupon that was given."""
    return Coupon(rules.coupon_amount, day_of(NOW + rules.coupon_valid, rules.time_zone))

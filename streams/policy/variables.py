"""What stands for a variable of a text: the facts of a case in words that fit, or nothing."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from schemas.rules import SmsProvider
from schemas.times import instant
from streams.policy.case import Case
from streams.policy.cleaning import clean, harmless, is_han, shorten
from streams.policy.naming import TAIL, named
from streams.policy.reasons import CAUSES, address_reason, cancellation_reason, payment_reason
from streams.policy.rules import Rules
from streams.policy.template import Wording

PRODUCT = "商品"
"""What a product is called of which no name is known that can be told."""

_DAYS = re.compile(r"([0-9]{1,3})(?:-([0-9]{1,3}))?")
_MONEY = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,4})?")
_PROVINCE = re.compile(r"^.{2,6}?(?:省|自治区)")

_Value = Callable[[Case, int, Rules], str | None]


def fill(wording: Wording, case: Case, rules: Rules, provider: SmsProvider) -> dict[str, str] | None:
    """A value for each variable, none empty, over its length or over what ``provider`` takes; ``None`` where one is
    not known or doesn't fit."""
    limit = rules.limits[provider].variable_limit
    values: dict[str, str] = {}
    for name in wording.variables:
        longest = min(wording.longest[name], limit)
        value = value_of(name, case, longest, rules)
        if not value or len(value) > longest:
            return None
        values[name] = value
    return values


def value_of(name: str, case: Case, longest: int, rules: Rules) -> str | None:
    """What stands for a variable in a text of one case, ``None`` where that is not known; perhaps too long."""
    found = _VALUES.get(name) or _OF_COUPONS.get(name)
    return None if found is None else found(case, longest, rules)


def _number(text: str | None, longest: int) -> str | None:
    """An order or tracking number, whole or by its end."""
    return named(text, text[-TAIL:], longest) if text else None


def _order(case: Case, longest: int, rules: Rules) -> str | None:
    return _number(case.order_id, longest)


def _tracking(case: Case, longest: int, rules: Rules) -> str | None:
    return _number(case.tracking_no, longest)


def _tail(case: Case, longest: int, rules: Rules) -> str | None:
    return case.order_id[-TAIL:]


def _parcel(case: Case, longest: int, rules: Rules) -> str | None:
    return case.tracking_no[-TAIL:] if case.tracking_no else None


def _item(case: Case, longest: int, rules: Rules) -> str | None:
    for name in () if case.plain else ("name", "item_name"):
        if short := _named(case.facts.get(name), longest, rules):
            return short
    return PRODUCT


def _alternative(case: Case, longest: int, rules: Rules) -> str | None:
    offered = None if case.plain else case.facts.get("alternatives")
    first = offered[0] if isinstance(offered, list | tuple) and offered else None
    return _named(first.get("name"), longest, rules) if isinstance(first, dict) else None


def _reason(case: Case, longest: int, rules: Rules) -> str | None:
    if case.kind == "payment_failed":
        return payment_reason(case.facts)
    if case.kind == "order_cancelled":
        return cancellation_reason(case.facts, case.audience, rules.sensitive, plain=case.plain)
    return address_reason(case.facts) if case.kind == "address_undeliverable" else None


def _cause(case: Case, longest: int, rules: Rules) -> str | None:
    cause = case.facts.get("cause")
    return CAUSES.get(cause) if isinstance(cause, str) else None


def _hours(case: Case, longest: int, rules: Rules) -> str | None:
    """The hours of silence. Of more than there is room for, the most that there is room for is still true."""
    hours = _count(case.facts.get("hours"))
    return str(min(hours, 10**longest - 1)) if hours else None


def _silent_days(case: Case, longest: int, rules: Rules) -> str | None:
    days = _count(case.facts.get("hours")) // 24
    return str(min(days, 10**longest - 1)) if days else None


def _days(case: Case, longest: int, rules: Rules) -> str | None:
    """The days of a delay, or within which a refund comes: of those the upper bound alone is true as well."""
    refund = case.kind == "order_cancelled"
    few, many = _range(case.facts.get("refund_days" if refund else "expected_days"))
    if many == 0:
        return None
    span = str(many) if few == many else f"{few}-{many}"
    return str(many) if refund and len(span) > longest else span


def _amount(case: Case, longest: int, rules: Rules) -> str | None:
    amount = amount_of(case)
    return None if amount is None else yuan(amount, longest)


def amount_of(case: Case) -> Decimal | None:
    """The amount of money that upstream named, as exact as it was written; ``None`` where there is none."""
    written = case.facts.get("amount")
    if not isinstance(written, str) or not _MONEY.fullmatch(written):
        return None
    return Decimal(written) or None


def yuan(amount: Decimal, longest: int) -> str | None:
    """An amount as it was written, with two decimals or none; whole where there is no room for them.

    ``None`` where it has parts of a cent.
    """
    whole = str(int(amount))
    if amount == int(amount) and (amount.as_tuple().exponent == 0 or len(whole) + 3 > longest):
        return whole
    cents = f"{amount:.2f}"
    return cents if Decimal(cents) == amount else None


def _date(case: Case, longest: int, rules: Rules) -> str | None:
    day = restock_day(case, rules)
    return None if day is None else f"{day.month}月{day.day}日"


def restock_day(case: Case, rules: Rules) -> date | None:
    """The day on which goods come, by the rules' zone. A day that has passed is no news."""
    try:
        day = _day(case.facts.get("restock_at"), rules.time_zone)
        today = instant(case.now).astimezone(rules.time_zone).date()
    except (ValueError, OverflowError):
        return None
    return day if day is not None and day >= today else None


def _area(case: Case, longest: int, rules: Rules) -> str | None:
    """A city or county. What has digits or is long may be an address, and is not repeated; nor one with a sensitive
    word, since half of its name is another place."""
    written = None if case.plain else case.facts.get("area")
    area = clean(written) if isinstance(written, str) else ""
    if len(area) > longest:
        area = _PROVINCE.sub("", area)
    return area if is_han(area) and not rules.sensitive.found(area) else None


def _named(name: Any, longest: int, rules: Rules) -> str | None:
    """A product's name, without what can't be told of it."""
    short = shorten(clean(name, rules.sensitive), longest) if isinstance(name, str) else None
    # A cut may put together what was apart.
    return short if short and harmless(short, rules.sensitive) else None


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _range(value: Any) -> tuple[int, int]:
    """The least and the greatest of a number of days, both 0 where it is none."""
    match = _DAYS.fullmatch(value) if isinstance(value, str) else _DAYS.fullmatch(str(_count(value)))
    if match is None:
        return 0, 0
    few, many = int(match[1]), int(match[2] or match[1])
    return (few, many) if few <= many else (0, 0)


def _day(value: Any, zone: ZoneInfo) -> date | None:
    if isinstance(value, str):
        value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(zone).date() if value.tzinfo else None
    return value if isinstance(value, date) else None


def _coupon(case: Case, longest: int, rules: Rules) -> str | None:
    return case.coupon.worth if case.coupon else None


def _valid_until(case: Case, longest: int, rules: Rules) -> str | None:
    return f"{case.coupon.before.month}月{case.coupon.before.day}日" if case.coupon else None


_VALUES: dict[str, _Value] = {
    "order": _order,
    "tail": _tail,
    "tracking": _tracking,
    "parcel": _parcel,
    "item": _item,
    "alt": _alternative,
    "reason": _reason,
    "cause": _cause,
    "hours": _hours,
    "silent_days": _silent_days,
    "days": _days,
    "amount": _amount,
    "date": _date,
    "area": _area,
}

FOR_ONE = frozenset(_VALUES)
"""The variables that one case fills by itself."""
_OF_COUPONS: dict[str, _Value] = {"coupon": _coupon, "valid_until": _valid_until}

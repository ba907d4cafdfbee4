"""What stands in a field of a template message: a value of the field's type, or none.

Types and limits are the vendor's (documentation of the category templates). What does not keep to them is refused
(47003), and so is an empty field. Lengths are characters.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from schemas.times import instant
from streams.policy.case import Case
from streams.policy.reasons import CAUSES, OUR_WORDS
from streams.policy.rules import Rules
from streams.policy.variables import FOR_ONE, restock_day, value_of
from streams.policy.wechat_template import Field, FieldType

LONGEST: Mapping[FieldType, int] = {
    "thing": 20,
    "character_string": 32,
    "number": 32,
    "phrase": 5,
    "const": 20,
    "time": 34,
    "date": 34,
    "amount": 13,  # a sign of the currency, ten digits and their point, 元
}

_REASON, _CAUSE = max(map(len, OUR_WORDS)), max(map(len, CAUSES.values()))
WIDEST: Mapping[str, int] = {
    "tail": 4,
    "parcel": 4,
    "reason": _REASON,
    "cause": _CAUSE,
    "hours": 4,
    "silent_days": 3,
    "days": 7,
    "amount": 11,
    "date": 6,
    "area": 6,  # what is longer may be an address
}
"""The room that is kept for a variable that is not cut: a reason above all."""
NARROWEST: Mapping[str, int] = {"order": 7, "tracking": 7, "item": 2, "alt": 3}
"""The least room for a variable that is cut to what the others leave; there is one of them in a field."""

VARIABLES: Mapping[FieldType, frozenset[str]] = {
    "thing": FOR_ONE,
    "character_string": frozenset({"order", "tail", "tracking", "parcel", "hours", "silent_days", "days", "amount"}),
    "number": frozenset({"hours", "silent_days", "amount"}),
    "phrase": frozenset({"reason", "cause"}),
    "const": frozenset({"reason", "cause"}),
    "time": frozenset({"time", "last_update"}),
    "date": frozenset({"time", "last_update", "date"}),
    "amount": frozenset({"amount"}),
}
"""What can stand in a field of a type. ``time`` is when the customer is told, ``last_update`` when the parcel was last
heard of."""

BARE: frozenset[FieldType] = frozenset({"number", "phrase", "const", "time", "date", "amount"})
"""Types in which a variable stands alone, and so has all the room."""

OF_THE_BUYER = frozenset({"amount", "area", "tracking", "parcel"})
"""What a consignor must not read (PIPL, art. 23)."""

_MONEY_DIGITS = 10
_FIRST_YEAR = 2000


def value(field: Field, case: Case, rules: Rules) -> str | None:
    """What stands in the field; ``None`` where that is not known or doesn't fit."""
    if field.type == "const":
        # The vendor takes only what it was shown before: our own words, nobody else's.
        case = replace(case, plain=True)
    values: dict[str, str] = {}
    # What is never cut comes first, what is cut gets the rest.
    for name in sorted(field.variables, key=lambda name: name in NARROWEST):
        room = LONGEST[field.type] - field.fixed - len("".join(values.values()))
        if field.type not in BARE:
            room = min(room, WIDEST.get(name, room))
        found = _variable(field.type, name, case, room, rules)
        if not found or len(found) > room:
            return None
        values[name] = found
    return field.fill(values)


def _variable(of: FieldType, name: str, case: Case, room: int, rules: Rules) -> str | None:
    match of, name:
        case "character_string", "order":
            return _by_its_end(case.order_id, room)
        case "character_string", "tracking":
            return None if case.tracking_no is None else _by_its_end(case.tracking_no, room)
        case (("time" | "date"), _):
            return _MOMENTS[name](case, rules)
        case "amount", _:
            return _money(value_of(name, case, WIDEST[name], rules))
    return value_of(name, case, room, rules)


def _by_its_end(number: str, room: int) -> str:
    """A number where no Chinese may stand: whole, or its end behind three points."""
    return number if len(number) <= room else f"...{number[3 - room :]}"


def _money(amount: str | None) -> str | None:
    """With the sign of the currency, without which it was seen to be left out."""
    if amount is None or sum(map(str.isdigit, amount)) > _MONEY_DIGITS:
        return None
    return f"¥{amount}"


def _told_at(case: Case, rules: Rules) -> str | None:
    return _minute(instant(case.now), rules)


def _last_update(case: Case, rules: Rules) -> str | None:
    written = case.facts.get("last_update_at")
    try:
        moment = datetime.fromisoformat(written) if isinstance(written, str) else None
        if moment is None or moment.tzinfo is None or moment.year < _FIRST_YEAR:
            return None
        return _minute(moment, rules)
    except (ValueError, OverflowError):
        return None


def _restock_day(case: Case, rules: Rules) -> str | None:
    day = restock_day(case, rules)
    return None if day is None else f"{day.year}年{day.month}月{day.day}日"


def _minute(moment: datetime, rules: Rules) -> str:
    """A moment by the clock of the rules' zone, in the vendor's form."""
    there = moment.astimezone(rules.time_zone)
    return f"{there.year}年{there.month}月{there.day}日 {there:%H:%M}"


_MOMENTS: Mapping[str, Callable[[Case, Rules], str | None]] = {
    "time": _told_at,
    "last_update": _last_update,
    "date": _restock_day,
}

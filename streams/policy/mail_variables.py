"""What stands for a variable of a mail. There is more room than in a text message, so more is said; but numbers of
parcels and telephones are named by their ends here too, for mails lie about for years."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from schemas.times import instant
from streams.policy.case import Case
from streams.policy.rules import Rules
from streams.policy.variables import PRODUCT, value_of

_ROOM = 64
"""Units of the longest value. An order's number is whole."""
_LONGEST: Mapping[str, int] = {"hours": 4, "silent_days": 3}
_SHARED = frozenset(
    {"order", "tail", "parcel", "alt", "reason", "cause", "hours", "silent_days", "days", "amount", "date", "area"}
)
"""Variables that mean the same in a text message."""


def value(name: str, case: Case, rules: Rules) -> str | None:
    """The value of a variable, ``None`` where it is not known."""
    if name in _SHARED:
        return value_of(name, case, _LONGEST.get(name, _ROOM), rules) or None
    return _OWN[name](case, rules)


def day_in_words(day: date, today: date) -> str:
    """A day, with its year where that is another one."""
    return f"{day.month}月{day.day}日" if day.year == today.year else f"{day.year}年{day.month}月{day.day}日"


def _item(case: Case, rules: Rules) -> str | None:
    """The product's name: where it has none that can be told, nothing is better than a word for all products."""
    name = value_of("item", case, _ROOM, rules)
    return None if name == PRODUCT else name


def _refund_by(case: Case, rules: Rules) -> str | None:
    """The last day of a refund, its working days counted from today. Where it began sooner, that is still true."""
    days = value_of("days", case, _ROOM, rules) if case.kind == "order_cancelled" else None
    if days is None:
        return None
    today = _today(case, rules)
    last = rules.working_days.after(today, int(days.rpartition("-")[2]))
    return None if last is None else day_in_words(last, today)


def _pay_by(case: Case, rules: Rules) -> str | None:
    """Until when it can be paid; what has passed is no news."""
    until = _moment(case.facts.get("pay_by"))
    return None if until is None or until <= instant(case.now) else _moment_in_words(until, case, rules)


def _last_update(case: Case, rules: Rules) -> str | None:
    at = _moment(case.facts.get("last_update_at"))
    return None if at is None else _moment_in_words(at, case, rules)


def _phone_tail(case: Case, rules: Rules) -> str | None:
    tail = case.facts.get("phone_tail")
    return tail if isinstance(tail, str) and re.fullmatch("[0-9]{4}", tail) else None


def _moment(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


def _moment_in_words(at: datetime, case: Case, rules: Rules) -> str | None:
    try:
        local = at.astimezone(rules.time_zone)
    except (OverflowError, ValueError):
        return None
    return f"{day_in_words(local.date(), _today(case, rules))} {local.hour:02}:{local.minute:02}"


def _today(case: Case, rules: Rules) -> date:
    return instant(case.now).astimezone(rules.time_zone).date()


_OWN: Mapping[str, Callable[[Case, Rules], str | None]] = {
    "item": _item,
    "refund_by": _refund_by,
    "pay_by": _pay_by,
    "last_update": _last_update,
    "phone_tail": _phone_tail,
}

VARIABLES = _SHARED | frozenset(_OWN)
"""The variables that a mail's text can have."""

OF_CONSIGNORS = frozenset({"order", "tail", "item", "reason", "date"})
"""Those of a text to a consignor: none holds anything of the buyer but the order's number."""

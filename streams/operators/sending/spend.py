"""What was spent today, by provider and by merchant, and whether more may be.

A budget is for the account and a day of the rules' zone; each task has its part of it, since none knows what another
spends. Money counts when a message was taken. So what is under way when a budget is used up still goes: at most as many
messages as there are slots.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec

from schemas.times import Micros, instant
from streams.engine.turn import Turn
from streams.policy.rules import Rules

_PREFIX = "*spent/"
"""What the keys in the task's table begin with: no customer's id, which has no asterisk."""


class Spent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="spent"):
    """CNY of one day, numbered from the first of the calendar. ``until`` is the day's end."""

    day: int
    amount: Decimal
    until: Micros


def paid(turn: Turn[Any, Rules], provider: str, merchant_id: str | None, cost: Decimal) -> None:
    """A message was taken. What has no budget is not counted."""
    budget = turn.rules.file.budget
    if cost and provider in budget.providers:
        _add(turn, f"provider/{provider}", cost)
    if cost and merchant_id in budget.merchants:
        _add(turn, f"merchant/{merchant_id}", cost)


def due(turn: Turn[Any, Rules], key: bytes, spent: Spent) -> None:
    """Forgets what was spent on a day that is over."""
    if spent.until <= turn.wall:
        turn.delete(key)


def used_up(
    turn: Turn[Any, Rules], provider: str, merchant_id: str | None, tasks: int, *, marketing: bool = False
) -> bool:
    """Whether the day's budget of the provider or of the merchant is spent; for marketing, the part that it may use."""
    budget = turn.rules.file.budget
    limits = [(f"provider/{provider}", budget.providers.get(provider))]
    if merchant_id is not None:
        limits.append((f"merchant/{merchant_id}", budget.merchants.get(merchant_id)))
    for what, limit in limits:
        if limit is not None:
            part = Decimal(limit) / tasks
            if _today(turn, what) >= (part * budget.marketing_percent / 100 if marketing else part):
                return True
    return False


def _add(turn: Turn[Any, Rules], what: str, cost: Decimal) -> None:
    day, until = _day(turn.wall, turn.rules)
    turn.put(_key(what), Spent(day=day, amount=_today(turn, what) + cost, until=until))


def _today(turn: Turn[Any, Rules], what: str) -> Decimal:
    found = turn.get(_key(what))
    return found.amount if isinstance(found, Spent) and found.day == _day(turn.wall, turn.rules)[0] else Decimal(0)


def _day(now: Micros, rules: Rules) -> tuple[int, Micros]:
    local = instant(now).astimezone(rules.time_zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return local.toordinal(), int(midnight.timestamp() * 1_000_000)


def _key(what: str) -> bytes:
    return f"{_PREFIX}{what}".encode()

"""Whether rules can tell a kind at all: else what can't be told would be noticed only when it happens."""

from collections.abc import Callable
from typing import get_args

from schemas.rules import SmsProvider
from schemas.words import Audience, Kind, RuledKind, Tier
from streams.policy.case import Case
from streams.policy.rules import Rules
from streams.policy.templates import choose

CONSIGNORS_HEAR: tuple[Kind, ...] = ("stock_shortage", "order_cancelled")
"""What consignors are told of."""

_LONGEST_ID = "A" * 64


def untold(rules: Rules, kind: RuledKind, provider: SmsProvider, audience: Audience = "buyer") -> str | None:
    """The first state of an order in which no text at ``provider`` tells ``audience`` of ``kind`` when nothing but the
    order is known; ``None`` where there is no such state."""
    return unmet(kind, lambda case: choose(rules, case, provider=provider) is not None, audience)


def unmet(kind: RuledKind, told: Callable[[Case], bool], audience: Audience = "buyer") -> str | None:
    """The first state of an order in which ``audience`` is not ``told`` of ``kind`` when nothing else is known."""
    for tier in get_args(Tier):
        for paid in (True, False, None):
            for unique in (True, False):
                facts = {"reason": "card_error", "paid": paid, "unique": unique}
                case = Case(kind, _LONGEST_ID, facts, now=0, tracking_no=_LONGEST_ID, audience=audience, tier=tier)
                if not told(case):
                    return f"tier {tier}, paid {_said(paid)}, unique {_said(unique)}"
    return None


def _said(answer: bool | None) -> str:
    return "unknown" if answer is None else "yes" if answer else "no"

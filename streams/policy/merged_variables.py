"""What stands for a variable of a text that tells several cases: what they have in common, or all of it in one.

The cases of a text whose variables are numbered fall into parts: by order where each number names one (``order1``,
``tail1``), else by what happened (``kind1``), else by ``reason1``. A part of more orders comes before one of fewer, and
of equal ones the earlier. ``tails`` and ``tails1`` name all orders, of the text or of a part; in a text that names its
one order otherwise ``tails`` are of its parcels.
"""

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from streams.policy.case import Case
from streams.policy.naming import named, tails
from streams.policy.reasons import kind_word
from streams.policy.rules import Rules
from streams.policy.variables import FOR_ONE, amount_of, value_of, yuan

LEAST = ("hours", "silent_days")
"""The variables of which the least is true of all cases."""

_PARTS = 4  # of a text, at the most
_NAMING = ("order", "tail", "tails")
_NUMBERED = re.compile(rf"(order|tail|tails|kind|reason)([1-{_PARTS}])")
_OF_SEVERAL = ("count", "tails", *LEAST, "total")
_ANY_LENGTH = 99

VARIABLES = (
    FOR_ONE
    | {*_OF_SEVERAL}
    | {f"{name}{number}" for name in (*_NAMING, "kind", "reason") for number in range(1, _PARTS + 1)}
    | {"coupon", "valid_until", "phone_tail"}  # of coupons and of contact data
)
"""The variables that a text can have."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a text's variables tell several cases.

    ``numbered`` has the name and the part of each variable of a part. ``common`` have to be the same for all cases.
    ``word``, ``kind`` or ``reason``, is said of each part. ``says`` are all names, without their numbers.
    """

    numbered: dict[str, tuple[str, int]]
    common: tuple[str, ...]
    parts: int
    by_order: bool
    word: str | None
    one_order: bool
    says: frozenset[str]
    names_all: bool


@lru_cache(maxsize=1_000)
def plan(names: tuple[str, ...]) -> Plan:
    """The plan of a text with the variables ``names``."""
    numbered = {name: (match[1], int(match[2]) - 1) for name in names if (match := _NUMBERED.fullmatch(name))}
    parts = max((part + 1 for _, part in numbered.values()), default=0)
    naming = {part for name, part in numbered.values() if name in _NAMING}
    return Plan(
        numbered=numbered,
        common=tuple(name for name in names if name not in numbered and name not in _OF_SEVERAL),
        parts=parts,
        by_order=not {"order1", "tail1"}.isdisjoint(names),
        word="kind" if "kind1" in names else "reason" if "reason1" in names else None,
        one_order="order" in names or "tail" in names,
        says=frozenset(numbered[name][0] if name in numbered else name for name in names),
        names_all=not {*_NAMING}.isdisjoint(names) or 0 < parts == len(naming),
    )


def word(name: str, case: Case, rules: Rules) -> str | None:
    """What happened to a case's order, or why; ``None`` where no word says it."""
    return kind_word(case.kind, case.facts) if name == "kind" else value_of("reason", case, _ANY_LENGTH, rules)


def counted(cases: tuple[Case, ...]) -> tuple[int, int, int, int]:
    """How many kinds and orders there are, and how many goods and parcels of the order that has most of them."""
    subjects = {case.subject for case in cases}
    orders = {order for _, order, _ in subjects}
    kinds = len({kind for kind, _, _ in subjects})
    if len(orders) == len(subjects):
        return kinds, len(orders), 1, 1
    return kinds, len(orders), _most("stock_shortage", subjects), _most("shipment_stalled", subjects)


def _most(kind: str, subjects: set[tuple[str, str, str | None]]) -> int:
    of_orders = Counter(order for its, order, _ in subjects if its == kind)
    return max(of_orders.values(), default=1)


class Told:
    """Cases that are to be told in one text. ``too_many`` says that they are of too many orders or parts for it."""

    def __init__(self, cases: tuple[Case, ...], by: Plan, rules: Rules) -> None:
        self.counted = counted(cases)
        self._cases = cases
        self._plan = by
        self._rules = rules
        self._tails = tails([case.order_id for case in cases])
        self._parts = _divided(cases, by, rules) if by.parts else []
        self.too_many = (by.one_order and len(self._tails) > 1) or len(self._parts) > by.parts

    def value(self, name: str, longest: int) -> str | None:
        """What stands for the variable; ``None`` where it can't be told of all, empty where nothing is to be told."""
        if name in self._plan.numbered:
            name, part = self._plan.numbered[name]
            return self._of_part(name, self._parts[part], longest) if part < len(self._parts) else ""
        if name in LEAST:
            return self._least(name, longest)
        if name == "tails":
            return self._all_tails()
        if name == "total":
            return self._total(longest)
        if name == "count":
            _, orders, goods, parcels = self.counted
            return str(orders if orders > 1 else max(goods, parcels))
        return value_of(name, self._cases[0], longest, self._rules)

    def _of_part(self, name: str, part: tuple[Case, ...], longest: int) -> str | None:
        if name in ("kind", "reason"):
            words = {word(name, case, self._rules) for case in part}
            return words.pop() if len(words) == 1 else None
        orders = dict.fromkeys(case.order_id for case in part)
        if name == "tails":
            return _listed([self._tails[order] for order in orders])
        order = next(iter(orders))
        return self._tails[order] if name == "tail" else named(order, self._tails[order], longest)

    def _all_tails(self) -> str | None:
        """The ends of the orders; where the one order is named otherwise, of its parcels."""
        if not self._plan.one_order:
            return _listed([*self._tails.values()])
        parcels = tails([case.tracking_no or "" for case in self._cases])
        return _listed([*parcels.values()]) if all(parcels) else None

    def _least(self, name: str, longest: int) -> str | None:
        values = [value_of(name, case, longest, self._rules) for case in self._cases]
        return None if None in values else str(min(int(value) for value in values if value))

    def _total(self, longest: int) -> str | None:
        amounts = {case.order_id: amount_of(case) for case in self._cases}
        known = [amount for amount in amounts.values() if amount is not None]
        return yuan(sum(known, Decimal()), longest) if len(known) == len(amounts) else None


def _divided(cases: tuple[Case, ...], by: Plan, rules: Rules) -> list[tuple[Case, ...]]:
    found: dict[str | None, list[Case]] = {}
    for case in cases:
        key = case.order_id if by.by_order or by.word is None else word(by.word, case, rules)
        found.setdefault(key, []).append(case)
    # Those of more orders come first, so that whether all fit doesn't depend on which came first.
    return sorted(map(tuple, found.values()), key=lambda part: -len({case.order_id for case in part}))


def _listed(ends: list[str | None]) -> str | None:
    return None if None in ends else "、".join(end for end in ends if end)

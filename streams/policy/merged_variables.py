"""What stands for a variable of a text that tells several cases: what they have in common, or all of it in one.

The cases of a text whose variables are numbered fall into parts: by order where each number names one (``order1``,
``tail1``), else by what happened (``kind1``), else by ``reason1``. A part of more orders comes before one of fewer, and
of equal ones the earlier. ``tails`` and ``tails1`` name all orders, of the text or of a part; in a text that names its
one order otherwise ``tails`` are of its parcels.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal

from streams.policy.case import Case
from streams.policy.naming import named, tails
from streams.policy.reasons import kind_word
from streams.policy.rules import Rules
from streams.policy.variables import FOR_ONE, amount_of, value_of, yuan

_PARTS = 4  # of a text, at the most
_ANY_LENGTH = 99
_NUMBERED = re.compile(rf"(order|tail|tails|kind|reason)([1-{_PARTS}])")
LEAST = ("hours", "silent_days")
"""The variables of which the least is true of all cases."""
_OF_SEVERAL = ("count", "tails", *LEAST, "total")

VARIABLES = (
    FOR_ONE
    | {*_OF_SEVERAL}
    | {f"{name}{number}" for name in ("order", "tail", "tails", "kind", "reason") for number in range(1, _PARTS + 1)}
    | {"coupon", "valid_until", "phone_tail"}  # of coupons and of contact data
)
"""The variables that a text can have."""


def base(name: str) -> str:
    """A variable's name without its number."""
    numbered = _NUMBERED.fullmatch(name)
    return numbered[1] if numbered else name


def is_common(name: str) -> bool:
    """Whether a variable has to be the same for all cases of a text."""
    return name not in _OF_SEVERAL and not _NUMBERED.fullmatch(name)


def parts(names: tuple[str, ...]) -> int:
    """Into how many parts the cases of a text with these variables fall; 0 where its variables have no numbers."""
    return max((int(numbered[2]) for name in names if (numbered := _NUMBERED.fullmatch(name))), default=0)


def names_all(names: tuple[str, ...]) -> bool:
    """Whether a text with these variables names each order of its cases."""
    if {"order", "tail", "tails"} & {*names}:
        return True
    found = [numbered for name in names if (numbered := _NUMBERED.fullmatch(name))]
    return 0 < parts(names) == len({numbered[2] for numbered in found if numbered[1] in ("order", "tail", "tails")})


def divided_by(names: tuple[str, ...]) -> str | None:
    """Which word is said of each part, if any: ``kind`` or ``reason``."""
    return "kind" if "kind1" in names else "reason" if "reason1" in names else None


def word(name: str, case: Case, rules: Rules) -> str | None:
    """What happened to a case's order, or why; ``None`` where no word says it."""
    return kind_word(case.kind, case.facts) if name == "kind" else value_of("reason", case, _ANY_LENGTH, rules)


def counted(cases: tuple[Case, ...]) -> tuple[int, int, int, int]:
    """How many kinds and orders there are, and how many goods and parcels of the order that has most of them."""
    subjects = {case.subject for case in cases}
    orders = {order for _, order, _ in subjects}
    return (
        len({kind for kind, _, _ in subjects}),
        len(orders),
        _most("stock_shortage", subjects),
        _most("shipment_stalled", subjects),
    )


def _most(kind: str, subjects: set[tuple[str, str, str | None]]) -> int:
    of_orders = Counter(order for its, order, _ in subjects if its == kind)
    return max(of_orders.values(), default=1)


class Told:
    """Cases that are to be told in one text whose variables are ``names``."""

    def __init__(self, cases: tuple[Case, ...], names: tuple[str, ...], rules: Rules) -> None:
        self._cases = cases
        self._rules = rules
        self._counted = counted(cases)
        self._tails = tails(case.order_id for case in cases)
        self._otherwise = "order" in names or "tail" in names
        self._parts = _divided(cases, names, rules)
        self.too_many = (self._otherwise and len(self._tails) > 1) or len(self._parts) > parts(names)

    def value(self, name: str, longest: int) -> str | None:
        """What stands for the variable; ``None`` where it can't be told of all, empty where nothing is to be told."""
        numbered = _NUMBERED.fullmatch(name)
        if numbered:
            number = int(numbered[2])
            return self._of_part(numbered[1], self._parts[number - 1], longest) if number <= len(self._parts) else ""
        if name in LEAST:
            return self._least(name, longest)
        if name in _VALUES:
            return _VALUES[name](self, longest)
        return value_of(name, self._cases[0], longest, self._rules)

    def _of_part(self, name: str, part: tuple[Case, ...], longest: int) -> str | None:
        orders = dict.fromkeys(case.order_id for case in part)
        if name == "tails":
            return _listed([self._tails[order] for order in orders])
        if name in ("kind", "reason"):
            words = {word(name, case, self._rules) for case in part}
            return words.pop() if len(words) == 1 else None
        order = next(iter(orders))
        return self._tails[order] if name == "tail" else named(order, self._tails[order], longest)

    def _count(self, longest: int) -> str:
        _, orders, goods, parcels = self._counted
        return str(orders if orders > 1 else max(goods, parcels))

    def _all_tails(self, longest: int) -> str | None:
        """The ends of the orders; where the one order is named otherwise, of its parcels."""
        if not self._otherwise:
            return _listed([*self._tails.values()])
        parcels = tails(case.tracking_no or "" for case in self._cases)
        return _listed([*parcels.values()]) if all(parcels) else None

    def _least(self, name: str, longest: int) -> str | None:
        values = [value_of(name, case, longest, self._rules) for case in self._cases]
        return None if None in values else str(min(int(value) for value in values if value))

    def _total(self, longest: int) -> str | None:
        amounts = {case.order_id: amount_of(case) for case in self._cases}
        known = [amount for amount in amounts.values() if amount is not None]
        return yuan(sum(known, Decimal()), longest) if len(known) == len(amounts) else None


def _divided(cases: tuple[Case, ...], names: tuple[str, ...], rules: Rules) -> list[tuple[Case, ...]]:
    if not parts(names):
        return []
    by_order = "order1" in names or "tail1" in names
    by_word = divided_by(names)
    found: dict[str | None, tuple[Case, ...]] = {}
    for case in cases:
        key = case.order_id if by_order or by_word is None else word(by_word, case, rules)
        found[key] = (*found.get(key, ()), case)
    # Those of more orders come first, so that whether all fit doesn't depend on which came first.
    return sorted(found.values(), key=lambda part: -len({case.order_id for case in part}))


def _listed(ends: list[str | None]) -> str | None:
    return None if None in ends else "、".join(end for end in ends if end)


_VALUES: Mapping[str, Callable[[Told, int], str | None]] = {
    "count": Told._count,
    "tails": Told._all_tails,
    "total": Told._total,
}

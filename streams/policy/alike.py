"""Which of the cases that wait are alike: any of them can stand for another in a shared text."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal

from streams.policy.case import Case
from streams.policy.merging import Waiting
from streams.policy.naming import MARK, TAIL
from streams.policy.shared import Role
from streams.policy.variables import amount_of

_WHOLE = len(MARK) + TAIL  # a number of this length or more can be named by its end where it can be named at all


def types(waiting: Waiting, places: Sequence[int]) -> list[list[int]]:
    """The cases at ``places`` by type, the type with the earliest case first."""
    cases = [waiting.cases[place] for place in places]
    if not all(shared.one_segment for shared in waiting.shared):
        return [[place] for place in places]  # each character may count
    several = _several(case.order_id for case in cases)
    similar = _similar({case.order_id for case in cases})
    again = _several(case.subject for case in cases)
    exact = _amounts_count(waiting, cases)
    roles = [_shared_by_several(of_text, places) for of_text in waiting.roles]

    def key(place: int) -> Hashable:
        case, own = waiting.cases[place], waiting.own[place]
        alone = case.order_id not in several
        return (
            tuple(of_text.get(place) for of_text in roles),
            own and own.segments,
            case.kind,
            min(len(case.order_id), _WHOLE) if alone and case.order_id not in similar else case.order_id,
            None if alone else case.tracking_no,
            case.subject if case.subject in again else None,
            amount_of(case) if exact else None,
        )

    found: dict[Hashable, list[int]] = {}
    for place in places:
        found.setdefault(key(place), []).append(place)
    return list(found.values())


def _shared_by_several(roles: Sequence[Role | None], places: Sequence[int]) -> dict[int, Role]:
    """The roles in a text that have in common with another's what they must."""
    found = {place: role for place in places if (role := roles[place]) is not None}
    several = _several(role.common for role in found.values())
    return {place: role for place, role in found.items() if role.common in several}


def _several(values: Iterable[Hashable]) -> set[Hashable]:
    """Those that come more than once."""
    return {value for value, times in Counter(values).items() if times > 1}


def _similar(orders: set[str]) -> set[str]:
    """The orders that can't be told from all others by their last four characters, and those from which they can't."""
    ends = _several(order[-TAIL:] for order in orders)
    similar = {order for order in orders if order[-TAIL:] in ends}
    for short in (order for order in orders if len(order) < TAIL):
        like = {order for order in orders if order.endswith(short)}
        similar |= like if len(like) > 1 else set()
    return similar


def _amounts_count(waiting: Waiting, cases: Sequence[Case]) -> bool:
    """Whether some text may have no room for the sum of the amounts of as many orders as it can name."""
    amounts = sorted((amount_of(case) or Decimal() for case in cases), reverse=True)
    shortest = min(TAIL, *(len(case.order_id) for case in cases))
    for shared in waiting.shared:
        if "total" in shared.longest:
            named = sum(room // shortest for room in shared.longest.values())
            if len(f"{sum(amounts[:named]):.2f}") > shared.longest["total"]:
                return True
    return False

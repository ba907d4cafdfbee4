"""The search for the cheapest messages.

Cases that differ in nothing that decides which texts they share are of one **type**: then it only matters how many of
each type a message takes, and it takes the earliest. So a state of the search is how many of each type are left, and a
**way** is how many of each a message tells. What shares no text, directly or through others, is packed apart.

Where there is too much to look through, the fullest messages are taken first, until the rest is not.
"""

from dataclasses import dataclass
from functools import cache
from math import inf, prod
from operator import le, sub

from streams.policy.alike import types
from streams.policy.merging import Members, Waiting
from streams.policy.text import Text

Counts = tuple[int, ...]
"""Of each type so many."""
Cost = tuple[float, float, float]
"""How many are not told, and in how many segments and messages the others are; the first that differs decides."""
Messages = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is looked through: so many cases, states and ways. Eight cases that are not alike have 256 states."""

    cases: int = 60
    states: int = 300
    ways: int = 1_000


def packed(waiting: Waiting, places: list[int], effort: Effort) -> list[Members]:
    """The cheapest messages that tell the cases at ``places``, in no order; where that is too much effort, nearly the
    cheapest."""
    return [(places[0],)] if len(places) == 1 else _Crowd(waiting, places).packed(effort)


def crowds(waiting: Waiting) -> list[list[int]]:
    """The cases, parted where they have nothing in common."""
    leader = list(range(len(waiting.cases)))

    def find(place: int) -> int:
        while leader[place] != place:
            place = leader[place]
        return place

    for roles in waiting.roles:
        firsts: dict[tuple[str, ...], int] = {}
        for place, role in enumerate(roles):
            if role is not None:
                leader[find(place)] = find(firsts.setdefault(role.common, place))
    crowds: dict[int, list[int]] = {}
    for place in range(len(leader)):
        crowds.setdefault(find(place), []).append(place)
    return list(crowds.values())


class _Crowd:
    """Cases that may share texts, and the messages found for them."""

    def __init__(self, waiting: Waiting, places: list[int]) -> None:
        self._waiting = waiting
        self._messages: list[Members] = []
        self._left = types(waiting, places)
        """What is not told yet of each type, the earliest first."""
        self._tried: dict[Counts, tuple[list[int], int | None]] = {}
        self._fullest: dict[tuple[int, tuple[str, ...]], tuple[Counts, int] | None] = {}

    def packed(self, effort: Effort) -> list[Members]:
        """Messages for all."""
        while (ways := self._ways(effort)) is None:
            way = self._next_fullest()
            if way is None:
                return self._messages + [(place,) for left in self._left for place in left]
            self._take(way)
        return self._messages + self._cheapest(ways)

    def _ones(self) -> list[Counts]:
        every = range(len(self._left))
        return [tuple(int(of == this) for of in every) for this in every if self._left[this]]

    def _alone(self, one: Counts) -> Cost:
        own = self._waiting.own[self._sample(one)[0]]
        return (0, own.segments, 1) if own else (1, 0, 0)

    def _sample(self, way: Counts) -> Members:
        """The earliest cases, so many of each type."""
        return tuple(sorted(place for count, left in zip(way, self._left, strict=True) for place in left[:count]))

    def _take(self, way: Counts) -> None:
        self._messages.append(self._sample(way))
        for count, left in zip(way, self._left, strict=True):
            del left[:count]

    # All ways, and the best of their sums.

    def _ways(self, effort: Effort) -> dict[Counts, Cost] | None:
        """What each way costs; ``None`` where there is too much to look through."""
        numbers = [len(left) for left in self._left]
        if sum(numbers) > effort.cases or prod(number + 1 for number in numbers) > effort.states:
            return None
        waiting = self._waiting
        ways = {one: self._alone(one) for one in self._ones()}
        every = list(range(len(waiting.shared)))
        pending = [(one, every) for one in reversed(ways)]
        while pending:
            way, open_to = pending.pop()
            last = max(this for this, count in enumerate(way) if count)
            for this in range(last, len(way)):
                if way[this] == len(self._left[this]):
                    continue
                more = (*way[:this], way[this] + 1, *way[this + 1 :])
                if more not in self._tried:  # what it is doesn't change with those that are left
                    self._tried[more] = self._try(self._sample(more), open_to)
                still, segments = self._tried[more]
                if segments is not None:
                    ways[more] = (0, segments, 1)
                    if len(ways) > effort.ways:
                        return None
                if still:
                    pending.append((more, still))
        return ways

    def _try(self, members: Members, open_to: list[int]) -> tuple[list[int], int | None]:
        """The texts that may tell these and more, and the segments of the best that tells these."""
        waiting = self._waiting
        cases = tuple(waiting.cases[member] for member in members)
        still: list[int] = []
        best: int | None = None
        for number in open_to:
            if not waiting.alike(waiting.roles[number], members):
                continue
            if best is None or best > 1:
                text = waiting.shared[number].text(cases)
                if text == "full":
                    continue
                if isinstance(text, Text) and (best is None or text.segments < best):
                    best = text.segments
            still.append(number)
        return still, best

    def _cheapest(self, ways: dict[Counts, Cost]) -> list[Members]:
        by_type = [[way for way in ways if way[this]] for this in range(len(self._left))]

        @cache
        def best(state: Counts) -> tuple[Cost, Messages]:
            ends = [left[len(left) - count :] for left, count in zip(self._left, state, strict=True)]
            first = min((places[0], this) for this, places in enumerate(ends) if places)[1]
            found: tuple[Cost, Messages] = (inf, inf, inf), ()
            for way in by_type[first]:
                if not all(map(le, way, state)):
                    continue
                rest = tuple(map(sub, state, way))
                (untold, segments, messages), others = best(rest) if any(rest) else ((0, 0, 0), ())
                its = ways[way]
                total = untold + its[0], segments + its[1], messages + its[2]
                if total > found[0]:
                    continue
                members = sorted(place for count, places in zip(way, ends, strict=True) for place in places[:count])
                # Of two messages that begin alike the longer has the earlier: behind the shorter stands no case.
                found = min(found, (total, ((*members, inf), *others)))
            return found

        whole = tuple(map(len, self._left))
        return [tuple(int(place) for place in message[:-1]) for message in best(whole)[1]] if any(whole) else []

    # One full message after the other.

    def _next_fullest(self) -> Counts | None:
        """Of the messages that tell most for each segment that of fewest types, then the earliest; ``None`` where none
        tells more than one case."""
        found: tuple[tuple[float, int, Members], Counts] | None = None
        for number, roles in enumerate(self._waiting.roles):
            buckets: dict[tuple[str, ...], list[int]] = {}
            for this, left in enumerate(self._left):
                role = roles[left[0]] if left else None
                if role is not None:
                    buckets.setdefault(role.common, []).append(this)
            for common, those in buckets.items():
                if len(those) == 1 and len(self._left[those[0]]) == 1:
                    continue
                filled = self._filled(number, common, those)
                if filled is not None:
                    way, segments = filled
                    rank = (-sum(way) / segments, sum(map(bool, way)), self._sample(way))
                    if found is None or rank < found[0]:
                        found = rank, way
        return None if found is None else found[1]

    def _filled(self, number: int, common: tuple[str, ...], those: list[int]) -> tuple[Counts, int] | None:
        """The fullest message in one text, and its segments, of cases that have ``common``."""
        if (number, common) in self._fullest:
            known = self._fullest[number, common]
            if known is None or all(count <= len(left) for count, left in zip(known[0], self._left, strict=True)):
                return known
        way = [0] * len(self._left)
        best: tuple[Counts, int] | None = None
        for this in those:
            while way[this] < len(self._left[this]):
                way[this] += 1
                members = self._sample(tuple(way))
                text = self._waiting.shared[number].text(tuple(self._waiting.cases[member] for member in members))
                if text == "full":
                    way[this] -= 1
                    break
                if isinstance(text, Text) and len(members) > 1:
                    best = tuple(way), text.segments
        self._fullest[number, common] = best
        return best

"""What waits for one contact, packed into as few segments as approved texts allow.

The cases fall into messages so that, in this order, every one is told that can be, the segments are fewest, the
messages are fewest, and the earliest goes with the earliest. What waits for one contact is rarely much: then the best
of all ways is found. A crowd is thinned by its fullest messages first, until the rest can be looked through.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from schemas.rules import Carrier, Mechanism, SmsProvider
from streams.policy.case import Case
from streams.policy.merging import Members, Waiting
from streams.policy.packing_search import Effort, crowds, packed
from streams.policy.rules import Rules
from streams.policy.text import Text

Why = Literal["only_one", "merged", "nothing_in_common", "no_gain", "no_text"]
"""Why a case is told as it is: alone, since nothing else waits; with others; alone, since no text tells it with any of
the others; alone, since with others it would cost no less, or doesn't fit; not at all, since no text is true of it."""

_EFFORT = Effort()


@dataclass(frozen=True, slots=True)
class Group:
    """Cases told in one message: their places among those that were packed, the earliest first.

    ``text`` is ``None`` where none tells the one case. ``apart`` is how many segments a message each would cost.
    """

    members: Members
    text: Text | None
    why: Why
    apart: int

    @property
    def saved(self) -> int:
        """How many segments fewer it costs than a message each; below 0 where a case can't be told by itself."""
        return self.apart - self.text.segments if self.text else 0


def pack(
    cases: Sequence[Case],
    rules: Rules,
    provider: SmsProvider = "aliyun",
    carrier: Carrier | None = None,
    mechanisms: AbstractSet[Mechanism] | None = None,
    effort: Effort = _EFFORT,
) -> tuple[Group, ...]:
    """The messages that tell ``cases``, which wait for one contact, each in exactly one; the earliest case's first.

    The cases come in the order in which they are to be told. The same cases give the same messages. ``mechanisms`` keep
    what is promised of each case; where they are not said, those that care has for it.
    """
    waiting = Waiting(cases, rules, provider, carrier, mechanisms)
    if len(waiting.cases) == 1:
        return (_group(waiting, (0,), "only_one"),)
    groups = []
    for crowd in crowds(waiting):
        alone: Why = "no_gain" if len(crowd) > 1 else "nothing_in_common"
        groups += [
            _group(waiting, members, "merged" if len(members) > 1 else alone)
            for members in packed(waiting, crowd, effort)
        ]
    return tuple(sorted(groups, key=lambda group: group.members))


def _group(waiting: Waiting, members: Members, why: Why) -> Group:
    text = waiting.text(members)
    own = [waiting.own[member] for member in members]
    apart = sum(alone.segments for alone in own if alone)
    return Group(members, text, why if text else "no_text", apart)

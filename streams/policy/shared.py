"""A template that tells several exceptions in one text: which cases it may tell, and the text.

It says of each case what the case's own text would say, as far as it matters: the order, why, what the customer can do,
when goods or money come and how much, and that a human will call. What it may leave out stands in the shop's own pages:
the product's name, the parcel's number, the area, the hours of silence.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from operator import gt
from typing import Literal, NamedTuple

from schemas.rules import Mechanism, SmsProvider
from streams.policy.case import Case
from streams.policy.merged_variables import LEAST, Told, plan, word
from streams.policy.rules import Rules
from streams.policy.template import VARIABLE, Template
from streams.policy.templates import true_of
from streams.policy.text import ONE_SEGMENT, Text, units, written
from streams.policy.variables import amount_of, value_of

_KEPT: Mapping[str, frozenset[str]] = {
    "reason": frozenset({"reason", "kind"}),
    "cause": frozenset({"cause", "kind"}),
    "days": frozenset({"days"}),
    "date": frozenset({"date"}),
    "amount": frozenset({"total"}),
    "alt": frozenset({"alt"}),
}
"""The variables of a case's own text that matter, each with those of which a text of several has to have one."""

_HUMAN: frozenset[Mechanism] = frozenset({"human_follow_up", "call_back", "substitute_offer"})
"""The promises that no text may leave out."""


class Role(NamedTuple):
    """What a case brings into a text of several: ``common`` has to be the same for all, ``word`` divides them."""

    common: tuple[str, ...]
    word: str | None


class Shared:
    """A template as it tells several cases at one provider."""

    def __init__(self, template: Template, provider: SmsProvider, rules: Rules) -> None:
        self.template = template
        self._wording = template.wordings[provider]
        self._provider: SmsProvider = provider
        self._rules = rules
        names = self._wording.variables
        limit = rules.limits[provider].variable_limit
        self.longest = {name: min(self._wording.longest[name], limit) for name in names}
        self._plan = plan(names)
        _, (_, orders), (_, goods), _ = template.counts
        # One of several goods stands for them where it is said how many they are.
        leading = orders == 1 and goods > 1 and "count" in names
        self._common = [name for name in self._plan.common if not (leading and name == "item")]
        self._most = [most for _, most in template.counts]
        self._least = [name for name in LEAST if name in names]

    @property
    def flaw(self) -> str | None:
        """Why it can never be taken, if so."""
        if not self._plan.names_all:
            return "does not name every order"
        if self.template.kind == "*" and self._plan.word != "kind":
            return "does not say what happened to each order, as ${kind1} and ${kind2} do"
        if self.template.counts[1][1] > 1 and "amount" in self._plan.says:
            return "has ${amount}, which is of one order; ${total} is of several"
        return None

    @property
    def one_segment(self) -> bool:
        """Whether it is never more than one segment."""
        longest = units(self._rules.signature) + 2 + _words(self._wording.text) + sum(self.longest.values())
        return longest <= ONE_SEGMENT

    def role(self, case: Case, own: Template | None, mechanisms: AbstractSet[Mechanism]) -> Role | None:
        """What a case brings; ``None`` where it can't be told by this text.

        ``own`` is what would tell it alone, and ``mechanisms`` keep the promises made of it.
        """
        template = self.template
        if (
            not template.needs <= mechanisms
            or template.kind not in (case.kind, "*")
            or template.audience != case.audience
            or not true_of(template.when, case)
            or not (own is None or own is template or self._keeps(own))
            or ("total" in self.longest and amount_of(case) is None)
            or not all(value_of(name, case, self.longest[name], self._rules) for name in self._least)
        ):
            return None
        values = [value_of(name, case, self.longest[name], self._rules) for name in self._common]
        common = tuple(
            value
            for name, value in zip(self._common, values, strict=True)
            if value and len(value) <= self.longest[name]
        )
        if len(common) < len(values):
            return None
        its = word(self._plan.word, case, self._rules) if self._plan.word else None
        return None if self._plan.word and its is None else Role(common, its)

    def text(self, cases: tuple[Case, ...]) -> Text | Literal["full"] | None:
        """The text that tells ``cases``, whose roles have the same in common; ``None`` where it can't, and ``full``
        where it can't even with more of them."""
        told = Told(cases, self._plan, self._rules)
        if told.too_many or any(map(gt, told.counted, self._most)):
            return "full"
        values = {}
        for name, longest in self.longest.items():
            value = told.value(name, longest)
            if value is None or len(value) > longest:
                if name != "total":  # of more it may be a round sum
                    return "full"
                value = ""
            values[name] = value
        if not all(values.values()) or not self.template.tells(told.counted):
            return None
        return written(self.template, self._wording, values, self._rules)

    def _keeps(self, own: Template) -> bool:
        """Whether nothing is lost of a case's own text that matters."""
        said = own.wordings[self._provider].variables
        return own.needs & _HUMAN <= self.template.needs and all(
            self._plan.says & _KEPT[name] for name in said if name in _KEPT
        )


@lru_cache(maxsize=1_000)
def _words(text: str) -> int:
    """The units of a text without its variables."""
    return units(VARIABLE.sub("", text))

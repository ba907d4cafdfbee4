"""A template that tells several exceptions in one text: which cases it may tell, and the text.

It says of each case what the case's own text would say, as far as it matters: the order, why, what the customer can do,
when goods or money come and how much, and that a human will call. What it may leave out stands in the shop's own pages:
the product's name, the parcel's number, the area, the hours of silence.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Literal, NamedTuple

from schemas.rules import Mechanism, SmsProvider
from streams.policy.case import Case
from streams.policy.merged_variables import LEAST, Told, base, counted, divided_by, is_common, names_all, word
from streams.policy.rules import Rules
from streams.policy.template import Template
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
        self._counts = template.counts
        self._says = frozenset(map(base, names))
        _, (_, orders), (_, goods), _ = self._counts
        # One of several goods stands for them where it is said how many they are.
        leading = {"item"} if orders == 1 and goods > 1 and "count" in self._says else set()
        self._common = [name for name in names if is_common(name) and name not in leading]
        self._least = [name for name in LEAST if name in names]
        self._divides = divided_by(names)
        self.flaw = self._flaw(names, orders)

    def _flaw(self, names: tuple[str, ...], orders: int) -> str | None:
        """Why it can never be taken, if so."""
        if not names_all(names):
            return "does not name every order"
        if self.template.kind == "*" and self._divides != "kind":
            return "does not say what happened to each order, as ${kind1}, ${kind2} do"
        if orders > 1 and "amount" in self._says:
            return "has ${amount}, which is of one order; ${total} is of several"
        return None

    @property
    def one_segment(self) -> bool:
        """Whether it is never more than one segment."""
        filled = self._wording.fill({name: "国" * length for name, length in self.longest.items()})
        return units(f"【{self._rules.signature}】{filled}") <= ONE_SEGMENT

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
            or ("total" in self._says and amount_of(case) is None)
            or not all(value_of(name, case, self.longest[name], self._rules) for name in self._least)
        ):
            return None
        values = [value_of(name, case, self.longest[name], self._rules) for name in self._common]
        common = tuple(
            value
            for name, value in zip(self._common, values, strict=True)
            if value and len(value) <= self.longest[name]
        )
        own_word = word(self._divides, case, self._rules) if self._divides else None
        if len(common) < len(values) or (self._divides and own_word is None):
            return None
        return Role(common, own_word)

    def text(self, cases: tuple[Case, ...]) -> Text | Literal["full"] | None:
        """The text that tells ``cases``, whose roles have the same in common; ``None`` where it can't, and ``full``
        where it can't even with more of them."""
        numbers = counted(cases)
        told = Told(cases, self._wording.variables, self._rules)
        if told.too_many or any(number > most for number, (_, most) in zip(numbers, self._counts, strict=True)):
            return "full"
        values = {}
        for name, longest in self.longest.items():
            value = told.value(name, longest)
            if value is None or len(value) > longest:
                if name != "total":  # of more it may be a round sum
                    return "full"
                value = ""
            values[name] = value
        if not all(values.values()) or not self.template.tells(numbers):
            return None
        return written(self.template, self._wording, values, self._rules)

    def _keeps(self, own: Template) -> bool:
        """Whether nothing is lost of a case's own text that matters."""
        said = own.wordings[self._provider].variables
        return own.needs & _HUMAN <= self.template.needs and all(
            self._says & _KEPT[name] for name in said if name in _KEPT
        )

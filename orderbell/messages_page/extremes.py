"""A text message at its extremes: what the program makes of it at the longest and at the shortest."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, cast, get_args

from orderbell.messages_page import situations, values
from orderbell.messages_page.values import ENDLESS, LONG, SHORT, Numbers
from schemas.rules import Mechanism, SmsProvider
from schemas.words import NoticeKind
from streams.policy.case import Case
from streams.policy.merging import told
from streams.policy.rules import Rules
from streams.policy.template import Template
from streams.policy.text import Text, written
from streams.policy.variables import value_of

Extreme = Literal["longest", "numbers cut", "shortest"]

UNSENT = "no part of the program sends it"
_WHOLE = frozenset({"order", "order1", "tracking"})
"""The variables that name an order or a parcel whole where there is room."""

PROVIDERS: tuple[SmsProvider, ...] = get_args(SmsProvider)


@dataclass(frozen=True, slots=True)
class Sample:
    """A text, and what it tells; no cases where it is made of sample values."""

    text: Text
    cases: tuple[Case, ...]


class OfProvider(NamedTuple):
    """A template's texts at a vendor; none where others always come first, or it never fits. ``unsent`` says why none
    goes to anybody today, if so."""

    samples: Mapping[Extreme, Sample]
    unsent: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A template with its texts by provider."""

    template: Template
    by: Mapping[SmsProvider, OfProvider]

    @property
    def unsent(self) -> str | None:
        """Why none of its texts goes to anybody today, if so."""
        reasons = [each.unsent for each in self.by.values()]
        return None if None in reasons else reasons[0]

    @property
    def alone(self) -> Case | None:
        """What its longest text tells, where that is one case."""
        main = self.by["aliyun"]
        longest = main.samples.get("longest")
        return longest.cases[0] if main.unsent is None and longest is not None and len(longest.cases) == 1 else None


def shown(template: Template, rules: Rules) -> Shown:
    """The template's texts as it is taken today, else as it would be if its promises, and no more, were kept and it
    were in use."""
    never = "enabled = false" if not template.enabled else None
    never = never or unsent_kind(template.kind, rules)
    return Shown(template, {provider: _of(template, rules, provider, never) for provider in PROVIDERS})


def _of(template: Template, rules: Rules, provider: SmsProvider, never: str | None) -> OfProvider:
    if template.category == "marketing" and not rules.limits[provider].marketing:
        return OfProvider({}, "coupons never go this way")
    if samples := _extremes(template, rules, provider, None):
        return OfProvider(samples, never)
    in_use = {**rules.templates, template.template_id: replace(template, enabled=True)}
    if samples := _extremes(template, replace(rules, templates=in_use), provider, template.needs):
        return OfProvider(samples, never or unkept(template.needs))
    if never:
        return OfProvider({"longest": _filled(template, provider, rules)}, never)
    return OfProvider({}, "others come first, or it does not fit")


def unkept(needs: AbstractSet[Mechanism]) -> str:
    """Why a text is not taken while the promises are kept that are kept today."""
    return f"nothing keeps its promise: {', '.join(sorted(needs))}" if needs else "one that promises more comes first"


def unsent_kind(kind: str, rules: Rules) -> str | None:
    """Why nobody is told of a kind today, if so."""
    return None if kind == "*" or kind in rules.kinds else UNSENT


def _extremes(
    template: Template, rules: Rules, provider: SmsProvider, kept: AbstractSet[Mechanism] | None
) -> Mapping[Extreme, Sample]:
    """The texts of the template that cases get by ``provider``; none where another always comes first."""

    coupon = values.coupon(rules) if template.category == "marketing" else None

    def told_of(numbers: Numbers) -> Iterator[Sample]:
        for waiting in situations.waiting(template, variables(template), numbers):
            cases = tuple(replace(case, tier="new", coupon=coupon) for case in waiting) if coupon else waiting
            text = told(cases, rules, provider, None, kept)
            if text is not None and text.template_id == template.template_id:
                yield Sample(text, cases)

    cut = list(told_of(ENDLESS)) if _WHOLE & {*variables(template)} else []
    found = [*told_of(LONG), *cut, *told_of(SHORT)]
    if not found:
        return {}
    longest, shortest = max(found, key=_units), min(reversed(found), key=_units)
    extremes: dict[Extreme, Sample] = {"longest": longest}
    if cut and (most := max(cut, key=_units)).text.text not in (longest.text.text, shortest.text.text):
        extremes["numbers cut"] = most
    if shortest.text.text != longest.text.text:
        extremes["shortest"] = shortest
    return extremes


def variables(template: Template) -> tuple[str, ...]:
    """The variables of all the template's wordings."""
    return tuple(dict.fromkeys(name for wording in template.wordings.values() for name in wording.variables))


def _units(sample: Sample) -> int:
    return sample.text.units


def _filled(template: Template, provider: SmsProvider, rules: Rules) -> Sample:
    """The text with values that nothing gives it yet."""
    wording = template.wordings[provider]
    kind = cast(NoticeKind, "payment_failed" if template.kind == "*" else template.kind)
    case = next(situations.alone(kind, template.audience, template.when, wording.variables, LONG))
    ours = {"count": "3", "phone_tail": "0001"}
    filled = {
        name: ours.get(name) or value_of(name, case, wording.longest[name], rules) or "" for name in wording.variables
    }
    return Sample(written(template, wording, filled, rules), ())

"""Which text tells a case."""

from collections.abc import Set as AbstractSet

from schemas.rules import Carrier, Mechanism, SmsProvider, When
from streams.policy.carriers import filed_with
from streams.policy.case import Case
from streams.policy.rules import Rules
from streams.policy.template import Template
from streams.policy.variables import fill

MECHANISMS: frozenset[Mechanism] = frozenset()
"""The mechanisms that this program has. A text that promises the work of another is not taken."""


def choose(
    rules: Rules,
    case: Case,
    mechanisms: AbstractSet[Mechanism] = MECHANISMS,
    provider: SmsProvider = "aliyun",
    carrier: Carrier | None = None,
) -> Template | None:
    """The first notice text of the rules that is true of the case in its wording at ``provider``; ``None`` where the
    rules hold none, so that the provider is not tried. Of a case with a coupon the first marketing text.

    A text is true where its conditions hold, each of its variables is known and fits, and the mechanisms exist
    whose work it promises; and it is filed with ``carrier``, where that is known. By the defaults there is one for
    each of a buyer's five kinds at each provider.
    """
    texts = rules.for_one if case.coupon is None else rules.with_coupon
    for template in texts.get((case.kind, case.audience), ()):
        if (
            template.needs <= mechanisms
            and true_of(template.when, case)
            and filed_with(template.wordings[provider], carrier)
            and fill(template.wordings[provider], case, rules, provider) is not None
        ):
            return template
    return None


def true_of(when: When, case: Case) -> bool:
    """Whether the conditions hold of the case, counts aside."""
    if when.tier is not None and when.tier != case.tier:
        return False
    if when.unique is not None and when.unique != (case.facts.get("unique") is True):
        return False
    return when.paid is None or _paid(case) in ((when.paid,) if isinstance(when.paid, str) else when.paid)


def _paid(case: Case) -> str:
    """Whether the order was paid. Only a plain yes or no is one."""
    paid = case.facts.get("paid")
    return "yes" if paid is True else "no" if paid is False else "unknown"

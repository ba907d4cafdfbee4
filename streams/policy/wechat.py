"""The card that tells a case in WeChat: a template message of the shop's official account.

It costs nothing, so a card tells of one case, and several cases are several cards. It is no marketing: the vendor takes
neither promotion nor coupons in it.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from schemas.rules import Mechanism
from streams.policy.case import Case
from streams.policy.rules import Rules
from streams.policy.template import VARIABLE
from streams.policy.templates import MECHANISMS, true_of
from streams.policy.text import units
from streams.policy.wechat_fields import value
from streams.policy.wechat_template import CardTemplate


@dataclass(frozen=True, slots=True)
class Card:
    """A card ready to be sent. ``provider_template`` is the vendor's id of it, ``url`` where a touch leads."""

    template_id: str
    provider_template: str
    fields: Mapping[str, str]
    url: str | None

    @property
    def units(self) -> int:
        """The length of all that stands in it, in UTF-16 units."""
        return sum(map(units, self.fields.values()))


def card(case: Case, rules: Rules, mechanisms: AbstractSet[Mechanism] = MECHANISMS) -> Card | None:
    """The first card of the rules that is true of the case; ``None`` where they hold none.

    A card is true where its conditions hold, the mechanisms exist whose work it promises, and each of its fields has
    a value that is known and fits.
    """
    for template in rules.cards.get((case.kind, case.audience), ()):
        if template.needs <= mechanisms and true_of(template.when, case):
            fields = _fields(template, case, rules)
            if fields is not None:
                return Card(template.template_id, template.id, fields, _url(case, rules))
    return None


def _fields(template: CardTemplate, case: Case, rules: Rules) -> dict[str, str] | None:
    fields = {}
    for field in template.fields:
        filled = value(field, case, rules)
        if filled is None:
            return None
        fields[field.name] = filled
    return fields


def _url(case: Case, rules: Rules) -> str | None:
    """The page of the order. A consignor has none: it shows what is the buyer's."""
    if rules.card_url is None or case.audience == "consignor":
        return None
    return VARIABLE.sub(case.order_id, rules.card_url)

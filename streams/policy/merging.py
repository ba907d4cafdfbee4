"""Which text tells several cases that wait for one contact."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from schemas.rules import Carrier, Mechanism, SmsProvider
from streams.policy import care
from streams.policy.carriers import filed_with
from streams.policy.case import Case
from streams.policy.rules import Rules
from streams.policy.shared import Role, Shared
from streams.policy.template import Template
from streams.policy.templates import choose
from streams.policy.text import Text, render

Members = tuple[int, ...]
"""Places of cases among those that wait, in their order."""


class Waiting:
    """The cases that wait for one contact, at one provider: what tells each, and what tells several of them.

    ``own`` are the texts that tell each alone; ``roles`` what each case brings into each text of ``shared``.
    ``mechanisms`` keep what is promised of each case; where they are not said, those that care has for it.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        rules: Rules,
        provider: SmsProvider = "aliyun",
        carrier: Carrier | None = None,
        mechanisms: AbstractSet[Mechanism] | None = None,
    ) -> None:
        self.cases = tuple(cases)
        keep = [care.mechanisms(case, rules) if mechanisms is None else mechanisms for case in self.cases]
        chosen = [choose(rules, case, kept, provider, carrier) for case, kept in zip(self.cases, keep, strict=True)]
        self.own = [
            render(template, case, rules, provider) if template else None
            for template, case in zip(chosen, self.cases, strict=True)
        ]
        self.shared: list[Shared] = []
        self.roles: list[list[Role | None]] = []
        for template in _for_several(rules, self.cases):
            if filed_with(template.wordings[provider], carrier):
                shared = Shared(template, provider, rules)
                roles = [shared.role(*each) for each in zip(self.cases, chosen, keep, strict=True)]
                if shared.flaw is None and len(roles) - roles.count(None) > 1:
                    self.shared.append(shared)
                    self.roles.append(roles)

    def text(self, members: Members) -> Text | None:
        """The text of fewest segments that tells all ``members``, of equal ones the first of the rules."""
        if len(members) == 1:
            return self.own[members[0]]
        found: Text | None = None
        for shared, roles in zip(self.shared, self.roles, strict=True):
            if not self.alike(roles, members):
                continue
            text = shared.text(tuple(self.cases[member] for member in members))
            if isinstance(text, Text) and (found is None or text.segments < found.segments):
                found = text
                if found.segments == 1:
                    break
        return found

    @staticmethod
    def alike(roles: list[Role | None], members: Members) -> bool:
        """Whether all members have in common what they must."""
        of_members = [roles[member] for member in members]
        first = of_members[0]
        return first is not None and all(role is not None and role.common == first.common for role in of_members)


def _for_several(rules: Rules, cases: tuple[Case, ...]) -> list[Template]:
    """The templates that may tell several of the cases, in the order of the rules."""
    if len(cases) < 2:
        return []
    kinds = {(case.kind, case.audience) for case in cases}
    wanted = {
        template.template_id
        for audience in {case.audience for case in cases}
        for template in rules.for_several.get(audience, ())
        if template.kind == "*" or (template.kind, audience) in kinds
    }
    if len({(case.audience, case.subject) for case in cases}) < len(cases):  # one text of one may tell the same again
        wanted |= {template.template_id for place in kinds for template in rules.for_one.get(place, ())}
    return [template for template_id, template in rules.templates.items() if template_id in wanted]


def told(
    cases: Sequence[Case],
    rules: Rules,
    provider: SmsProvider = "aliyun",
    carrier: Carrier | None = None,
    mechanisms: AbstractSet[Mechanism] | None = None,
) -> Text | None:
    """The one text that tells all of ``cases``, which are of one contact; ``None`` where none is true of all."""
    return Waiting(cases, rules, provider, carrier, mechanisms).text(tuple(range(len(cases))))


def told_plainer(
    text: Text,
    cases: Sequence[Case],
    rules: Rules,
    provider: SmsProvider = "aliyun",
    carrier: Carrier | None = None,
    mechanisms: AbstractSet[Mechanism] | None = None,
) -> bool:
    """Whether ``cases`` told plainly read otherwise than ``text``, which ``provider`` refused: else it would refuse
    them again."""
    plainly = told([replace(case, plain=True) for case in cases], rules, provider, carrier, mechanisms)
    return plainly is not None and plainly != text

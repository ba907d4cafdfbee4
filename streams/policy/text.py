"""The words that arrive on a telephone, and what they cost."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.rules import SmsProvider
from streams.policy.case import Case
from streams.policy.rules import Rules
from streams.policy.template import Template, Wording
from streams.policy.variables import fill

ONE_SEGMENT = 70
_EACH_OF_SEVERAL = 67


@dataclass(frozen=True, slots=True)
class Text:
    """A message ready to be sent. ``variables`` come in order of appearance; ``text`` begins with the signature.

    ``units`` and ``segments`` count the whole, signature and all.
    """

    template_id: str
    provider_template: str
    variables: Mapping[str, str]
    text: str
    units: int
    segments: int


def render(template: Template, case: Case, rules: Rules, provider: SmsProvider = "aliyun") -> Text | None:
    """The message that tells ``case`` in the words of ``template``; ``None`` where a variable is not known or
    does not fit, which is never so for a template that ``choose`` gave for the provider."""
    wording = template.wordings[provider]
    variables = fill(wording, case, rules, provider)
    return None if variables is None else written(template, wording, variables, rules)


def written(template: Template, wording: Wording, variables: Mapping[str, str], rules: Rules) -> Text:
    """The message that the template's ``wording`` is with ``variables`` in their places."""
    text = f"【{rules.signature}】{wording.fill(variables)}"
    length = units(text)
    return Text(template.template_id, wording.id, variables, text, length, segments(length))


def units(text: str) -> int:
    """The length in UTF-16 units, a safe bound of what vendors count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def segments(length: int) -> int:
    """How many messages a text of so many units is billed as: one up to 70, above that one for each 67."""
    return 1 if length <= ONE_SEGMENT else -(-length // _EACH_OF_SEVERAL)

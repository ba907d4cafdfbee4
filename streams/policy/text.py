"""The words that arrive on a telephone, and what they cost."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.rules import Provider
from streams.policy.case import Case
from streams.policy.rules import Rules
from streams.policy.template import Template


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


def render(template: Template, case: Case, rules: Rules, provider: Provider = "aliyun") -> Text | None:
    """The message that tells ``case`` in the words of ``template``; ``None`` where a variable is not known or
    does not fit, which is never so for a template that ``choose`` gave, at Aliyun."""
    raise NotImplementedError


def units(text: str) -> int:
    """The length as vendors count it at most: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def segments(length: int) -> int:
    """How many messages a text of so many units is billed as: one up to 70, above that one for each 67."""
    return 1 if length <= 70 else -(-length // 67)

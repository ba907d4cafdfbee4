"""The templates that the vendor has approved, and what it makes of them."""

from collections.abc import Mapping, Sequence

import msgspec

from orderbell.standins.wording import URL, VARIABLE

_MOST_UNITS = 500


class Texts:
    """By template, with the one signature that is approved; without any, everything that looks like one is.

    ``limit`` is the longest value of a variable: six characters for accounts opened since 2024 (vendor documentation).
    """

    def __init__(
        self,
        signature: str | None = None,
        templates: Mapping[str, str] | None = None,
        limit: int | None = None,
    ) -> None:
        self._signature = signature
        self._templates = templates
        self._limit = limit

    @classmethod
    def of_rules(cls, shown: bytes, limit: int | None = None) -> "Texts":
        """Those of what ``orderbell rules show --json`` writes."""
        rules = msgspec.json.decode(shown)
        templates = (template["tencent"] for template in rules["templates"] if "tencent" in template)
        return cls(rules["signature"], {tencent["id"]: tencent["text"] for tencent in templates}, limit)

    def refuse(self, signature: str, template: str, values: Sequence[str]) -> str | None:
        """The vendor's code for what is wrong with a message, or ``None``."""
        if not signature or (self._signature is not None and signature != self._signature):
            return "FailedOperation.SignatureIncorrectOrUnapproved"
        if not template.isdecimal() or (self._templates is not None and template not in self._templates):
            return "FailedOperation.TemplateIncorrectOrUnapproved"
        if self._templates is not None and len(_variables(self._templates[template])) != len(values):
            return "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
        if not all(values):
            return "InvalidParameterValue.TemplateParameterFormatError"
        if self._limit is not None and any(len(value) > self._limit for value in values):
            return "InvalidParameterValue.TemplateParameterLengthLimit"
        if any(URL.search(value) for value in values):
            return "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter"
        if len(self.render(signature, template, values)) > _MOST_UNITS:
            return "InvalidParameterValue.ContentLengthLimit"
        return None

    def render(self, signature: str, template: str, values: Sequence[str]) -> str:
        """What arrives on the telephone. Only for what was not refused."""
        if self._templates is None:
            words = " ".join((template, *values))
        else:
            text = self._templates[template]
            named = dict(zip(_variables(text), values, strict=True))
            words = VARIABLE.sub(lambda variable: named[variable[1]], text)
        return f"【{signature}】{words}"


def _variables(text: str) -> list[str]:
    """In order of appearance: the vendor itself knows them by their numbers."""
    return list(dict.fromkeys(VARIABLE.findall(text)))

"""The templates that the vendor has approved, and what it makes of them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from orderbell.standins.wording import URL, VARIABLE

_LIMIT = 35
"""The longest value of a variable (vendor documentation)."""


class Texts:
    """By template, with the one signature that is approved; without any, everything that looks like one is."""

    def __init__(self, signature: str | None = None, templates: Mapping[str, str] | None = None) -> None:
        self._signature = signature
        self._templates = templates

    @classmethod
    def of_rules(cls, shown: bytes) -> "Texts":
        """Those of what ``orderbell rules show --json`` writes."""
        rules = msgspec.json.decode(shown)
        return cls(rules["signature"], {t["aliyun"]["id"]: t["text"] for t in rules["templates"] if "aliyun" in t})

    def refuse(self, signature: str, template: str, parameters: str) -> str | None:
        """The vendor's code for what is wrong with a message, or ``None``."""
        if not signature or (self._signature is not None and signature != self._signature):
            return "isv.SMS_SIGNATURE_ILLEGAL"
        if not template.startswith("SMS_") or (self._templates is not None and template not in self._templates):
            return "isv.SMS_TEMPLATE_ILLEGAL"
        values = _values(parameters)
        if values is None:
            return "isv.INVALID_JSON_PARAM"
        if self._templates is not None and (code := _compare(self._templates[template], values)) is not None:
            return code
        if not all(values.values()):
            return "isv.TEMPLATE_PARAMS_ILLEGAL"
        if any(len(value) > _LIMIT for value in values.values()):
            return "isv.PARAM_LENGTH_LIMIT"
        if any(URL.search(value) for value in values.values()):
            return "isv.PARAM_NOT_SUPPORT_URL"
        return None

    def render(self, signature: str, template: str, parameters: str) -> str:
        """What arrives on the telephone. Only for what was not refused."""
        values = _values(parameters) or {}
        if self._templates is None:
            words = " ".join((template, *(f"{name}={value}" for name, value in values.items())))
        else:
            words = VARIABLE.sub(lambda variable: values[variable[1]], self._templates[template])
        return f"【{signature}】{words}"


def _values(parameters: str) -> dict[str, str] | None:
    try:
        return msgspec.json.decode(parameters or "{}", type=dict[str, str])
    except msgspec.MsgspecError:
        return None


def _compare(text: str, values: Mapping[str, Any]) -> str | None:
    """A variable without a value is refused by the vendor, a value without a variable only here: it is a mistake."""
    variables = set(VARIABLE.findall(text))
    if not variables <= set(values):
        return "isv.TEMPLATE_MISSING_PARAMETERS"
    return None if set(values) <= variables else "isv.TEMPLATE_PARAMS_ILLEGAL"

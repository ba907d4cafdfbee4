"""How an app push is to reach its devices, as the rules have it."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.calls import PushOptions
from schemas.times import SECOND
from streams.policy.case import Case
from streams.policy.push import PushText
from streams.policy.rules import Rules

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_TEMPLATE_VALUES = "mi_template_param"
"""The values of a template of Xiaomi's, which it wants as JSON in a string."""


def push_options(cases: Sequence[Case], text: PushText, rules: Rules) -> PushOptions:
    """How a push that tells ``cases``, the first the most important, in the words of ``text`` is to reach its devices.

    It is kept for a device no longer than until the first of the notices would not go any more.
    """
    push, first = rules.push, cases[0]
    values = {"order": first.order_id, "title": text.title, "body": text.body}
    channels = {maker: _filled(table, values) for maker, table in push.makers_of(first.kind).items()}
    category = channels.get("hmos", {}).pop("category", None)
    told = {case.kind for case in cases}
    lives = [kind.expire_after for name, kind in rules.kinds.items() if name in told]
    return PushOptions(
        platforms=push.platforms,
        time_to_live=min([push.time_to_live, *lives]) // SECOND,
        channels={maker: table for maker, table in channels.items() if table},
        channel_id=push.channel_id,
        open_with=push.open_with,
        category=None if category is None else str(category),
        reports=push.reports,
    )


def _filled(table: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """A phone maker's table with ``values`` in the places of its variables."""
    filled = {key: _value(item, values) for key, item in table.items()}
    if isinstance(filled.get(_TEMPLATE_VALUES), dict):
        filled[_TEMPLATE_VALUES] = json.dumps(filled[_TEMPLATE_VALUES], ensure_ascii=False)
    return filled


def _value(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _VARIABLE.sub(lambda variable: values[variable[1]], value)
    if isinstance(value, Mapping):
        return {key: _value(item, values) for key, item in value.items()}
    return [_value(item, values) for item in value] if isinstance(value, list) else value

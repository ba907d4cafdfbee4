"""Makes the rules in force of the defaults and of what an operator lays over them."""

import tomllib
from typing import Any

from schemas.rules import RulesFile
from streams.errors import Misconfigured
from streams.policy.rules import Rules
from streams.policy.rules_compiler import compiled
from streams.policy.rules_shape import Misplaced, shape

DEFAULT_NAME = "default rules"


def load(defaults: str, overlay: str = "", name: str = DEFAULT_NAME) -> Rules:
    """The rules that the TOML text ``defaults`` gives with ``overlay`` laid over it, key by key.

    ``name`` is how errors call the file that ``overlay`` came from. Raises ``Misconfigured``, one line with file
    and key. Nothing in force changes: a caller that got new rules puts them in the place of the old.
    """
    try:
        return compiled(shape(overlaid(_toml(defaults), _toml(overlay)), RulesFile))
    except Misplaced as error:
        raise Misconfigured(f"{name}: {error}") from None


def overlaid(defaults: dict[str, Any], overlay: dict[str, Any]) -> dict[str, Any]:
    """``defaults`` with ``overlay`` laid over them, key by key; a text's ``when`` and a card's ``fields`` are replaced
    as one.

    Texts that only the overlay has come first, so that they are tried before the defaults.
    """
    merged = _merged(defaults, overlay)
    _put_own_first(merged, defaults, "templates")
    if isinstance(merged.get("mail"), dict) and isinstance(defaults.get("mail"), dict):
        _put_own_first(merged["mail"], defaults["mail"], "texts")
    if isinstance(merged.get("wechat"), dict) and isinstance(defaults.get("wechat"), dict):
        _put_own_first(merged["wechat"], defaults["wechat"], "templates")
    return merged


def _put_own_first(merged: dict[str, Any], defaults: dict[str, Any], key: str) -> None:
    ours, all_of_them = defaults.get(key, {}), merged.get(key)
    if isinstance(all_of_them, dict):
        added = [text_id for text_id in all_of_them if text_id not in ours]
        merged[key] = {text_id: all_of_them[text_id] for text_id in [*added, *ours]}


def _merged(defaults: dict[str, Any], overlay: dict[str, Any]) -> dict[str, Any]:
    merged = dict(defaults)
    if "channels" in overlay:
        merged.pop("channels_by_tier", None)  # a plan of one's own is for all tiers, unless it says otherwise
    for key, value in overlay.items():
        below = merged.get(key)
        if isinstance(value, dict) and isinstance(below, dict) and key not in ("when", "fields"):
            value = _merged(below, value)
        merged[key] = value
    return merged


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem = " ".join(str(error).split())
        raise Misplaced("", f"not TOML: {problem[0].lower()}{problem[1:]}") from None

"""Reads a rules file's tables into Structs, and says of what is wrong where it stands."""

import re
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

S = TypeVar("S", bound=msgspec.Struct)

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_NAMES = {str: "a string", int: "a whole number", bool: "true or false"}


class Misplaced(ValueError):
    """Something in a rules file is wrong. The text is one line that begins with its key."""

    def __init__(self, place: str, error: str) -> None:
        super().__init__(f"{place}: {error}" if place else error)


def shape(value: Any, wanted: type[S], place: str = "") -> S:
    """The table ``value``, as TOML gave it, as ``wanted``; ``place`` is its own key. Raises ``Misplaced``.

    msgspec reads the single values; it names no key of a table, so the way down to them is our own.
    """
    if not isinstance(value, dict):
        raise Misplaced(place, f"expected a table, got {_shown(value)}")
    fields = {field.name: field for field in msgspec.structs.fields(wanted)}
    for key in value:
        if key not in fields:
            raise Misplaced(under(place, key), f"unknown key; known here: {', '.join(fields)}")
    for name, field in fields.items():
        if field.required and name not in value:
            raise Misplaced(under(place, name), "missing")
    return wanted(**{key: _value(item, fields[key].type, under(place, key)) for key, item in value.items()})


def under(place: str, key: str) -> str:
    """The place of ``key`` in the table at ``place``."""
    name = key if _BARE_KEY.fullmatch(key) else repr(key)
    return f"{place}.{name}" if place else name


def _value(value: Any, wanted: Any, place: str) -> Any:
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
        return shape(value, wanted, place)
    if get_origin(wanted) is dict:
        if not isinstance(value, dict):
            raise Misplaced(place, f"expected a table, got {_shown(value)}")
        return {key: _value(item, get_args(wanted)[1], under(place, key)) for key, item in value.items()}
    try:
        return msgspec.convert(value, wanted)
    except msgspec.ValidationError:
        raise Misplaced(place, f"expected {_described(wanted)}, got {_shown(value)}") from None


def _described(wanted: Any) -> str:
    if wanted in _NAMES:
        return _NAMES[wanted]
    parts = get_args(wanted)
    if get_origin(wanted) is Literal:
        return f"one of {', '.join(parts)}"
    if get_origin(wanted) is tuple:
        return f"a list, each {_described(parts[0])}"
    return " or ".join(_described(part) for part in parts if part is not type(None))


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:60]}…"

"""What the platform takes in the fields of a template message (documentation of the category templates).

Where two of its pages differ the stricter one counts. Lengths are counted in UTF-16 units.
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime

_NAME = re.compile(r"(?P<type>[a-z_]*[a-z])_?\d+")
_DAYS = ("%Y年%m月%d日", "%Y-%m-%d", "%Y/%m/%d")
_CLOCKS = ("%H:%M", "%H:%M:%S")
_MOMENTS = tuple(f"{day} {clock}" for day in _DAYS for clock in _CLOCKS)
_SHAPES: Mapping[str, re.Pattern[str]] = {
    "thing": re.compile(r"[^\x00-\x1f\x7f]+"),
    "character_string": re.compile(r"[!-~]+(?: [!-~]+)*"),
    "number": re.compile(r"\d+(?:\.\d+)?", re.ASCII),
    "letter": re.compile(r"[A-Za-z]+"),
    "symbol": re.compile(r"[!-/:-@\[-`{-~]+"),
    "phrase": re.compile(r"[\u4e00-\u9fff]+"),
    "amount": re.compile(r"[¥￥$€£]\d{1,10}(?:\.\d{1,2})?元?", re.ASCII),
    "name": re.compile(r"[\u4e00-\u9fff]{1,10}|[A-Za-z ]{1,20}"),
}
_LONGEST: Mapping[str, int] = {
    "thing": 20,
    "character_string": 32,
    "number": 32,
    "letter": 32,
    "symbol": 5,
    "phrase": 5,
    "const": 20,
}
_MOST_DIGITS = 10


def refuse(data: object, wanted: Collection[str] | None, consts: Collection[str] | None) -> str | None:
    """What is said (47003) of the ``data`` of a message, or ``None``.

    ``wanted`` are the fields of its template, ``consts`` the values that were approved for fields of that type;
    ``None`` where any will do.
    """
    if not isinstance(data, Mapping):
        return "argument invalid! data invalid"
    for name in data if wanted is None else wanted:
        field = data.get(name)
        value = field.get("value") if isinstance(field, Mapping) else None
        if not isinstance(value, str):
            return f"argument invalid! data.{name}.value is empty"
        if (flaw := _flaw(name, value, consts)) is not None:
            return f"argument invalid! data.{name}.value {flaw}"
    return None if data else "argument invalid! data is empty"


def _flaw(name: str, value: str, consts: Collection[str] | None) -> str | None:
    read = _NAME.fullmatch(name)
    kind = "" if read is None else read["type"]
    if kind == "const":
        return None if len(value) <= _LONGEST[kind] and (consts is None or value in consts) else "invalid"
    if not value.strip():
        return "is empty"
    length = len(value.encode("utf-16-le", "surrogatepass")) // 2
    return None if length <= _LONGEST.get(kind, length) and _fits(kind, value) else "invalid"


def _fits(kind: str, value: str) -> bool:
    if kind in ("time", "date"):
        forms = (*_CLOCKS, *_MOMENTS) if kind == "time" else (*_DAYS, *_MOMENTS)
        return all(_is_moment(moment, forms) for moment in value.split("~"))
    if kind == "amount" and sum(map(str.isdigit, value)) > _MOST_DIGITS:
        return False
    return kind in _SHAPES and _SHAPES[kind].fullmatch(value) is not None


def _is_moment(text: str, forms: Collection[str]) -> bool:
    for form in forms:
        try:
            datetime.strptime(text, form)  # only whether there is such a moment
        except ValueError:
            continue
        return True
    return False

"""The rules of app pushes, read and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from schemas import rules as written
from schemas.times import DAY, Micros
from schemas.words import NoticeKind
from streams.policy.durations import duration
from streams.policy.rules_shape import Misplaced, under

TITLE_WIDTH = 40
"""The widest title that every phone maker's channel takes, vivo's the narrowest: 20 Chinese characters, a letter or
digit being half as wide (vendor documentation)."""
VARIABLES = ("order", "title", "body")
"""What can stand in a phone maker's table as ``${name}``."""

Makers = Mapping[str, Mapping[str, Any]]
"""By phone maker what its channel is told."""

_MAKERS: tuple[str, ...] = get_args(written.PhoneMaker)
_KINDS: tuple[str, ...] = get_args(NoticeKind)
_LONGEST_LIFE: Micros = 10 * DAY
_VARIABLE = re.compile(r"\$\{(.*?)\}|\$\{")


@dataclass(frozen=True, slots=True)
class PushRules:
    """The rules of app pushes. What is ``None`` is not said. ``by_kind`` has each kind's makers, whole."""

    rate: int
    title: str | None
    platforms: tuple[str, ...]
    time_to_live: Micros
    reports: bool
    open_with: str | None
    channel_id: str | None
    makers: Makers
    by_kind: Mapping[str, Makers]

    def makers_of(self, kind: str) -> Makers:
        """What the phone makers' channels are told of a push that tells ``kind``."""
        return self.by_kind.get(kind, self.makers)


def width(text: str) -> int:
    """How wide a text is by the measure of phone makers: a letter or digit is 1, a Chinese character 2."""
    return sum(1 if character.isascii() else 2 for character in text)


def compiled_push(push: written.Push) -> PushRules:
    """The rules that ``[push]`` writes down. Raises ``Misplaced``."""
    if width(push.title) > TITLE_WIDTH or not push.title.isprintable():
        raise Misplaced("push.title", f"expected one line of up to {TITLE_WIDTH // 2} Chinese characters")
    if push.rate < 1:
        raise Misplaced("push.rate", f"expected 1 or more, got {push.rate}")
    if not push.platforms or len(set(push.platforms)) < len(push.platforms):
        raise Misplaced("push.platforms", "expected at least one platform, each once")
    makers = {maker: table for maker in _MAKERS if (table := getattr(push, maker))}
    for maker, table in makers.items():
        _check(table, under("push", maker))
    return PushRules(
        rate=push.rate,
        title=push.title or None,
        platforms=push.platforms,
        time_to_live=_life(push.time_to_live),
        reports=push.reports,
        open_with=push.open_with or None,
        channel_id=push.channel_id or None,
        makers=makers,
        by_kind={kind: _over(makers, kind, tables) for kind, tables in push.by_kind.items()},
    )


def _over(makers: Makers, kind: str, tables: Makers) -> Makers:
    """A kind's makers: the tables laid over those for all, key by key."""
    place = under("push.by_kind", kind)
    if kind not in _KINDS:
        raise Misplaced(place, f"unknown kind; known: {', '.join(_KINDS)}")
    merged = dict(makers)
    for maker, table in tables.items():
        if maker not in _MAKERS:
            raise Misplaced(under(place, maker), f"unknown phone maker; known: {', '.join(_MAKERS)}")
        _check(table, under(place, maker))
        merged[maker] = {**merged.get(maker, {}), **table}
    return merged


def _life(text: str) -> Micros:
    try:
        life = duration(text)
    except ValueError as error:
        raise Misplaced("push.time_to_live", str(error)) from None
    if life > _LONGEST_LIFE:
        raise Misplaced("push.time_to_live", f"expected up to 10d, the most that JPush keeps a push, got {text!r}")
    return life


def _check(value: Any, place: str) -> None:
    """Sees to it that a value can be said in JSON, and has no variable that nobody fills."""
    if isinstance(value, dict):
        for key, item in value.items():
            _check(item, under(place, key))
    elif isinstance(value, list):
        for item in value:
            _check(item, place)
    elif isinstance(value, str):
        for variable in _VARIABLE.finditer(value):
            if variable[1] not in VARIABLES:
                raise Misplaced(place, f"unknown variable {variable[0]}; known: {', '.join(VARIABLES)}")
    elif not isinstance(value, bool | int | float):
        raise Misplaced(place, f"expected text, a number, true or false, a list or a table, got {value!r}")

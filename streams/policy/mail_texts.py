"""Which text of a mail tells a case, and what it says of it."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from schemas.rules import MailWhen, Mechanism
from schemas.words import Audience
from streams.policy.case import Case
from streams.policy.mail_text import Line, MailText
from streams.policy.mail_variables import value
from streams.policy.rules import Rules
from streams.policy.template import VARIABLE, variables_of

LABEL_ENDS = "："


@dataclass(frozen=True, slots=True)
class Section:
    """What a mail says of one case, in lines. ``details`` are labels with their values."""

    text_id: str
    audience: Audience
    title: str
    happened: tuple[str, ...]
    details: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]


def section(case: Case, rules: Rules, mechanisms: AbstractSet[Mechanism]) -> Section | None:
    """What the first text says that is true of the case; ``None`` where the rules hold none.

    A text is true where its conditions hold, the mechanisms exist whose work it promises, and it has a subject and
    something that happened of which all is known.
    """
    for text in rules.mail.texts.values():
        if (
            text.enabled
            and text.kind == case.kind
            and text.audience == case.audience
            and text.needs <= mechanisms
            and _holds(text.when, case)
            and (found := _said(text, case, rules)) is not None
        ):
            return found
    return None


def _said(text: MailText, case: Case, rules: Rules) -> Section | None:
    title = _line(text.subject, case, rules)
    happened = _lines(text.happened, case, rules)
    if title is None or not happened:
        return None
    rows = (line.partition(LABEL_ENDS) for line in _lines(text.details, case, rules))
    return Section(
        text_id=text.text_id,
        audience=text.audience,
        title=title,
        happened=happened,
        details=tuple((label, shown) for label, _, shown in rows),
        steps=_lines(text.steps, case, rules),
    )


def _lines(lines: tuple[Line, ...], case: Case, rules: Rules) -> tuple[str, ...]:
    said = (_line(line, case, rules) for line in lines)
    return tuple(line for line in said if line is not None)


def _line(line: Line, case: Case, rules: Rules) -> str | None:
    """The first way to say it of which all is known."""
    for way in line:
        values = {name: value(name, case, rules) for name in variables_of(way)}
        if None not in values.values():
            return VARIABLE.sub(lambda variable: values[variable[1]] or "", way)  # noqa: B023  # used at once
    return None


def _holds(when: MailWhen, case: Case) -> bool:
    if when.tier is not None and when.tier != case.tier:
        return False
    if when.unique is not None and when.unique != (case.facts.get("unique") is True):
        return False
    paid = case.facts.get("paid")
    known = "yes" if paid is True else "no" if paid is False else "unknown"
    return when.paid is None or known in ((when.paid,) if isinstance(when.paid, str) else when.paid)

"""Makes what mails say of what a rules file says of them, and checks that it can be said."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date

from schemas import rules as written
from streams.policy.mail_text import Line, MailText, MailWords
from streams.policy.mail_texts import LABEL_ENDS
from streams.policy.mail_variables import OF_CONSIGNORS, VARIABLES
from streams.policy.rules_shape import Misplaced, under
from streams.policy.template import VARIABLE, variables_of
from streams.policy.working_days import WorkingDays, days

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_YEAR = re.compile(r"20[0-9]{2}")
_LONGEST = 300  # characters of a line as it is written
_OF_ALL: Mapping[str, frozenset[str]] = {
    "several_subject": frozenset({"count"}),
    "several": frozenset({"count"}),
}


def compiled_mail(mail: written.Mail) -> MailWords:
    """The words under ``mail``. Raises ``Misplaced``."""
    for name in mail.__struct_fields__:
        if name != "texts":
            _check(getattr(mail, name), under("mail", name), _OF_ALL.get(name, frozenset()))
    return MailWords(
        greeting=mail.greeting,
        several_subject=mail.several_subject,
        several=mail.several,
        next=mail.next,
        help={"buyer": mail.help, "consignor": mail.help_consignor},
        safety=mail.safety,
        footer=mail.footer,
        texts={text_id: _text(text_id, text) for text_id, text in mail.texts.items()},
    )


def compiled_working_days(years: Mapping[str, written.WorkingYear]) -> WorkingDays:
    """The days under ``working_days``. Raises ``Misplaced``."""
    found = {}
    for year, known in years.items():
        place = under("working_days", year)
        if not _YEAR.fullmatch(year):
            raise Misplaced(place, "expected a year like 2027")
        moved = frozenset[date]()
        for name, weekend in (("off", False), ("worked", True)):
            try:
                moved |= days(int(year), getattr(known, name), weekend=weekend)
            except ValueError as error:
                raise Misplaced(under(place, name), str(error)) from None
        found[int(year)] = moved
    return WorkingDays(found)


def _text(text_id: str, text: written.MailText) -> MailText:
    place = under("mail.texts", text_id)
    if not _ID.fullmatch(text_id):
        raise Misplaced(place, "expected an id of letters, digits, _ and -")
    known = OF_CONSIGNORS if text.audience == "consignor" else VARIABLES
    if not text.happened:
        raise Misplaced(f"{place}.happened", "expected at least one line")
    return MailText(
        text_id=text_id,
        kind=text.kind,
        audience=text.audience,
        enabled=text.enabled,
        when=text.when,
        needs=frozenset(text.needs),
        subject=_line(text.subject, f"{place}.subject", known),
        happened=_lines(text.happened, f"{place}.happened", known),
        details=_lines(text.details, f"{place}.details", known, rows=True),
        steps=_lines(text.steps, f"{place}.steps", known),
    )


def _lines(
    lines: tuple[written.Line, ...], place: str, known: AbstractSet[str], *, rows: bool = False
) -> tuple[Line, ...]:
    made = tuple(_line(line, f"{place}[{number}]", known) for number, line in enumerate(lines))
    for number, line in enumerate(made if rows else ()):
        for way in line:
            label, ends, shown = way.partition(LABEL_ENDS)
            if not (label and ends and shown) or VARIABLE.search(label):
                raise Misplaced(f"{place}[{number}]", f"expected 名称：内容, got {way!r}")
    return made


def _line(line: written.Line, place: str, known: AbstractSet[str]) -> Line:
    ways = (line,) if isinstance(line, str) else line
    if not ways:
        raise Misplaced(place, "expected at least one way to say it")
    for way in ways:
        _check(way, place, known)
    return ways


def _check(text: str, place: str, known: AbstractSet[str]) -> None:
    if not text.strip() or not text.isprintable() or len(text) > _LONGEST:
        raise Misplaced(place, f"expected one line of text, at most {_LONGEST} characters")
    if "${" in VARIABLE.sub("", text):
        raise Misplaced(place, "expected ${name}, in small letters, wherever ${ stands")
    for name in variables_of(text):
        if name not in known:
            names = f"known here: {', '.join(sorted(known))}" if known else "there are none here"
            raise Misplaced(place, f"unknown variable ${{{name}}}; {names}")

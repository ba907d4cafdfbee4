"""Cards and mails at their extremes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, combinations
from typing import Literal, cast

from orderbell.messages_page import situations
from orderbell.messages_page.extremes import unkept, unsent_kind
from orderbell.messages_page.values import ENDLESS, LONG, SHORT
from schemas.words import NoticeKind
from streams.policy import care, mail
from streams.policy.case import Case
from streams.policy.mail_text import MailText
from streams.policy.rules import Rules
from streams.policy.template import variables_of
from streams.policy.wechat import Card, card
from streams.policy.wechat_template import CardTemplate

Extreme = Literal["longest", "shortest"]


@dataclass(frozen=True, slots=True)
class ShownMail:
    """A mail's text with what is sent of it. ``unsent`` says why none goes to anybody today, if so."""

    text: MailText
    longest: mail.Mail
    shortest: mail.Mail
    unsent: str | None


def cards(template: CardTemplate, rules: Rules) -> tuple[Card, ...]:
    """The longest and the shortest that is made of a card, or the one; none where it is never taken."""
    names = tuple(dict.fromkeys(name for field in template.fields for name in field.variables))
    told = [
        made
        for numbers in (LONG, ENDLESS, SHORT)
        for case in situations.alone(template.kind, template.audience, template.when, names, numbers)
        if (made := card(case, rules, care.mechanisms(case, rules))) and made.template_id == template.template_id
    ]
    if not told:
        return ()
    ends = max(told, key=_units), min(reversed(told), key=_units)
    return ends if ends[0].fields != ends[1].fields else ends[:1]


def _units(card: Card) -> int:
    return card.units


def mails(text: MailText, rules: Rules) -> ShownMail:
    """The mail in which all is known, and that in which no more is known than there has to be."""
    in_use = {**rules.mail.texts, text.text_id: replace(text, enabled=True)}
    rules = replace(rules, mail=replace(rules.mail, texts=in_use))
    sent = [made for case in _cases(text) if (made := mail.written([case], rules)) and made.text_ids == (text.text_id,)]
    unsent = None if text.enabled else "enabled = false"
    if not sent:
        unsent = unsent or unkept(text.needs)
        sent = [
            made
            for case in _cases(text)
            if (made := mail.written([case], rules, lambda *_: text.needs)) and made.text_ids == (text.text_id,)
        ]
    return ShownMail(
        text, max(sent, key=_length), min(reversed(sent), key=_length), unsent or unsent_kind(text.kind, rules)
    )


def _length(made: mail.Mail) -> int:
    return len(made.plain)


def _cases(text: MailText) -> Iterator[Case]:
    """With all known, with nothing known, and with what may be needed to be known."""
    kind = cast(NoticeKind, text.kind)
    names = tuple(dict.fromkeys(name for _, way in text.ways() for name in variables_of(way)))
    some = chain.from_iterable(combinations(names, size) for size in (0, 1))
    return chain(
        situations.alone(kind, text.audience, text.when, names, LONG),
        *(situations.alone(kind, text.audience, text.when, known, SHORT) for known in some),
    )

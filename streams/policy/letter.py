"""A mail before it has a form: what is said, and in which order. Both of its forms are made of this alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from streams.policy.mail_texts import LABEL_ENDS, Section
from streams.policy.rules import Rules
from streams.policy.template import VARIABLE


@dataclass(frozen=True, slots=True)
class Letter:
    """``opening`` stands before the sections, ``next`` above the steps of each, ``closing`` behind them all; then
    comes ``safety``, and small at the end ``signature`` and ``footer``."""

    title: str
    opening: tuple[str, ...]
    sections: tuple[Section, ...]
    next: str
    closing: tuple[str, ...]
    safety: str
    signature: str
    footer: str


def letter(told: tuple[Section, ...], rules: Rules) -> Letter:
    """The letter that says what is ``told``, of which there is something, in its order."""
    words, several = rules.mail, len(told) > 1
    count = {"count": str(len(told))}
    return Letter(
        title=_filled(words.several_subject, count) if several else told[0].title,
        opening=(words.greeting, _filled(words.several, count)) if several else (words.greeting,),
        sections=told,
        next=words.next,
        closing=tuple(words.help[audience] for audience in dict.fromkeys(each.audience for each in told)),
        safety=words.safety,
        signature=rules.signature,
        footer=words.footer,
    )


def plain(letter: Letter) -> str:
    """The letter as plain text."""
    blocks = [letter.title, *letter.opening]
    for number, each in enumerate(letter.sections, 1):
        if len(letter.sections) > 1:
            blocks.append(f"[{number}/{len(letter.sections)}] {each.title}")
        blocks += each.happened
        if each.details:
            blocks.append("\n".join(f"· {label}{LABEL_ENDS}{shown}" for label, shown in each.details))
        if each.steps:
            several = len(each.steps) > 1
            steps = (f"{place}. {step}" if several else step for place, step in enumerate(each.steps, 1))
            blocks.append("\n".join((f"{letter.next}{LABEL_ENDS}", *steps)))
    blocks += [*letter.closing, letter.safety, f"{letter.signature}\n{letter.footer}"]
    return "\n\n".join(blocks) + "\n"


def _filled(text: str, values: Mapping[str, str]) -> str:
    return VARIABLE.sub(lambda variable: values[variable[1]], text)

"""The words of a mail: what happened, what comes next, and whom to ask, in plain text and in HTML."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from schemas.rules import Mechanism
from streams.policy.care import mechanisms
from streams.policy.case import Case
from streams.policy.letter import letter, plain
from streams.policy.mail_html import html
from streams.policy.mail_texts import section
from streams.policy.rules import Rules


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to be sent. ``text_ids`` are its texts, in the order of the cases that they tell."""

    text_ids: tuple[str, ...]
    subject: str
    plain: str
    html: str


def written(
    cases: Sequence[Case],
    rules: Rules,
    kept: Callable[[Case, Rules], AbstractSet[Mechanism]] = mechanisms,
) -> Mail | None:
    """The mail that tells all ``cases`` to one contact; ``None`` where the rules hold no text for one of them.

    Both forms say the same. ``kept``: what keeps promises that are made of a case.
    """
    sections = [section(case, rules, kept(case, rules)) for case in cases]
    told = tuple(each for each in sections if each is not None)
    if not told or len(told) < len(sections):
        return None
    made = letter(told, rules)
    return Mail(tuple(section.text_id for section in made.sections), made.title, plain(made), html(made))

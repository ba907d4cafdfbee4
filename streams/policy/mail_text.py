"""What the rules say of mails."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemas.rules import MailWhen, Mechanism
from schemas.words import Audience

Line = tuple[str, ...]
"""The ways to say one thing, the fullest first; there is at least one."""


@dataclass(frozen=True, slots=True)
class MailText:
    """What a mail says of one exception; see ``schemas.rules.MailText``."""

    text_id: str
    kind: str
    audience: Audience
    enabled: bool
    when: MailWhen
    needs: frozenset[Mechanism]
    subject: Line
    happened: tuple[Line, ...]
    details: tuple[Line, ...]
    steps: tuple[Line, ...]

    def ways(self) -> Iterator[tuple[str, str]]:
        """All that it can say, each under its key."""
        for key in ("happened", "details", "steps"):
            for line in getattr(self, key):
                yield from ((key, way) for way in line)
        yield from (("subject", way) for way in self.subject)


@dataclass(frozen=True, slots=True)
class MailWords:
    """What stands in every mail; see ``schemas.rules.Mail``. ``texts`` stand in the order in which they are tried."""

    greeting: str
    several_subject: str
    several: str
    next: str
    help: Mapping[Audience, str]
    safety: str
    footer: str
    texts: Mapping[str, MailText]

"""Answers that are not the account's: pages of machines on the way, nonsense."""

from collections.abc import Sequence
from random import Random

from agents.gateways.http import Reply
from orderbell.standins.account import Answer

_PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr>nginx</body></html>"
_PAGES = (
    (500, "500 Internal Server Error"),
    (502, "502 Bad Gateway"),
    (502, "502 Bad Gateway"),
    (503, "503 Service Temporarily Unavailable"),
    (504, "504 Gateway Time-out"),
)
PAGES_OF_OTHERS = (
    Reply(200, b""),
    Reply(200, b"null"),
    Reply(200, b"[]"),
    Reply(200, b"OK"),
    Reply(200, b"\xff\xfe{}"),
    Reply(200, b"[" * 5_000),
    Reply(200, _PAGE.format("Welcome").encode()),
    Reply(403, _PAGE.format("403 Forbidden").encode()),
)
"""Answers that no vendor gives: those of machines on the way."""


def page(random: Random) -> Reply:
    """Tells nothing of what became of a request."""
    status, title = random.choice(_PAGES)
    return Reply(status, _PAGE.format(title).encode())


def nonsense(random: Random, answer: Answer | None, known: Sequence[Reply]) -> Reply:
    """No answer that can be read: one of those ``known``, at times the beginning of the right one."""
    if answer is not None and random.random() < 0.5:
        return Reply(answer.status, answer.body[: random.randrange(len(answer.body))])
    return random.choice(known)

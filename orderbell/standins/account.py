"""What an account at a vendor's is to the web port before it, whichever vendor it is.

It waits for nothing and listens to nobody: a request's bytes go in, an answer's come out.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, TypeVar


class Request(NamedTuple):
    """A request as it came. The names of its headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def action(self) -> str:
        """What is asked for: some vendors have a header of their own for it, to others it is the path."""
        named = self.headers.get("x-acs-action") or self.headers.get("x-tc-action")
        return named or self.target.partition("?")[0]


class Answer(NamedTuple):
    """The vendor's own answer. ``code`` is that of the body, ``OK`` for a yes."""

    status: int
    code: str
    body: bytes


class Message(Protocol):
    """One message on its way to one telephone. ``number`` is written as the vendor does; of an app, its device's id."""

    number: str

    def report(self) -> dict[str, Any]:
        """What is pushed when the carrier has said what became of it."""
        ...


M = TypeVar("M", bound=Message)


class Account(Protocol[M]):
    """``messages`` are those it took, ``refused`` the codes of its noes, both in order."""

    messages: list[M]
    refused: list[str]

    def refuse(self, request: Request) -> Answer | None:
        """The front's no, or ``None``. A request may be looked at once."""
        ...

    def do(self, request: Request) -> Answer:
        """Does what a request asks for that was not refused."""
        ...

    def conclude(self, message: M, err_code: str = ...) -> None:
        """The carrier has said what became of a message: that it arrived, if nothing else."""
        ...


class SmsAccount(Account[M], Protocol[M]):
    """An account for text messages, which can be answered."""

    def reply(self, number: str, content: str) -> dict[str, Any]:
        """Somebody answers the last message to ``number``: what is pushed of it."""
        ...

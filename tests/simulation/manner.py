"""What differs between the simulated vendors: how each is asked and answers, and its own words."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from agents.gateways.gateway import AnyGateway
from agents.gateways.http import Client, Reply
from agents.gateways.pushed import Format
from orderbell.standins.account import Answer, Request
from schemas.rules import Provider
from schemas.words import Channel
from streams.clock import Clock

BAD_NUMBER = "0404"
"""How a number ends, or the id of a device, at which a vendor has nobody. That is no disturbance."""

No = tuple[int, str]
"""A vendor's own no: the HTTP status and the code."""


class Asked(NamedTuple):
    """What a request asks for. ``number`` is written as the vendor does; of several devices there is a space between.

    A ``question`` asks for no message, be it for what became of one or for what the next one needs; it has no
    ``out_id``. Of those with the same ``single`` the vendor sends one.
    """

    question: bool
    number: str
    out_id: str = ""
    template: str = ""
    single: str = ""


class Message(Protocol):
    """A message that a vendor took."""

    number: str
    err_code: str

    @property
    def message_id(self) -> str:
        """The vendor's own id."""
        ...

    def report(self) -> dict[str, Any]:
        """What is pushed of it."""
        ...


class Account(Protocol):
    """A stand-in's."""

    def refuse(self, request: Request) -> Answer | None:
        """The front's no, or ``None``."""
        ...

    def do(self, request: Request, shows: Callable[[Any], bool]) -> Answer:
        """Does what a request asks for that was not refused."""
        ...

    def conclude(self, message: Any, err_code: str) -> None:
        """The carrier has said what became of a message."""
        ...

    def reply(self, number: str, content: str) -> dict[str, Any]:
        """Somebody answers the last message to ``number``: what is pushed of it."""
        ...


class Words(NamedTuple):
    """A vendor's own. ``noes`` have their weights, and most are over soon; so are the ``busy`` ones, which come to a
    question as well. ``failures`` are the codes of what did not arrive."""

    noes: Mapping[No, int]
    busy: Sequence[No]
    no_money: No
    no_rights: No
    no_template: No
    bad_number: No
    delivered: str
    failures: Mapping[str, int]
    dead_number: str
    """The code of what was sent to a number at which nothing arrives."""
    nonsense: Sequence[Reply]
    """Answers that tell nothing of what became of a request."""
    lasting: frozenset[str] = frozenset()
    """Of a vendor to whom a message is posted again: the noes to the second post that go for the first as well."""
    stale: frozenset[str] = frozenset()
    """The noes to what the request was signed with, and not to the message: it is posted again with another."""
    had: frozenset[str] = frozenset()
    """The noes which say that the message was taken before."""


class Manner(ABC):
    """One vendor's. ``pushes_again`` says after how many seconds a push is repeated that was not answered, ``echoes``
    whether reports name our own id for every account."""

    name: Provider
    channel: Channel
    words: Words
    pushed: Format
    pushes_again: tuple[float, ...]
    echoes: bool

    @abstractmethod
    def gateway(self, over: Client, clock: Clock) -> AnyGateway:
        """The real one."""

    @abstractmethod
    def account(self, now: Callable[[], float], on_message: Callable[[Any], None], *, echoes: bool) -> Account:
        """The stand-in's."""

    @abstractmethod
    def asked(self, request: Request) -> Asked:
        """What a request of ours asks for."""

    @abstractmethod
    def text(self, request: Request) -> str:
        """What a message says, where it is not refused for it."""

    @abstractmethod
    def no(self, asked: Asked, no: No) -> Answer:
        """Its own no to what was asked."""

    # What most do alike.

    def is_bad(self, asked: Asked) -> bool:
        """Whether the vendor has nobody at that address, where its account doesn't say so itself."""
        return False

    def named(self, out_id: str) -> str:
        """How the vendor knows an id of ours."""
        return out_id

    def out_id(self, message: Any) -> str:
        """That id of a message."""
        return str(message.out_id)

    def body(self, element: dict[str, Any], *, reply: bool) -> bytes:
        """One element as it is pushed."""
        return msgspec.json.encode([element])

    def interim(self, message: Any) -> dict[str, Any] | None:
        """A report without news, from a vendor that has such."""
        return None

    def writes(self, number: str) -> str:
        """A number (E.164, or as ``plain`` has it) as the vendor writes it, or the id of a device or a follower."""
        return number


def plain(number: str) -> str:
    """A vendor's number as the oracle knows it: 11 digits in mainland China, else with the country's code; no sign."""
    return number.removeprefix("+86").removeprefix("+")

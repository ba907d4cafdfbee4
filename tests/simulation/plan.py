"""A run that is to be: who does what and when, and what goes wrong. Whole and explicit, so that it can be shrunk,
stored and repeated."""

from typing import Literal

import msgspec

from schemas.rules import Provider
from schemas.times import Micros
from schemas.words import Kind


class Publish(msgspec.Struct, tag="publish", frozen=True):
    """An upstream service publishes a record, ``at`` after the start. ``timestamp``: what it says, if not that."""

    at: Micros
    topic: str
    key: str | None
    value: str | None
    timestamp: Micros | None = None


class Reply(msgspec.Struct, tag="reply", frozen=True):
    """The owner of a telephone writes back, ``at`` after the start."""

    at: Micros
    number: str
    content: str


class Say(msgspec.Struct, tag="say", frozen=True):
    """An operator says what is to become of a storm, ``at`` after the start; ``None`` takes the word back."""

    at: Micros
    storm: str
    word: Literal["tell", "drop"] | None


class Story(msgspec.Struct, frozen=True):
    """What happens to one order, one parcel, one customer. Stories can be left out one by one."""

    name: str
    acts: list[Publish | Reply | Say]


class Trouble(msgspec.Struct, frozen=True):
    """Something goes wrong with a worker or with Kafka, ``at`` after the start, for so long.

    ``crash``: killed, and started again after ``lasts``. ``freeze``: stopped, and woken after it. ``leave``: told to
    end, and started again after it. ``slow``: each step at Kafka takes up to a second. ``fail``: steps at Kafka fail,
    before or after they were done. ``deaf``: the worker's opt-out ledger stands still. ``deal``: the group is dealt
    out anew. ``worker`` is the index of whom it befalls. ``step`` of a crash: it dies that many steps of the event
    loop later, in the middle of something.
    """

    at: Micros
    what: Literal["crash", "freeze", "leave", "slow", "fail", "deaf", "deal"]
    worker: int = 0
    lasts: Micros = 0
    step: int = 0


class Temper(msgspec.Struct, frozen=True):
    """How cruel a vendor is: from 0, perfect, to 1, in each of its ways."""

    slow: float = 0
    hang: float = 0
    refuse: float = 0
    """No connection."""
    page_before: float = 0
    """A 500 or 502 page, and nothing taken."""
    page_after: float = 0
    """The same, the message taken."""
    reset: float = 0
    """The connection ends once it was written, the message taken or not."""
    garbled: float = 0
    """A truncated or nonsensical answer, the message taken or not."""
    no: float = 0
    """Its own no: limits, busy, balance."""
    early: float = 0
    """The report comes before the answer."""
    again: float = 0
    """A report is pushed twice."""
    lost: float = 0
    """A report never comes."""
    late: float = 0
    """A report comes after hours."""
    fails: float = 0
    """The message is not delivered."""
    forgetful: float = 0
    """A question is not answered, or the vendor can't tell yet."""
    limited: float = 0
    """A no for having been asked too much."""
    broke: float = 0
    """For hours all messages are refused: the account has no money."""
    locked: float = 0
    """For hours all is refused: our credentials are."""
    unapproved: float = 0
    """For hours some templates are refused."""
    drops: float = 0
    """For hours what goes to some carriers is taken, and arrives nowhere."""
    skew: Micros = 0
    """How far the vendor's clock is ahead of ours."""
    echoes: bool = False
    """Reports name our own id as well, where the vendor does so only for some accounts."""


class Own(msgspec.Struct, frozen=True):
    """In what the rules of a run differ from those of every simulated shop.

    ``repeats``: the kinds of which is sent once more what may have been sent. ``answers``: what an operator has said
    on which storm.
    """

    daily_cap: int = 20
    repeats: tuple[Kind, ...] = ()
    answers: tuple[tuple[str, Literal["tell", "drop"]], ...] = ()


class Plan(msgspec.Struct, frozen=True):
    """A whole run. ``seed`` decides what is left to chance. ``vendors``: those that have a gateway."""

    seed: int
    days: int
    workers: int
    partitions: int
    stories: list[Story]
    troubles: list[Trouble]
    vendors: dict[Provider, Temper]
    flaky: float = 0
    """How likely it is that a step at Kafka fails, done or not, at any time."""
    rules: Own = Own()

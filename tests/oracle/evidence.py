"""What is known of a run once it is over: all that an oracle may judge by, and nothing from inside the program.

The simulation and the soak on a real Kafka gather the same. Times are microseconds since the epoch, by the one clock
of the world, not by any worker's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from schemas.times import Micros


@dataclass(frozen=True, slots=True)
class Published:
    """A record that an upstream service published, at ``at``; ``timestamp`` is what its record says."""

    topic: str
    partition: int
    offset: int
    timestamp: Micros
    key: bytes | None
    value: bytes | None
    at: Micros


@dataclass(frozen=True, slots=True)
class Written:
    """A record that Orderbell wrote and that can be read: aborted ones are not here. ``at`` is its timestamp."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    at: Micros


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request of ours to send a message, as the vendor knows it.

    ``begun_at``: its first byte was written. ``ended_at``: whoever asked had an answer, or gave up. ``taken``: the
    vendor will send it. ``answer``: what was heard by whoever asked: its own yes, its own no, or neither.
    """

    out_id: str
    number: str
    """11 digits, or with the code of its country; no sign. On another channel the address there."""
    text: str
    begun_at: Micros
    ended_at: Micros | None
    taken: bool
    answer: Literal["yes", "no", "neither"]
    code: str = ""
    """The vendor's own code, where it said no."""
    provider: str = "aliyun"
    channel: str = "sms"
    mistakable: bool = False
    """A question may show another message in its place: set by the oracle, see ``mistakable``."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A delivery report that the vendor pushed. ``answered_at``: we said that we had it, if we ever did. ``echoed``: it
    names our own id; else only whoever heard the vendor's id in its answer knows what it is about."""

    out_id: str
    number: str
    delivered: bool
    err_code: str
    reported_at: Micros
    answered_at: Micros | None
    provider: str = "aliyun"
    echoed: bool = True


@dataclass(frozen=True, slots=True)
class Replied:
    """The owner of a number wrote back. ``answered_at``: we told the vendor that we had it, if we ever did."""

    number: str
    content: str
    said_at: Micros
    answered_at: Micros | None
    provider: str = "aliyun"


@dataclass(frozen=True, slots=True)
class Said:
    """An operator said what is to become of a storm, or took the word back (``None``)."""

    storm: str
    word: Literal["tell", "drop"] | None
    at: Micros


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Something was wrong from ``begin`` to ``end``, for which the program is not to blame.

    ``worker``: one was dead, frozen, joining, or the group was dealt out anew. ``kafka``: it failed or was slow.
    ``vendor``: it did not say its own yes to what it should have taken; ``news``: it reported late, or could not tell
    yet what it had taken. ``provider`` says which.
    """

    what: Literal["worker", "kafka", "vendor", "news"]
    begin: Micros
    end: Micros
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A whole run. ``left``: the entries of each task's state at the end, by task, where they could be looked at.
    ``providers``: those that a text message could go by, ``others``: those of the other channels."""

    published: Sequence[Published]
    written: Sequence[Written]
    attempts: Sequence[Attempt]
    reported: Sequence[Reported]
    replied: Sequence[Replied]
    disturbances: Sequence[Disturbance]
    began_at: Micros
    closed_at: Micros
    """When upstream fell silent for good."""
    ended_at: Micros
    left: Mapping[str, Sequence[str]] = field(default_factory=dict)
    providers: Sequence[str] = ("aliyun",)
    said: Sequence[Said] = ()
    others: Sequence[str] = ()

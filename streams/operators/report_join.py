"""Joins delivery reports that echo no id of ours with the messages they are about, by the vendor's id.

Either may come first: a report overtakes the turn that records the acceptance, or comes again days later. Each waits
for the other up to 72 h, after which no report counts any more. Reports come more than once, and pass on as often as
they come once their message is known: the sender knows what it has heard.
"""

from typing import NamedTuple

import msgspec

from schemas.times import HOUR, Micros
from streams.policy.echo import Echo

WAITS: Micros = 72 * HOUR
MOST = 8
"""How many different reports of one message are kept while it is not known; of more the first ones leave."""


class Heard(NamedTuple):
    """What a vendor reported. ``code`` and ``reason`` (its class) say why a message was not delivered."""

    delivered: bool
    reported_at: Micros
    sent_at: Micros | None = None
    code: str | None = None
    reason: str | None = None


class Joining(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message of a vendor's, until ``until``: whose it is, or what was reported before that was known.

    ``claimed``: another took it for its own as well, so that who gives it up may not be the one whose it is.
    """

    until: Micros
    owner: Echo | None = None
    heard: tuple[Heard, ...] = ()
    claimed: bool = False


def message(entry: Joining | None, owner: Echo, now: Micros) -> tuple[Joining, tuple[Heard, ...]]:
    """The message is known: the entry after it, and the reports that waited for it.

    Whose it was first it remains: a vendor without an echo can show one customer's message for another's with the same
    telephone, and whoever takes it for its own by a question must not have the reports of the one it was.
    """
    if entry is not None and entry.owner not in (None, owner):
        return msgspec.structs.replace(entry, claimed=True), ()
    if entry is None:
        return Joining(until=now + WAITS, owner=owner), ()
    return msgspec.structs.replace(entry, until=now + WAITS, owner=owner, heard=()), entry.heard


def report(entry: Joining | None, heard: Heard, now: Micros) -> tuple[Joining, Echo | None]:
    """A report came: the entry after it, and whose message it is about, where that is known."""
    if entry is None:
        return Joining(until=now + WAITS, heard=(heard,)), None
    if entry.owner is not None or heard in entry.heard:
        return entry, entry.owner
    return msgspec.structs.replace(entry, heard=(*entry.heard, heard)[-MOST:]), None

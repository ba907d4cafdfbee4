"""Accepted is not arrived: the delivered share of each road, and which road to take when one has collapsed.

A **road** is a provider, a carrier and a template. A text that is not filed with a carrier, or a provider whose route
to it is broken, is accepted and paid all the same, and lost. So of each road is counted, in slots of five minutes over
an hour, by the start of the attempts, what was accepted and what of it was delivered. What never is reported stays
accepted and not delivered, so a carrier that drops without a word shows as well as one that says so. What failed
because of the number itself says nothing of the road, and is taken out.

While a road is collapsed and another is not, messages take the other; but one a minute still goes as a probe, and old
slots leave the window, so that the road is found well again. Where no probe goes since there is nothing to send, the
road is well again when the window has emptied.

A road is known to the task that sends on it, one partition's share of all messages: with many partitions and few
messages none may reach ``ENOUGH``, and nothing is judged. It is an entry of the sender's table, which leaves with its
last slot.
"""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec

from schemas.calls import ErrorClass
from schemas.rules import Carrier
from schemas.times import HOUR, MINUTE, Micros
from streams.engine.turn import Turn

P = TypeVar("P", bound=str)

SLOT: Micros = 5 * MINUTE
WINDOW: Micros = HOUR
"""How long a slot counts after its end: long enough for ``ENOUGH`` on a quiet road, and short enough to forgive."""
REPORTS_WITHIN: Micros = 5 * MINUTE
"""How long after its end a slot isn't judged. Most reports come within seconds; a vendor that re-pushes does so a first
time after a minute, and again after five."""
ENOUGH = 20
"""How many messages make a share: of a road that delivers nine of ten, more than half of twenty are lost by chance less
than once in a million."""
PROBE_EVERY: Micros = MINUTE
"""How often a message goes a collapsed road: in an hour enough to judge it by probes alone, and no more are lost."""

_MOST = WINDOW // SLOT + 2
"""How many slots a window touches, with one more for a clock that was ahead."""
_OF_THE_NUMBER = frozenset({ErrorClass.BAD_NUMBER, ErrorClass.NUMBER_UNAVAILABLE, ErrorClass.OPTED_OUT})
_PREFIX = "*share/"


class Slot(NamedTuple):
    """The ``number``-th five minutes of all: how many messages were accepted, and of how many it is known that they
    were delivered."""

    number: int
    accepted: int
    delivered: int

    @property
    def judged_from(self) -> Micros:
        """When its reports have come."""
        return (self.number + 1) * SLOT + REPORTS_WITHIN

    @property
    def until(self) -> Micros:
        """When it leaves the window."""
        return (self.number + 1) * SLOT + WINDOW


class Share(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="share"):
    """What is known of a road. The oldest slot comes first.

    ``looked_at`` is when it was last judged, ``probed_at`` when a message last went although it was collapsed;
    ``down``: it was collapsed when it was last judged.
    """

    slots: tuple[Slot, ...] = ()
    looked_at: Micros = 0
    probed_at: Micros = 0
    down: bool = False

    def add(self, started_at: Micros, now: Micros, accepted: int, delivered: int) -> "Share":
        """The share after news of an attempt. Of one that began before the window nothing is counted."""
        number = started_at // SLOT
        slots = {slot.number: slot for slot in self.slots}
        former = slots.get(number, Slot(number, 0, 0))
        counted = max(0, former.accepted + accepted)
        slots[number] = Slot(number, counted, min(max(0, former.delivered + delivered), counted))
        return msgspec.structs.replace(self, slots=tuple(slots[n] for n in sorted(slots))).judged(now)

    def judged(self, now: Micros) -> "Share":
        """The share as it is at ``now``: what has left the window is gone."""
        living = tuple(slot for slot in self.slots if slot.until > now and slot.accepted)[-_MOST:]
        return msgspec.structs.replace(self, slots=living, looked_at=now, down=_collapsed(living, now))

    @property
    def deadline(self) -> Micros | None:
        """When it next has to be judged: a slot's reports have come, or the slot leaves."""
        moments = (moment for slot in self.slots for moment in (slot.judged_from, slot.until))
        return min((moment for moment in moments if moment > self.looked_at), default=None)

    def collapsed(self, now: Micros) -> bool:
        """Whether of enough messages fewer than half have arrived."""
        return _collapsed(self.slots, now)


def _collapsed(slots: Iterable[Slot], now: Micros) -> bool:
    judged = [slot for slot in slots if slot.judged_from <= now < slot.until]
    accepted = sum(slot.accepted for slot in judged)
    return accepted >= ENOUGH and 2 * sum(slot.delivered for slot in judged) < accepted


# Which road to take.


def collapsed(turn: Turn[Any, Any], provider: str, carrier: Carrier | None, template_id: str) -> bool:
    """Whether the road has collapsed. One without a carrier (a foreign number) is not judged."""
    share = None if carrier is None else _find(turn, _key(provider, carrier, template_id))
    return share is not None and share.collapsed(turn.wall)


def prefers_other(
    turn: Turn[Any, Any], provider: P, others: Iterable[P], carrier: Carrier | None, template_id: str
) -> P | None:
    """The provider to take instead of ``provider``: the first of ``others`` whose road is well; ``None`` to stay.

    ``others`` are those that could send the message now, in the order of the rules. Once a minute a message stays as a
    probe, and that is noted in the turn: so this is asked when all else is clear, and the message goes in this turn.
    """
    if carrier is None or not collapsed(turn, provider, carrier, template_id):
        return None
    other = next((o for o in others if o != provider and not collapsed(turn, o, carrier, template_id)), None)
    if other is None:
        return None
    key = _key(provider, carrier, template_id)
    share = _find(turn, key)
    if share is not None and not share.probed_at <= turn.wall < share.probed_at + PROBE_EVERY:
        turn.put(key, msgspec.structs.replace(share, probed_at=turn.wall))
        return None
    turn.count("roads_avoided", provider, carrier)
    return other


# What is counted.


def accepted(
    turn: Turn[Any, Any], provider: str, carrier: Carrier | None, template_id: str, started_at: Micros
) -> None:
    """A provider took the message of the attempt that began at ``started_at``."""
    _add(turn, provider, carrier, template_id, started_at, 1, 0)


def reported(
    turn: Turn[Any, Any],
    provider: str,
    carrier: Carrier | None,
    template_id: str,
    started_at: Micros,
    status: Literal["delivered", "undelivered", "no_report"],
    reason: str | None,
) -> None:
    """What became of a message that was counted as accepted."""
    if status == "delivered":
        _add(turn, provider, carrier, template_id, started_at, 0, 1)
    elif status == "undelivered" and reason in _OF_THE_NUMBER:
        _add(turn, provider, carrier, template_id, started_at, -1, 0)


def due(turn: Turn[Any, Any], key: bytes, share: Share) -> None:
    """Time has passed: judges the road anew."""
    _keep(turn, key, share, share.judged(turn.wall))


def _add(
    turn: Turn[Any, Any],
    provider: str,
    carrier: Carrier | None,
    template_id: str,
    started_at: Micros,
    taken: int,
    delivered: int,
) -> None:
    if carrier is None:
        return
    key = _key(provider, carrier, template_id)
    former = _find(turn, key) or Share()
    _keep(turn, key, former, former.add(started_at, turn.wall, taken, delivered))


def _keep(turn: Turn[Any, Any], key: bytes, former: Share, share: Share) -> None:
    if share.down != former.down:
        provider, carrier, template_id = key.decode().split("/")[1:]
        turn.count("roads_turned", provider, carrier, template_id, "collapsed" if share.down else "well")
        if share.down:
            turn.warn("road_collapsed", provider=provider, carrier=carrier, template_id=template_id)
        else:
            turn.say("road_well", provider=provider, carrier=carrier, template_id=template_id)
    if share.slots:
        turn.put(key, share)
    elif turn.get(key) is not None:
        turn.delete(key)


def _key(provider: str, carrier: Carrier, template_id: str) -> bytes:
    """The road's key in the task's table: no customer's id, which has neither asterisk nor slash."""
    return f"{_PREFIX}{provider}/{carrier}/{template_id}".encode()


def _find(turn: Turn[Any, Any], key: bytes) -> Share | None:
    found = turn.get(key)
    return found if isinstance(found, Share) else None

"""The gate to one provider: how many calls are under way, how fast they may follow, whether any may.

A slot is taken with ``sending`` and free again with the call's result, or after ``SLOT_LASTS``: by then no call can be
under way any more, so those of an owner that died hold nobody up for longer. A report that comes before the answer
frees none, since the call goes on. Each provider has slots of its own, so one that hangs holds up nobody else's.
"""

from typing import NamedTuple

import msgspec

from schemas.calls import SendResult
from schemas.times import MILLISECOND, SECOND, Micros
from streams.policy import breaker, pace
from streams.policy.breaker import Breaker

SLOT_LASTS: Micros = 15 * SECOND
"""``call_by`` is 5 s after the start, and a request ends within 10 s."""
URGENT_SHARE = 4
"""One slot in so many, and as much of a burst, is for the urgent alone."""
BURST: Micros = 100 * MILLISECOND
"""How far ahead of its rate a provider may be asked. Vendors count by the second."""
SLOW: Micros = SECOND
HANGING = 5
"""A provider with so many calls unanswered for so long is asked only where there is no other."""


class Slot(NamedTuple):
    """A slot that is taken: since when, and by which call. Its customer may be erased while it is taken, and does not
    stand here."""

    since: Micros
    call: str


class Gate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="gate"):
    """``next_at`` keeps the rate: see ``streams.policy.pace``. The oldest slots come first."""

    taken_slots: tuple[Slot, ...] = ()
    next_at: Micros = 0
    breaker: Breaker = Breaker()

    def has_slot(self, now: Micros, slots: int, urgent: bool) -> bool:
        """Whether one of ``slots`` is free."""
        return slots - len(self._still(now)) > (0 if urgent else slots // URGENT_SHARE)

    def in_rate(self, now: Micros, urgent: bool) -> bool:
        """Whether a call now keeps to the rate."""
        return pace.may_go(self.next_at, now, BURST if urgent else BURST - BURST // URGENT_SHARE)

    def open(self, now: Micros) -> bool:
        """Whether the breaker lets a call through."""
        return self.breaker.next_at() <= now

    def hangs(self, now: Micros) -> bool:
        """Whether the provider has long been silent to several calls."""
        still = self._still(now)
        return len(still) >= HANGING and still[HANGING - 1].since <= now - SLOW

    def taken(self, now: Micros, call: str, distance: Micros) -> "Gate":
        """The gate after a call began, which is followed by the next after ``distance`` on the average.

        ``call`` is the id that the vendor echoes.
        """
        return msgspec.structs.replace(
            self,
            taken_slots=(*self._still(now), Slot(now, _named(call))),
            next_at=pace.gone(self.next_at, now, distance),
            breaker=self.breaker.began(now),
        )

    def freed(self, now: Micros, call: str, result: SendResult | None) -> "Gate":
        """The gate after a call ended. That of one whose slot is free already only says how the provider is."""
        said = breaker.Health.UNSAID if result is None else breaker.health(result)
        return msgspec.structs.replace(
            self,
            taken_slots=tuple(slot for slot in self.taken_slots if slot.call != _named(call)),
            breaker=self.breaker.after(said, now),
        )

    def _still(self, now: Micros) -> tuple[Slot, ...]:
        slots = self.taken_slots
        if not slots or slots[0].since > now - SLOT_LASTS:
            return slots  # mostly so, and looked at many times for each message where many wait
        return tuple(slot for slot in slots if slot.since > now - SLOT_LASTS)


def _named(call: str) -> str:
    """The notification and the attempt, without the customer."""
    return call[call.find(".") + 1 :]


def key(provider: str) -> bytes:
    """The gate's key in the task's table: no customer's id, which has no asterisk."""
    return f"*gate/{provider}".encode()

"""The gate to one provider: how many calls are under way, how fast they may follow, whether any may.

A slot is taken with ``sending`` and free again with the call's result, or after ``SLOT_LASTS``: by then no call can be
under way any more, so those of an owner that died hold nobody up for longer. A report that comes before the answer
frees none, since the call goes on. Each provider has slots of its own, so one that hangs holds up nobody else's.

Of the slots there are a provider may have as many as its answers have earned: few at first, and each answer earns it
one more (slow start, RFC 5681), but only while it needs them (RFC 7661). Trouble, or a silence of either side, takes
that away again. So a burst does not all end in doubt at a provider that hangs by now.
"""

from typing import NamedTuple

import msgspec

from schemas.calls import SendResult
from schemas.times import MILLISECOND, SECOND, Micros
from streams.policy import breaker, pace
from streams.policy.breaker import Breaker, Health

SLOT_LASTS: Micros = 15 * SECOND
"""``call_by`` is 5 s after the start, and a request ends within 10 s."""
FIRST_SLOTS = 8
"""How many calls may be under way at a provider that has yet to answer: some more than tell that it hangs."""
URGENT_SHARE = 4
"""One slot in so many, and as much of a burst, is for the urgent alone."""
BURST: Micros = 100 * MILLISECOND
"""How far ahead of its rate a provider may be asked. Vendors count by the second."""
SLOW: Micros = SECOND
HANGING = 5
"""A provider with so many calls unanswered for so long is asked only where there is no other."""
IDLE: Micros = 10 * SECOND
"""After so long without a call a provider must show anew that it answers. By then its connections are closed too."""


_PREFIX = "*gate/"


class Slot(NamedTuple):
    """A slot that is taken: since when, and by which call. Its customer may be erased while it is taken, and does not
    stand here."""

    since: Micros
    call: str


class Gate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="gate"):
    """``next_at`` keeps the rate: see ``streams.policy.pace``. The oldest slots come first. ``earned``: how many may be
    taken at once, of however many there are; ``scarce_at``: when these were last as good as used up."""

    taken_slots: tuple[Slot, ...] = ()
    next_at: Micros = 0
    breaker: Breaker = Breaker()
    earned: int = FIRST_SLOTS
    scarce_at: Micros = 0

    def has_slot(self, now: Micros, slots: int, urgent: bool) -> bool:
        """Whether one of ``slots`` is free, as far as the provider has earned them."""
        allowed = min(slots, self._earned(now))
        return allowed - len(self._still(now)) > (0 if urgent else allowed // URGENT_SHARE)

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
        taken, earned = (*self._still(now), Slot(now, _named(call))), self._earned(now)
        return msgspec.structs.replace(
            self,
            taken_slots=taken,
            next_at=pace.gone(self.next_at, now, distance),
            breaker=self.breaker.began(now),
            earned=earned,
            scarce_at=now if len(taken) >= earned - earned // URGENT_SHARE else self.scarce_at,
        )

    def freed(self, now: Micros, call: str, result: SendResult | None) -> "Gate":
        """The gate after a call ended. That of one whose slot is free already only says how the provider is."""
        name, said = _named(call), Health.UNSAID if result is None else breaker.health(result)
        return msgspec.structs.replace(
            self,
            taken_slots=tuple(slot for slot in self.taken_slots if slot.call != name),
            breaker=self.breaker.after(said, now),
            earned=self._earned_after(said, name),
        )

    def _earned(self, now: Micros) -> int:
        return FIRST_SLOTS if self.next_at <= now - IDLE or self.hangs(now) else self.earned

    def _earned_after(self, said: Health, name: str) -> int:
        if said is Health.UNSAID:
            return self.earned
        if said is not Health.WELL:
            return FIRST_SLOTS
        return self.earned + any(s.call == name and s.since <= self.scarce_at for s in self.taken_slots)

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
    return f"{_PREFIX}{provider}".encode()


def provider(table_key: bytes) -> str:
    """Whose gate has this key."""
    return table_key.decode().removeprefix(_PREFIX)

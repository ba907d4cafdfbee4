"""When what comes of one carrier or one kind is a surge: far more than is usual, as no trouble with orders makes it.

Notices are counted in windows of ten minutes, by when each fell due and not by when it came: what an outage of ours
heaps up falls into the windows of its own hours. A surge begins in a window with the floor or more, and more than ten
times the usual, which is the mean of the windows in which anything came; a surge's own windows are not usual. Of a
kind nothing is taken for a surge before it was known for a day. Nothing is usual of a carrier at first: the floor
alone counts.

It is over when it was quiet for half an hour: nothing fell into a window with a tenth of what it began with. Of a
carrier that proves nothing, since of a dead feed there come no more stalls once all its parcels have stalled. So its
feed must be back as well: updates have settled a tenth of what came since. One that does not come back is waited for
no longer than what is held can be told. What an operator had told or dropped no update can settle any more: such a
surge is over when it is told, or when the word that drops it is taken back. What had come of it until then stays
dropped, whenever it is looked at: much of it may wait for the morning, and nobody is to read then what is known to be
wrong.
"""

from typing import Literal, NamedTuple

import msgspec

from schemas.times import DAY, MINUTE, Micros

Watched = Literal["carrier", "kind"]

WINDOW: Micros = 10 * MINUTE
QUIET: Micros = 30 * MINUTE
GIVEN_UP: Micros = 3 * DAY
"""How long after that a carrier's feed is waited for: what was held has expired by then."""
FORGOTTEN_AFTER: Micros = 14 * DAY
"""How long after the last arrival its usual is remembered."""

_FLOOR: dict[Watched, int] = {"carrier": 100, "kind": 1_000}
_LEARNS: dict[Watched, Micros] = {"carrier": 0, "kind": DAY}
_TIMES = 10
_RECENT = 24
"""How many windows are counted at once: what fell due earlier than in these four hours is not counted."""
_USUAL_OF = 288
"""Of so many windows, two days of them where something always comes, is the mean; older ones fade."""


class Window(NamedTuple):
    """How many fell due in the ten minutes of this number."""

    number: int
    came: int


class Surge(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="surge"):
    """What is known of one carrier or kind.

    ``level`` is how many there were in the window in which the surge began (0: there is none), ``came`` how many came
    after that, ``settled`` how many of the carrier's updates have settled since, ``quiet_at`` when it will have been
    quiet for long enough. ``dropped``: an operator drops what comes of it; ``dropped_until``: what came before that, of
    a surge that is over, was dropped. ``usual`` is the mean of ``known`` windows.
    """

    watched: Watched
    since: Micros
    last_at: Micros
    windows: tuple[Window, ...] = ()
    usual: float = 0
    known: int = 0
    level: int = 0
    came: int = 0
    settled: int = 0
    quiet_at: Micros = 0
    dropped: bool = False
    dropped_until: Micros = 0

    def holds(self, now: Micros) -> bool:
        """Whether there is a surge."""
        return self.level > 0 and now < self.ends_at

    @property
    def ends_at(self) -> Micros:
        """When the surge is over if nothing more is heard."""
        back = self.watched == "kind" or self.settled * _TIMES >= self.came
        return self.quiet_at if back else self.quiet_at + GIVEN_UP

    @property
    def deadline(self) -> Micros:
        """When ``due`` has something to do."""
        return self.ends_at if self.level else self.last_at + FORGOTTEN_AFTER


def arrived(known: Surge | None, watched: Watched, at: Micros, now: Micros, *, may_begin: bool) -> Surge:
    """After a notice came that fell due ``at``. Not ``may_begin``: an operator has said that so many are no surge."""
    surge = known or Surge(watched=watched, since=now, last_at=now)
    number = min(at, now) // WINDOW
    counts = dict(surge.windows)
    if counts and number <= max(counts) - _RECENT:
        return msgspec.structs.replace(surge, last_at=now)
    count = counts[number] = counts.get(number, 0) + 1
    surge = _slid(surge, counts, now)
    if not may_begin:
        return _calmed(surge, now)
    if surge.level:
        loud = count * _TIMES >= surge.level
        quiet_at = now + QUIET if loud else surge.quiet_at
        return msgspec.structs.replace(surge, came=surge.came + 1, quiet_at=quiet_at)
    begins = count >= _FLOOR[watched] and count > _TIMES * surge.usual and now - surge.since >= _LEARNS[watched]
    return msgspec.structs.replace(surge, level=count, came=0, quiet_at=now + QUIET) if begins else surge


def settled(surge: Surge, now: Micros) -> Surge:
    """After an update settled one of those that came: the feed may be back, and bring more."""
    return msgspec.structs.replace(surge, settled=surge.settled + 1, quiet_at=max(surge.quiet_at, now + QUIET))


def answered(surge: Surge, word: Literal["tell", "drop"] | None, now: Micros) -> Surge:
    """After an operator's word on it was looked for, and found or not."""
    if not surge.level:
        return surge
    if word == "drop":
        return surge if surge.dropped else msgspec.structs.replace(surge, dropped=True)
    if word == "tell":
        return _calmed(surge, now)
    return _calmed(msgspec.structs.replace(surge, windows=()), now) if surge.dropped else surge


def due(surge: Surge, now: Micros) -> Surge | None:
    """After its deadline: a surge is over, or all is forgotten."""
    if surge.last_at + FORGOTTEN_AFTER <= now:
        return None
    return surge if surge.holds(now) or not surge.level else _calmed(msgspec.structs.replace(surge, windows=()), now)


def _slid(surge: Surge, counts: dict[int, int], now: Micros) -> Surge:
    """With these counts, of which those that are no longer recent have become usual."""
    oldest = max(counts) - _RECENT
    usual, known = surge.usual, surge.known
    for number in sorted(number for number in counts if number <= oldest):
        count = counts.pop(number)
        if not surge.level:
            known = min(known + 1, _USUAL_OF)
            usual += (count - usual) / known
    windows = tuple(Window(*pair) for pair in sorted(counts.items()))
    return msgspec.structs.replace(surge, last_at=now, windows=windows, usual=usual, known=known)


def _calmed(surge: Surge, now: Micros) -> Surge:
    if not surge.level:
        return surge
    until = min(now, surge.ends_at) if surge.dropped else surge.dropped_until
    return msgspec.structs.replace(surge, level=0, came=0, settled=0, quiet_at=0, dropped=False, dropped_until=until)

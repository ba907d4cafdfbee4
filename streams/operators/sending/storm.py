"""Storms: what looks like a fault upstream, and not like trouble with orders, is held until it is over.

A carrier whose feed has died lets its parcels stall by the thousand; a bug floods a kind; one customer has more
notices in a day than anybody has. What has not gone of such a storm waits. It is still settled, erased and expired like
anything held, so when the feed is back, what was a false alarm is gone, and the rest is told. An operator may have it
told earlier (``tell``), or never (``drop``): what had come while that word held is not told later either.

A storm is named ``carrier:ID``, ``kind:KIND`` or ``customer:ID``. Carriers and kinds have an entry each in the task's
table; of a customer the outbox itself says how much there was.
"""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal, NamedTuple
from zlib import crc32

from schemas.outputs import Outcome, Reason
from schemas.times import DAY, MINUTE, Micros
from streams.engine.turn import Turn
from streams.operators.sending import outcome
from streams.operators.sending.desk import Desk, State
from streams.operators.sending.hold import Later
from streams.operators.sending.outbox import REPLAYED, Notice
from streams.policy import surge
from streams.policy.rules import Rules
from streams.policy.surge import Surge, Watched
from streams.policy.verdict import Verdict

DROPPED = Verdict(Outcome.SUPPRESSED, Reason.STORM)

_PREFIX = "*storm/"
"""What the keys of carriers and kinds in the task's table begin with: no customer's id, which has no asterisk."""
_LOOK_EVERY: Micros = 10 * MINUTE
"""How soon what is held looks again where nobody can say when the storm is over. An operator's word is heard at once,
since deadlines follow the rules."""
_SPREAD: Micros = MINUTE
"""Over how long those that look again at one moment are spread."""


class _Storm(NamedTuple):
    """What holds a notice, under which name, and when it is over at the earliest, where that is known.

    ``was_dropped``: it is over, and an operator had dropped what came of it.
    """

    what: Literal["carrier", "kind", "customer"]
    name: str
    ends_at: Micros | None
    was_dropped: bool = False


def arrived(desk: Desk, notice: Notice) -> None:
    """Counts a notice that is new."""
    if not desk.rules.file.storm_guard:
        return
    for watched, its in _watched(notice):
        key, name = _key(watched, its), f"{watched}:{its}"
        known = _known(desk, watched, its)
        may_begin = desk.rules.file.storm.answers.get(name) != "tell"
        now_known = surge.arrived(known, watched, _fell_due(notice, desk.rules), desk.now, may_begin=may_begin)
        if now_known.level and not (known and known.level):
            desk.turn.count("storms", name, "began")
            desk.turn.warn("storm_began", storm=name)
        desk.turn.put(key, now_known)


def settled(desk: Desk, notice: Notice) -> None:
    """An update settles a notice: in a storm of its carrier that says that the feed may be back."""
    for watched, its in _watched(notice):
        if watched == "carrier":
            known = _known(desk, watched, its)
            if known is not None and known.level:
                desk.turn.put(_key(watched, its), surge.settled(known, desk.now))


def passed(desk: Desk, notice: Notice) -> Notice | None:
    """The notice, where no storm holds it; else it is put off, or ends as an operator has said."""
    storm = _of(desk, notice)
    if storm is None and desk.rules.file.storm_guard:
        storm = _of_customer(desk, notice)
    if storm is None:
        return notice if notice.storm is None else desk.change(notice, storm=None)
    if _dropped(desk, storm):
        outcome.end_unplanned(desk, notice, DROPPED)
        return None
    if notice.storm is None:
        desk.turn.count("storm_held", storm.what)
    desk.change(notice, storm=storm.name, not_before=_look_again(desk, notice, storm))
    return None


def free(desk: Desk, notice: Notice) -> bool:
    """Whether no storm holds a notice, be it planned or not."""
    return _of(desk, notice) is None and not (desk.rules.file.storm_guard and _of_customer(desk, notice))


def holds(desk: Desk, notice: Notice) -> Later | Verdict | None:
    """Whether a storm that came after it was planned keeps a notice from going now."""
    storm = _of(desk, notice)
    if storm is None:
        return None
    return DROPPED if _dropped(desk, storm) else Later(min(_look_again(desk, notice, storm), desk.now + MINUTE))


def due(turn: Turn[State, Rules], key: bytes, known: Surge) -> None:
    """Ends the storm that is over, forgets of what nothing has come for long."""
    now_known = surge.due(known, turn.wall)
    _tell_if_over(turn, named(key), known, now_known)
    if now_known is None:
        turn.delete(key)
    else:
        turn.put(key, now_known)


def named(table_key: bytes) -> str:
    """The storm whose entry has this key."""
    return table_key.decode().removeprefix(_PREFIX).replace("/", ":", 1)


def may_hold(storm: str, rules: Rules) -> bool:
    """Whether the rules have that storm hold anything: an operator may have said ``tell``."""
    return rules.file.storm_guard and rules.file.storm.answers.get(storm) != "tell"


def _watched(notice: Notice) -> Iterator[tuple[Watched, str]]:
    yield "kind", notice.kind
    carrier = notice.facts.get("carrier")
    if notice.kind == "shipment_stalled" and notice.audience == "buyer" and isinstance(carrier, str):
        yield "carrier", carrier


def _key(watched: Watched, its: str) -> bytes:
    return f"{_PREFIX}{watched}/{its}".encode()


def _known(desk: Desk, watched: Watched, its: str) -> Surge | None:
    """What is known of it, an operator's word heard."""
    key, name = _key(watched, its), f"{watched}:{its}"
    found = desk.turn.get(key)
    if not isinstance(found, Surge):
        return None
    known = surge.answered(found, desk.rules.file.storm.answers.get(name), desk.now)
    if known is not found:
        desk.turn.put(key, known)
        _tell_if_over(desk.turn, name, found, known)
    return known


def _tell_if_over(turn: Turn[State, Rules], name: str, former: Surge, now_known: Surge | None) -> None:
    if former.level and not (now_known and now_known.level):
        turn.count("storms", name, "ended")
        turn.say("storm_ended", storm=name)


def _fell_due(notice: Notice, rules: Rules) -> Micros:
    """A stall falls due when the carrier has been silent for long enough, however late that is found."""
    carrier = notice.facts.get("carrier")
    if notice.kind != "shipment_stalled":
        return notice.occurred_at
    return notice.occurred_at + rules.stall_after(carrier if isinstance(carrier, str) else None)


def _of(desk: Desk, notice: Notice) -> _Storm | None:
    """The storm of its carrier or its kind. One that an operator has dropped comes first."""
    if not desk.rules.file.storm_guard:
        return None
    found: _Storm | None = None
    for watched, its in _watched(notice):
        known = _known(desk, watched, its)
        if known is None:
            continue
        name = f"{watched}:{its}"
        if notice.arrived_at < known.dropped_until:
            return _Storm(watched, name, None, was_dropped=True)
        if known.holds(desk.now):
            found = _Storm(watched, name, known.ends_at)
            if _dropped(desk, found):
                return found
    return found


def _of_customer(desk: Desk, notice: Notice) -> _Storm | None:
    """Whether the customer had as many notices as are usual within 24 hours, before this one."""
    name = f"customer:{desk.customer_id}"
    storm, since = desk.rules.file.storm, desk.now - DAY
    decided = desk.box.decided
    before = len(decided) - bisect_right(decided, since + REPLAYED, key=lambda one: one.until)
    for one in desk.box.notices:
        if one.command_id == notice.command_id:
            break
        before += not one.decided and one.arrived_at > since
    swells = before >= storm.customer_daily and storm.answers.get(name) != "tell"
    return _Storm("customer", name, None) if swells else None


def _dropped(desk: Desk, storm: _Storm) -> bool:
    return storm.was_dropped or desk.rules.file.storm.answers.get(storm.name) == "drop"


def _look_again(desk: Desk, notice: Notice, storm: _Storm) -> Micros:
    """Each at a moment of its own, lest thousands look at once."""
    at = desk.now + _LOOK_EVERY
    if storm.ends_at is not None:
        at = min(at, storm.ends_at)
    return at + crc32(notice.command_id.encode()) % _SPREAD

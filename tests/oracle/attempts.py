"""Whose each attempt was, and whether it was allowed to begin."""

from collections import defaultdict
from collections.abc import Iterable

from schemas.times import SECOND, Micros
from tests.oracle import wishes
from tests.oracle.calm import Calm
from tests.oracle.case import Case, Sent
from tests.oracle.defects import Defects
from tests.oracle.evidence import Attempt, Evidence
from tests.oracle.outputs import Outputs
from tests.oracle.people import People
from tests.oracle.stops import ANSWERED, BAD_NUMBER, Stops
from tests.oracle.terms import SHANGHAI, Terms

CALL_WITHIN: Micros = 5 * SECOND
"""A call begins so long after its last look at the latest."""
ASKED_FOR: Micros = 45 * SECOND
"""From so long after an attempt on, what a vendor of ``TELLS_ABSENCE`` does not know counts as not taken."""
TELLS_ABSENCE = frozenset({"aliyun"})
"""The vendors that list what they took at once: of the others no silence says that a message was not taken."""
ENDS_A_NUMBER = ANSWERED | BAD_NUMBER
"""The codes after which nobody tries that number again for the same message, at no vendor."""
DOUBTED: Micros = 1_200 * SECOND
"""What is in doubt is in doubt no longer after so long."""
LAST_WHOLE = 18
"""An order number of up to so many characters is named whole."""
_TAIL = 4
HOLDS_FEW_CHARACTERS = frozenset({"tencent"})
"""The vendors whose variables hold fewer than that: there it is named by its last ones."""


def named(out_id: str) -> tuple[str, int] | None:
    """The notification and the number of an attempt: its ``OutId`` carries customer, notification and attempt."""
    parts = out_id.split(".")
    return (parts[1], int(parts[2])) if len(parts) == 3 and parts[2].isdecimal() else None


def assign(evidence: Evidence, cases: Iterable[Case], out: Outputs, defects: Defects) -> None:
    """Gives each attempt to the cases whose message it was."""
    by_command = {case.id: case for case in cases}
    begun = dict[str, Attempt]()
    for attempt in evidence.attempts:
        if attempt.out_id in begun:
            first = begun[attempt.out_id].begun_at
            defects.add("twice", attempt.out_id, "called twice", first=first, again=attempt.begun_at)
        begun[attempt.out_id] = attempt
        name = named(attempt.out_id)
        commands = _told_by(*name, out) if name else set()
        mine = [by_command[command] for command in sorted(commands) if command in by_command]
        if name is None or not mine:
            if attempt.begun_at + DOUBTED < evidence.ended_at:
                what = "a call of which nothing was ever written" + (", and it was taken" if attempt.taken else "")
                defects.add("unexplained", attempt.out_id, what, begun=attempt.begun_at)
            continue
        for case in mine:
            case.sent.append(Sent(attempt, *name, together=mine))
    called = {named(out_id) for out_id in begun}
    for case in by_command.values():
        unbegun = (name for name in out.unknown.get(case.id, ()) if name not in called)
        case.unbegun = {out.receipts[name][0].receipt.channel for name in unbegun}


def _told_by(notification_id: str, number: int, out: Outputs) -> set[str]:
    """The commands that an attempt told of. Those of one of which no receipt is there are its notification's."""
    receipts = out.receipts.get((notification_id, number), [])
    told = {command for receipted in receipts for command in receipted.receipt.command_ids}
    return told or out.commands_of.get(notification_id, set())


class Attempts:
    """Judges the attempts of one case after another. ``calm`` is that of workers and Kafka."""

    def __init__(self, terms: Terms, calm: Calm, people: People, stops: Stops, defects: Defects) -> None:
        self._calm = calm
        self._people = people
        self._stops = stops
        self._defects = defects
        # A look at the state of things, whose news travelled through two tasks, and a call that begins a while after.
        self._late_news = 2 * terms.slack + CALL_WITHIN
        self._call_within = CALL_WITHIN + SECOND

    def judge(self, case: Case) -> None:
        """All that is forbidden."""
        for sent in case.sent:
            self._timely(case, sent)
            self._wanted(case, sent.attempt)
            self._names_its_order(case, sent)

    def _timely(self, case: Case, sent: Sent) -> None:
        attempt, begun = sent.attempt, sent.attempt.begun_at
        rides = any(other.may_go_at <= begun + SECOND // 20 for other in sent.together)
        if begun < (case.may_ride_at if rides else case.may_go_at) - SECOND // 20:
            self._forbid(case, attempt, "sent while it was to be held", until=case.may_go_at)
        if begun > case.expires_at + self._call_within:
            self._forbid(case, attempt, "sent when it had expired", expired=case.expires_at)
        looked_at = max(begun - self._call_within, 0)
        if (
            case.rules.window is not None
            and case.rules.opening(begun) != begun
            and (case.rules.opening(looked_at) != looked_at or _before_opening(case, begun))
        ):
            self._forbid(case, attempt, "sent outside its window")

    def _wanted(self, case: Case, attempt: Attempt) -> None:
        begun, number = attempt.begun_at, attempt.number
        profiles = self._people.during(case.customer_id, begun, begun)
        addresses = set(number.split(" "))
        if not any(addresses <= profile.allowed(case.kind, attempt.channel) for profile in profiles):
            self._forbid(case, attempt, "sent to an address that the profile did not have, or not for this")
        if attempt.channel in wishes.RINGS and self._rings_in_quiet_hours(case, begun):
            self._forbid(case, attempt, "sent in quiet hours")
        ended = [at for at, surely in case.settles if surely and self._known_by(at) < begun]
        if ended:
            self._defects.add("false", case.id, "told when it was over", over=min(ended), begun=begun)
        decided = case.decided
        untold = decided is not None and decided.decision.outcome not in ("sent", "merged")
        if untold and decided is not None and begun > decided.at + self._call_within:
            what = f"sent after its outcome was {decided.decision.outcome}"
            self._forbid(case, attempt, what, decided=decided.at)
        holds = self._stops.holds.get(number)
        if holds is not None and begun > holds:
            self._forbid(case, attempt, "sent to a number whose owner had said stop", stopped=holds)

    def _rings_in_quiet_hours(self, case: Case, begun: Micros) -> bool:
        looked_at = begun - self._call_within
        profiles = self._people.during(case.customer_id, looked_at, begun)
        return all(p.loud_from(begun) != begun and p.loud_from(looked_at) != looked_at for p in profiles)

    def _known_by(self, at: Micros) -> Micros:
        return self._calm.deadline(at, self._late_news)

    def _names_its_order(self, case: Case, sent: Sent) -> None:
        order_id, attempt = case.notice.command.order_id, sent.attempt
        short = len(order_id) > LAST_WHOLE or attempt.provider in HOLDS_FEW_CHARACTERS or len(sent.together) > 1
        name = order_id[-_TAIL:] if short else order_id
        if attempt.text and name not in attempt.text:
            self._defects.add("unexplained", case.id, "a text that does not name its order", begun=attempt.begun_at)

    def _forbid(self, case: Case, attempt: Attempt, what: str, **times: Micros) -> None:
        self._defects.add("forbidden", case.id, what, begun=attempt.begun_at, **times)


def _before_opening(case: Case, begun: Micros) -> bool:
    """Whether the window had been closed for a while: then no look within it came before the call."""
    assert case.rules.window is not None
    day = (begun + SHANGHAI) % (24 * 3_600 * SECOND)
    return day < case.rules.window[0]


def crowds(evidence: Evidence, terms: Terms, out: Outputs, calm: Calm, defects: Defects) -> None:
    """More calls under way at one provider at once than there are slots."""
    moments = defaultdict[tuple[int, str], list[tuple[Micros, int]]](list)
    for attempt in evidence.attempts:
        partition = out.partitions.get(attempt.out_id.partition(".")[0])
        if partition is not None and attempt.ended_at is not None:
            moments[partition, attempt.provider] += [(attempt.begun_at, 1), (attempt.ended_at, -1)]
    for (partition, provider), changes in moments.items():
        under_way = 0
        for at, change in sorted(changes):
            under_way += change
            if under_way > terms.calls_at_once and calm.throughout(at - 20 * SECOND, at):
                what = f"{under_way} calls under way at once at {provider}"
                defects.add("forbidden", f"partition {partition}", what, at=at)
                break

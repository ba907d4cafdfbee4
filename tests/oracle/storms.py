"""What became of the stalls of a carrier whose feed died: held, until it was back or an operator said what to do.

A storm is counted apart in each partition, in windows of the clock. Whether one is over before it surely must be, the
contract leaves open.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schemas.times import DAY, HOUR, MINUTE, Micros
from tests.oracle.attempts import CALL_WITHIN
from tests.oracle.calm import Calm
from tests.oracle.case import Case
from tests.oracle.defects import Defects
from tests.oracle.evidence import Evidence, Said
from tests.oracle.outputs import Outputs
from tests.oracle.people import People
from tests.oracle.terms import Terms

WINDOW: Micros = 10 * MINUTE
APART: Micros = 6 * HOUR
"""What falls due so long after the others is another storm, or none."""
OVER_AFTER: Micros = HOUR
"""How long after the last news of a feed that is back its storm is surely over."""
LOOKED_AT_WITHIN: Micros = 15 * MINUTE
"""How long it may take until each that was held has been looked at."""
_FOR_EVER: Micros = 36_500 * DAY


@dataclass
class _Storm:
    """The stalls of one carrier in one partition, and when each ``fell_due``, the first first. ``said``: what an
    operator said of it."""

    name: str
    cases: list[Case]
    said: list[Said]
    fell_due: list[Micros]

    @property
    def most(self) -> int:
        """How many fell due within one window, wherever that begins."""
        within = (bisect_left(self.fell_due, at + WINDOW) - first for first, at in enumerate(self.fell_due))
        return max(within)

    @property
    def most_by_the_clock(self) -> int:
        """How many fell due within one window of the clock."""
        return max(Counter(at // WINDOW for at in self.fell_due).values())

    @property
    def news(self) -> list[Micros]:
        """When each parcel was first heard of again."""
        return sorted(min(at for at, _ in case.settles) for case in self.cases if case.settles)

    def first(self, word: str) -> Micros | None:
        """When an operator first said that word."""
        return min((said.at for said in self.said if said.word == word), default=None)

    def taken_back(self, at: Micros) -> Micros:
        """Until when a word holds that was said then."""
        return min((said.at for said in self.said if said.at > at), default=_FOR_EVER)

    @property
    def news_after_all(self) -> Micros | None:
        """When the feed was back, if it was: half of the parcels were heard of again, and nothing fell silent later."""
        back = 2 * len(self.news) >= len(self.cases)
        return max(self.news[-1], *(case.notice.at for case in self.cases)) if back else None


class Storms:
    """Knows which cases may have been held; and says of each until when at the most."""

    def __init__(
        self, evidence: Evidence, terms: Terms, calm: Calm, people: People, cases: Iterable[Case], out: Outputs
    ) -> None:
        self._terms = terms
        self._calm = calm
        self._people = people
        self._ended_at = evidence.ended_at
        by_carrier = defaultdict[tuple[int | None, str], list[Case]](list)
        for case in cases:
            carrier = case.notice.command.facts.get("carrier")
            if case.kind == "shipment_stalled" and isinstance(carrier, str):
                by_carrier[out.partitions.get(case.customer_id), carrier].append(case)
        self._storms = list[_Storm]()
        self._of = dict[str, _Storm]()
        for (_, carrier), stalled in by_carrier.items():
            name = f"carrier:{carrier}"
            said = [said for said in evidence.said if said.storm == name]
            before: _Storm | None = None
            earlier = list[Case]()
            for together in self._apart(stalled):
                storm = _Storm(name, together, said, [self._fell_due(case) for case in together])
                if storm.most >= terms.storm_floor:
                    self._storms.append(storm)
                    waiting = [case for case in earlier if case.goes_at >= storm.fell_due[0]]
                    self._hold(storm, [*waiting, *storm.cases], self._over_at(storm) + LOOKED_AT_WITHIN)
                    before = storm
                    continue
                earlier += together
                if before is not None and (dropped_until := self._dropped_until(before)):
                    late = [case for case in together if case.notice.at <= dropped_until]
                    self._hold(before, late, _FOR_EVER)

    def _hold(self, storm: _Storm, cases: Iterable[Case], until: Micros) -> None:
        for case in cases:
            self._of[case.id] = storm
            case.held_until = until

    def _dropped_until(self, storm: _Storm) -> Micros:
        """Until when what comes of it may be dropped, though its feed may be back; 0 where nothing is."""
        said_at = storm.first("drop")
        return 0 if said_at is None else self._calm.deadline(storm.taken_back(said_at), self._terms.slack)

    def _over_at(self, storm: _Storm) -> Micros:
        """From when on surely nothing of it is held any more."""
        told, back = storm.first("tell"), storm.news_after_all
        if storm.first("drop") is not None:
            return _FOR_EVER
        if told is not None and storm.taken_back(told) > (by := self._heard_by(storm, told)):
            return by
        return _FOR_EVER if back is None else self._calm.deadline(back, 2 * self._terms.slack) + OVER_AFTER

    def _heard_by(self, storm: _Storm, said_at: Micros) -> Micros:
        """By when each that was held has been looked at since an operator said something, in its window."""
        return storm.cases[0].deadline(self._calm, said_at, LOOKED_AT_WITHIN)

    def _apart(self, stalled: list[Case]) -> Iterator[list[Case]]:
        """The stalls of a carrier, of each of its silences by themselves."""
        stalled.sort(key=self._fell_due)
        begin = 0
        for end, case in enumerate(stalled):
            if self._fell_due(case) > self._fell_due(stalled[end - 1]) + APART:
                yield stalled[begin:end]
                begin = end
        yield stalled[begin:]

    def _fell_due(self, case: Case) -> Micros:
        carrier = case.notice.command.facts["carrier"]
        return case.notice.occurred + self._terms.after_by_carrier.get(carrier, self._terms.after)

    def may_be_dropped(self, case: Case, at: Micros) -> bool:
        """Whether an operator had dropped it. What came before that word was taken back may wait for the morning, and
        is then dropped all the same: who gave the word knew that the alarm was false."""
        storm = self._of.get(case.id)
        return storm is not None and any(
            said.word == "drop"
            and said.at <= at
            and case.notice.at <= self._calm.deadline(storm.taken_back(said.at), self._terms.slack)
            for said in storm.said
        )

    def judge(self, defects: Defects) -> None:
        """Judges whether few false alarms went, and whether what was dropped went nowhere."""
        for storm in self._storms:
            if storm.most_by_the_clock >= self._terms.storm_floor:
                self._few_told(storm, defects)
                self._dropped(storm, defects)

    def _few_told(self, storm: _Storm, defects: Defects) -> None:
        until = min([*storm.news[:1], storm.first("tell") or _FOR_EVER])
        told = [case for case in storm.cases if any(sent.attempt.begun_at < until for sent in case.sent)]
        if len(told) > self._terms.storm_floor:
            what = f"{len(told)} of {len(storm.cases)} were told while the feed was dead"
            defects.add("false", storm.name, what, until=until)

    def _dropped(self, storm: _Storm, defects: Defects) -> None:
        said_at = storm.first("drop")
        if said_at is None or any(at <= said_at for at in storm.news):
            return
        for case in storm.cases:
            if case.notice.at > said_at or (case.decided is not None and case.decided.at <= said_at):
                continue
            by = max(self._heard_by(storm, said_at), case.deadline(self._calm, case.may_go_at, LOOKED_AT_WITHIN))
            if by >= min(storm.taken_back(said_at), case.expires_at, self._ended_at):
                continue
            heard = self._calm.deadline(said_at, 2 * self._terms.slack + CALL_WITHIN)
            if any(heard < sent.attempt.begun_at for sent in case.sent):
                defects.add("forbidden", case.id, "told though an operator had dropped it", said=said_at)
            elif (case.decided is None or case.decided.at > by) and not self._asleep(case, said_at, by):
                defects.add("late", case.id, "an operator dropped it, and it did not end", said=said_at, by=by)

    def _asleep(self, case: Case, since: Micros, until: Micros) -> bool:
        """Whether it may wait for the end of the customer's quiet hours, and so is not looked at before."""
        versions = self._people.during(case.customer_id, case.notice.at, until)
        return any(version.loud_from(at) > at for version in versions for at in (since, until))

"""The oracle: judges by the promises what is known of a run once it is over.

Written from the wire contract, apart from the program: it shares the wire's types with it, and nothing else. Where the
contract leaves something open, or a race may go either way, either is right.
"""

from dataclasses import replace

from schemas.times import DAY
from tests.oracle import exposure, inbox, letters, secrets, settling
from tests.oracle.advertising import Advertising
from tests.oracle.attempts import Attempts, assign, crowds
from tests.oracle.calm import calms
from tests.oracle.caps import Caps
from tests.oracle.coupons import Coupons
from tests.oracle.defects import Defect, Defects
from tests.oracle.detection import Detection, known
from tests.oracle.evidence import Evidence
from tests.oracle.failover import Failover
from tests.oracle.gifts import Gifts
from tests.oracle.good_news import GoodNews
from tests.oracle.hearers import Hearers
from tests.oracle.mistaken import mistakable
from tests.oracle.once import Once
from tests.oracle.outcomes import Outcomes
from tests.oracle.outputs import gather
from tests.oracle.people import People
from tests.oracle.receipts import Receipts
from tests.oracle.steps import Plans
from tests.oracle.stops import Stops
from tests.oracle.storms import Storms
from tests.oracle.terms import GOOD_NEWS, KindTerms, Terms
from tests.oracle.upstream import read
from tests.oracle.ways import Offers, channels

__all__ = ["Defect", "Evidence", "KindTerms", "Terms", "judge"]

ALL_ENDS_IN = 40 * DAY
"""So long after upstream fell silent no state is left."""


def judge(evidence: Evidence, terms: Terms) -> list[Defect]:
    """All promises that were broken."""
    defects = Defects(evidence.began_at)
    upstream = read(evidence.published)
    out = gather(evidence.written, defects)
    evidence = replace(evidence, attempts=[*mistakable(evidence.attempts, out), *inbox.attempts(out)])
    calm = calms(evidence, terms)
    offers = Offers({kind: rules.plans for kind, rules in terms.kinds.items()}, channels(evidence))
    people = People(upstream.profiles, offers, calm.ours, 2 * terms.slack)
    stops = Stops(evidence, calm.ours, 2 * terms.slack)
    events = known(upstream, terms)

    cases = Detection(evidence, terms, calm.ours, events, out, defects).cases()
    settling.judge(evidence, terms, calm.ours, events, out, defects)
    letters.judge(evidence, terms, calm.ours, upstream, out, defects)

    assign(evidence, cases, out, defects)
    attempts = Attempts(terms, calm.ours, people, stops, defects)
    once = Once(terms, calm.ours, out, defects)
    caps = Caps(evidence, terms, people, out)
    hearers = Hearers(evidence, people, stops, caps)
    storms = Storms(evidence, terms, calm.ours, people, cases, out)
    outcomes = Outcomes(evidence, terms, calm, people, stops, hearers, caps, storms, out, defects)
    plans = Plans(evidence, terms, calm, people, stops, hearers, defects)
    failover = Failover(evidence, terms, calm, hearers, defects)
    news = GoodNews(evidence, terms, calm, people, cases, out, defects)
    for case in cases:
        attempts.judge(case)
        once.judge(case)
        if case.kind in GOOD_NEWS.values():
            news.judge(case)
            continue
        outcomes.judge(case)
        failover.judge(case)
        plans.judge(case)
    caps.judge(defects)
    storms.judge(defects)
    crowds(evidence, terms, out, calm.ours, defects)
    Receipts(evidence, terms, calm, people, cases, out, defects).judge()
    inbox.Inbox(evidence, terms, calm.ours, people, hearers, cases, out, defects).judge()
    Gifts(terms, calm.ours, people, cases, out, defects).judge()
    Advertising(people, stops, out, defects).judge(cases)
    Coupons(evidence, terms, calm, people, stops, out, defects).judge(cases)
    secrets.judge(cases, upstream, people, defects)
    exposure.judge(evidence, people, defects)
    _leaks(evidence, terms, defects)
    return defects.found


def _leaks(evidence: Evidence, terms: Terms, defects: Defects) -> None:
    if evidence.ended_at - evidence.closed_at < ALL_ENDS_IN:
        return
    for task, entries in evidence.left.items():
        left = [entry for entry in entries if entry not in terms.bookkeeping]
        if left:
            defects.add("leaked", task, f"{len(left)} entries never ended, such as {left[0]}")

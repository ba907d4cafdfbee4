"""Whether a notice whose hold is over is to be told, and to whom."""

from schemas.outputs import Outcome, Reason
from schemas.times import SECOND, Micros
from streams.operators.sending import hold, news, outcome, plan, storm
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import Notice
from streams.policy.contacts import NO_CONTACT
from streams.policy.good_news import trouble_of
from streams.policy.verdict import Verdict

NOT_TOLD = Verdict(Outcome.SUPPRESSED, Reason.NOT_TOLD)

_TROUBLE_PAUSE: Micros = 5 * SECOND
"""How soon good news looks again whether the trouble that it ends was told."""
_PROFILES_PAUSE: tuple[Micros, Micros] = (2 * SECOND, 30 * SECOND)
"""How long to wait for profiles that are behind, at least and at most; who has waited long waits longer."""


def at(desk: Desk, notice: Notice) -> None:
    """Plans the notice; or puts it off, or ends it."""
    over = hold.over(notice, desk.rules, desk.now)
    if over is not None:
        outcome.end_unplanned(desk, notice, over)
        return
    free = storm.passed(desk, notice)
    if free is None:
        return
    notice = free
    opens = hold.opening(notice, desk.rules, desk.now)
    if opens > desk.now:
        desk.change(notice, not_before=opens)
        return
    if news.behind(desk, notice):
        desk.change(notice, not_before=desk.now + news.PAUSE)
        return
    profile = desk.profile()
    if profile is None:
        _wait_for_profile(desk, notice)
        return
    trouble = trouble_of(notice.kind, notice.subject)
    if trouble is not None and any(
        (other.subject, other.audience) == (trouble, notice.audience) and not other.decided
        for other in desk.box.notices
    ):
        desk.change(notice, not_before=desk.now + _TROUBLE_PAUSE)
    elif trouble is not None and all(told.what != trouble for told in desk.box.told):
        outcome.end_unplanned(desk, notice, NOT_TOLD)
    else:
        plan.begin(desk, notice, profile)


def go_on(desk: Desk, notice: Notice) -> None:
    """Takes the next steps of its plans, while it may be told at all."""
    if hold.over(notice, desk.rules, desk.now) is not None:
        desk.change(notice, plans=())
    else:
        plan.go_on(desk, notice)


def _wait_for_profile(desk: Desk, notice: Notice) -> None:
    """A customer never seen is waited for, and its absence believed only where ``customers`` is known so far."""
    until = notice.arrived_at + desk.rules.profile_wait
    if desk.ways.progress.customers_known_until() >= until:
        outcome.end_unplanned(desk, notice, NO_CONTACT)
    else:
        shortest, longest = _PROFILES_PAUSE
        pause = min(max(shortest, (desk.now - until) // 8), longest)
        desk.change(notice, not_before=max(until, desk.now + pause))

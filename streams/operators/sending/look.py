"""From the hold to the call: who is to be told, and, right before each attempt, whether it may go at all.

The last look happens in the turn that writes ``sending``. What stops a notice from outside (a settle, a closed order,
an erasure) has been folded into the outbox before; all else that may have changed while it waited is looked at here.
"""

from hashlib import blake2b
from typing import NamedTuple

import msgspec

from schemas.customers import Customer
from schemas.outputs import Outcome, Reason
from schemas.rules import Carrier, SmsProvider
from schemas.times import MINUTE, SECOND, Micros
from schemas.words import Channel
from streams.operators.sending import counted, hold, journal, outcome, route, storm
from streams.operators.sending.desk import Desk
from streams.operators.sending.hold import Later
from streams.operators.sending.outbox import MOST, Notice, Notification
from streams.policy import contacts
from streams.policy.carriers import carrier_of
from streams.policy.case import Case
from streams.policy.contacts import Reached
from streams.policy.rules import Rules
from streams.policy.templates import choose
from streams.policy.text import Text, plainer, render
from streams.policy.verdict import Verdict

OPTED_OUT = Verdict(Outcome.SUPPRESSED, Reason.OPTED_OUT)
NO_CONTACT = Verdict(Outcome.FAILED, Reason.NO_CONTACT)
CONTENT_REFUSED = Verdict(Outcome.FAILED, Reason.CONTENT_REFUSED)
CAPPED = Verdict(Outcome.SUPPRESSED, Reason.CAPPED)
OVERFLOW = Verdict(Outcome.FAILED, Reason.OVERFLOW)

_LEDGER_PAUSE: Micros = SECOND
"""How soon to look again at the earliest for a ledger that can be relied on."""
_NEWS_WITHIN: Micros = 30 * SECOND
"""How long news of a customer is on its way to us at the most while all is well: each of the two agents that pass it
on tells its offsets every few seconds, and a session may have to time out."""
_BEHIND_PAUSE: Micros = SECOND
_BEHIND_AT_MOST: Micros = 2 * MINUTE
"""How long what was late when it came waits for news all the same."""
_PROFILES_PAUSE: tuple[Micros, Micros] = (2 * SECOND, 30 * SECOND)
"""How long to wait for profiles that are behind, at least and at most; who has waited long waits longer."""


def at_what_is_due(desk: Desk) -> None:
    """Plans the notices whose hold is over, and begins the attempts whose time has come."""
    for notice in desk.box.notices:
        if not notice.planned and hold.look_at(notice, desk.rules) <= desk.now:
            _plan(desk, notice)
    notices = {notice.command_id: notice for notice in desk.box.notices}
    for notification in desk.box.notifications:
        if waits(notification):
            notice = notices[notification.command_ids[0]]
            if due_at(notice, notification, desk.rules) <= desk.now:
                _attempt(desk, notice, notification)
    outcome.close_notices(desk)


def due_at(notice: Notice, notification: Notification, rules: Rules) -> Micros:
    """When a notification that waits is next looked at."""
    return min(notification.next_at, hold.over_at(notice, rules))


def waits(notification: Notification) -> bool:
    """Whether a further attempt is to be made and may begin as far as the notification itself goes."""
    return notification.verdict is None and notification.under_way is None


# Who is to be told.


def _plan(desk: Desk, notice: Notice) -> None:
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
    if _profiles_behind(desk, notice):
        desk.change(notice, not_before=desk.now + _BEHIND_PAUSE)
        return
    profile = desk.profile()
    if profile is None:
        _wait_for_profile(desk, notice)
        return
    reached = contacts.reached(profile, notice.kind)
    if isinstance(reached, Verdict):
        outcome.end_unplanned(desk, notice, reached)
        return
    if len(desk.box.notifications) + len(reached) > MOST:
        outcome.end_unplanned(desk, notice, OVERFLOW)
        return
    desk.box.notifications += tuple(_notification(notice, contact, "sms") for contact in reached)
    desk.change(notice, planned=True)


def _profiles_behind(desk: Desk, notice: Notice) -> bool:
    """Whether news of the customer may lie unread since long, and there is still time to wait for it.

    After an outage nobody is to be told at a number given up hours ago, or after an erasure, because the commands were
    read before the profiles. But to be later than that is worse than not to have the latest news.
    """
    in_vain_from = max(notice.notify_by - hold.MARGIN, notice.arrived_at + _BEHIND_AT_MOST)
    return desk.now < in_vain_from and desk.ways.progress.customers_known_until() < desk.now - _NEWS_WITHIN


def _wait_for_profile(desk: Desk, notice: Notice) -> None:
    """A customer never seen is waited for, and its absence believed only where ``customers`` is known so far."""
    until = notice.arrived_at + desk.rules.profile_wait
    if desk.ways.progress.customers_known_until() >= until:
        outcome.end_unplanned(desk, notice, NO_CONTACT)
    else:
        shortest, longest = _PROFILES_PAUSE
        pause = min(max(shortest, (desk.now - until) // 8), longest)
        desk.change(notice, not_before=max(until, desk.now + pause))


def _notification(notice: Notice, contact: Reached, channel: Channel) -> Notification:
    named = f"{notice.command_id} {contact.contact_id} {channel}".encode()
    return Notification(
        notification_id=f"n-{blake2b(named, digest_size=16).hexdigest()}",
        command_ids=(notice.command_id,),
        order_ids=(notice.order_id,),
        kinds=(notice.kind,),
        merchant_id=notice.merchant_id,
        contact_id=contact.contact_id,
        channel=channel,
    )


# Whether it may go.


class Go(NamedTuple):
    """It may go now: to this contact, through this provider, in these words."""

    to: Reached
    provider: SmsProvider
    text: Text


def _attempt(desk: Desk, notice: Notice, notification: Notification) -> None:
    answer = _last_look(desk, notice, notification)
    if answer == CONTENT_REFUSED and not notification.plain:
        notification = _plainer(desk, notice, notification)
        answer = _last_look(desk, notice, notification)
    if isinstance(answer, Go):
        notification = msgspec.structs.replace(notification, contact_id=answer.to.contact_id)
        journal.begin(desk, notification, answer.to.number, answer.provider, answer.text)
    elif isinstance(answer, Later):
        desk.box.keep(msgspec.structs.replace(notification, next_at=answer.at))
    else:
        outcome.end(desk, notification, answer)


def _plainer(desk: Desk, notice: Notice, notification: Notification) -> Notification:
    """Whoever there is has refused the words, perhaps for what upstream calls a thing: it goes without that.

    A provider at which that makes no difference is not asked again.
    """
    profile = desk.profile()
    if profile is None:
        return notification
    case = _case(desk, notice, profile, plain=False)

    def in_vain(provider: SmsProvider) -> bool:
        template = choose(desk.rules, case, provider=provider)
        return template is None or not plainer(template, case, desk.rules, provider)

    kept = tuple(bar for bar in notification.bars if bar.ends != CONTENT_REFUSED or in_vain(bar.provider))
    return msgspec.structs.replace(notification, plain=True, bars=kept)


def _last_look(desk: Desk, notice: Notice, notification: Notification) -> Go | Later | Verdict:
    """Whether an attempt may begin in this very turn. What only puts it off comes first, being the cheapest."""
    over = hold.over(notice, desk.rules, desk.now)
    if over is not None:
        return over
    held = storm.holds(desk, notice)
    if held is not None:
        return held
    opens = hold.opening(notice, desk.rules, desk.now)
    if opens > desk.now:
        return Later(opens)
    if _profiles_behind(desk, notice):
        return Later(desk.now + _BEHIND_PAUSE)
    profile = desk.profile()
    if profile is None:
        return NO_CONTACT
    first = notice.urgency == "urgent" or profile.tier == "vip"
    if not desk.ways.opt_outs.fresh(desk.now):
        return Later(desk.place_in_line(_LEDGER_PAUSE, urgent=first))
    if route.full(desk, first=first):
        return Later(desk.place_in_line(route.BUSY_PAUSE, urgent=first))
    to = _recipient(desk, notice, notification, profile)
    if isinstance(to, Verdict):
        return to
    if any(to.number == other.number for other in desk.box.of(notice)):
        return NO_CONTACT  # it was another contact's number when that one was told
    if desk.ways.opt_outs.stopped(to.number):
        return OPTED_OUT
    if counted.capped(desk, to.contact_id, notice.kind):
        return CAPPED
    case = _case(desk, notice, profile, plain=notification.plain)
    carrier = carrier_of(to.number)

    def words(provider: SmsProvider) -> Text | None:
        return _text(desk.rules, case, provider, carrier)

    way = route.find(desk, notification, to, words, first=first)
    return Go(to, way.provider, way.text) if isinstance(way, route.Way) else way


def _recipient(desk: Desk, notice: Notice, notification: Notification, profile: Customer) -> Reached | Verdict:
    """Its contact; where that one is gone or wants to hear no more, one that hears now and has no notification yet.

    So it is told to the contact that has the number of one that left, and to the one that came in its place.
    """
    number = contacts.number_of(profile, notification.contact_id, notice.kind)
    if not isinstance(number, Verdict):
        return Reached(notification.contact_id, number)
    reached = contacts.reached(profile, notice.kind)
    if isinstance(reached, Verdict):
        return number
    others = {other.contact_id for other in desk.box.of(notice)}
    return next((contact for contact in reached if contact.contact_id not in others), number)


def _case(desk: Desk, notice: Notice, profile: Customer, *, plain: bool) -> Case:
    return Case(
        kind=notice.kind,
        order_id=notice.order_id,
        facts=notice.facts,
        now=desk.now,
        tracking_no=notice.tracking_no,
        audience=notice.audience,
        tier=profile.tier,
        plain=plain,
    )


def _text(rules: Rules, case: Case, provider: SmsProvider, carrier: Carrier | None) -> Text | None:
    template = choose(rules, case, provider=provider, carrier=carrier)
    return None if template is None else render(template, case, rules, provider)

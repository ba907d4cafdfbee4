"""What is due of notices and messages, and, right before each attempt, whether it may go at all.

The last look happens in the turn that writes ``sending``. What stops a notice from outside (a settle, a closed order,
an erasure) has been folded into the outbox before; all else that may have changed while it waited is looked at here.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from schemas.customers import Customer
from schemas.outputs import Outcome, Packed, Reason
from schemas.rules import Provider
from schemas.times import SECOND, Micros
from streams.operators.sending import (
    coupons,
    first_look,
    hold,
    journal,
    line,
    news,
    outcome,
    plan,
    recipient,
    riders,
    route,
    storm,
    words,
)
from streams.operators.sending.desk import Desk
from streams.operators.sending.hold import Later
from streams.operators.sending.line import InLine
from streams.operators.sending.outbox import Notice, Notification, Remarks
from streams.operators.sending.route import Way
from streams.operators.sending.words import Message
from streams.policy import quiet
from streams.policy.case import Case
from streams.policy.channels import LOUD
from streams.policy.contacts import NO_CONTACT, Reached
from streams.policy.inbox import InboxText
from streams.policy.merging import told, told_plainer
from streams.policy.packing import Why
from streams.policy.rules import Rules
from streams.policy.verdict import Verdict

CONTENT_REFUSED = Verdict(Outcome.FAILED, Reason.CONTENT_REFUSED)

_ALONE: Mapping[Why, Packed] = {"nothing_in_common": Packed.NOTHING_IN_COMMON, "no_gain": Packed.NO_GAIN}
_LEDGER_PAUSE: Micros = SECOND
"""How soon to look again for a ledger that can be relied on."""


def at_what_is_due(desk: Desk) -> None:
    """Plans the notices whose hold is over, takes the steps and begins the attempts whose time has come."""
    for notice in desk.box.notices:
        if not notice.planned and hold.look_at(notice, desk.rules) <= desk.now:
            first_look.at(desk, notice)
    for notice in desk.box.notices:
        if notice.plans and plan_due_at(notice, desk.box.of(notice), desk.rules) <= desk.now:
            first_look.go_on(desk, notice)
    for waiting in desk.box.notifications:
        notification = desk.box.notification(waiting.notification_id)  # it may have gone in another's message
        if notification is None or not notification.waits:
            continue
        told = desk.box.notice(notification.command_ids[0])
        if told is not None and due_at(told, notification, desk.rules) <= desk.now:
            _attempt(desk, told, notification)
    outcome.close_notices(desk)


def due_at(notice: Notice, notification: Notification, rules: Rules) -> Micros:
    """When a notification that waits is next looked at."""
    return min(notification.next_at, hold.over_at(notice, rules))


def plan_due_at(notice: Notice, told: Iterable[Notification], rules: Rules) -> Micros:
    """When a notice that has steps to come is next looked at."""
    return min(plan.due_at(notice, told), hold.over_at(notice, rules))


class Party(NamedTuple):
    """What to tell of together. ``saved``: how many segments that costs less; ``packed``: why, where others waited."""

    members: tuple[Notice, ...]
    saved: int
    packed: Packed | None


class Go(NamedTuple):
    """It may go now: to this contact, through this provider, in these words, which tell of all the party."""

    to: Reached
    way: Way
    party: Party
    remarks: Remarks


def _attempt(desk: Desk, notice: Notice, notification: Notification) -> None:
    answer = _last_look(desk, notice, notification)
    if answer == CONTENT_REFUSED and notification.channel == "sms" and not notification.plain:
        notification = _plainer(desk, notice, notification)
        answer = _last_look(desk, notice, notification)
    if isinstance(answer, Go):
        notification = msgspec.structs.replace(notification, contact_id=answer.to.contact_id)
        profile = desk.profile()
        members = answer.party.members
        if len(members) > 1 and profile is not None:
            notification = riders.join(desk, notification, members, profile)
        journal.begin(desk, notification, answer.to.address, answer.way, answer.party.saved, answer.remarks)
    elif isinstance(answer, InInbox):
        journal.put_in_inbox(desk, notification, answer.to, answer.text)
    elif isinstance(answer, InLine):
        desk.box.keep(notification)
        desk.standing[notification.notification_id] = answer
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

    def in_vain(provider: Provider) -> bool:
        if provider != "aliyun" and provider != "tencent":
            return True
        text = told([case], desk.rules, provider)
        return text is None or not told_plainer(text, [case], desk.rules, provider)

    kept = tuple(bar for bar in notification.bars if bar.ends != CONTENT_REFUSED or in_vain(bar.provider))
    return msgspec.structs.replace(notification, plain=True, bars=kept)


class InInbox(NamedTuple):
    """It may go into the inbox now, which nobody has to be asked for."""

    to: Reached
    text: InboxText


def _last_look(desk: Desk, notice: Notice, notification: Notification) -> Go | InInbox | InLine | Later | Verdict:
    """Whether an attempt may begin in this very turn. What only puts it off comes first, being the cheapest."""
    over = hold.over(notice, desk.rules, desk.now)
    if over is not None:
        return over
    held = storm.holds(desk, notice)
    if held is not None:
        return held
    if plan.reached(desk, notice, notification):
        return plan.REACHED
    opens = hold.opening(notice, desk.rules, desk.now)
    if opens > desk.now:
        return Later(opens)
    if news.behind(desk, notice):
        return Later(desk.now + news.PAUSE)
    profile = desk.profile()
    if profile is None:
        return NO_CONTACT
    loud_from = quiet.ends_at(profile, desk.now) if notification.channel in LOUD else desk.now
    if loud_from > desk.now:
        plan.silently(desk, notice, profile, notification.contact_id)
        return Later(loud_from)
    if notification.channel == "inbox":
        return _for_inbox(desk, notice, notification, profile)
    first = notice.urgency == "urgent" or profile.tier == "vip"
    if notification.channel == "sms" and not desk.ways.opt_outs.fresh(desk.now):
        return line.waits_for("the ledger", desk.now + _LEDGER_PAUSE, first=first)
    full = route.full(desk, notification.channel, first=first)
    if full is not None:
        return full
    to = recipient.of(desk, notice, notification, profile)
    return to if isinstance(to, Verdict) else _on_its_way(desk, notice, notification, profile, to, first=first)


def _on_its_way(
    desk: Desk, notice: Notice, notification: Notification, profile: Customer, to: Reached, *, first: bool
) -> Go | InLine | Later | Verdict:
    """With company where that can go at once, else alone: nobody waits for company."""
    answer: InLine | Later | Verdict = route.NO_TEXT
    for party in _parties(desk, notice, notification, profile, to):
        cases = [_case(desk, member, profile, plain=notification.plain) for member in party.members]

        def message(provider: Provider, cases: list[Case] = cases) -> Message | None:
            return words.message(cases, desk.rules, provider, to.address)

        way = route.find(desk, notification, to, message, first=first)
        if isinstance(way, Way):
            way, coupon = coupons.ride(desk, notification, party.members, cases, to, profile, way)
            return Go(to, way, party, Remarks(coupon, party.packed))
        answer = way
    return answer


def _parties(desk: Desk, notice: Notice, notification: Notification, profile: Customer, to: Reached) -> Iterator[Party]:
    """The notice with what rides along, then by itself."""
    packed = Packed.NO_WAY if notification.alone else None
    stays = to.contact_id == notification.contact_id
    others = riders.who_may_ride(desk, notice, notification, profile) if stays else []
    provider = route.first_sms(desk)
    if others and provider is not None:
        notices = [notice, *others]
        cases = [_case(desk, member, profile, plain=False) for member in notices]
        own = next(group for group in words.packed(cases, desk.rules, provider, to.address) if 0 in group.members)
        packed = _ALONE.get(own.why)
        if len(own.members) > 1:
            yield Party(tuple(notices[member] for member in own.members), own.saved, Packed.MERGED)
            packed = Packed.NO_WAY
    yield Party((notice,), 0, packed)


def _for_inbox(desk: Desk, notice: Notice, notification: Notification, profile: Customer) -> InInbox | Verdict:
    to = recipient.of(desk, notice, notification, profile)
    if isinstance(to, Verdict):
        return to
    text = words.inbox([_case(desk, notice, profile, plain=False)], desk.rules)
    return route.NO_TEXT if text is None else InInbox(to, text)


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

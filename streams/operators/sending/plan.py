"""Who hears of a notice, and by which channels, step by step.

A plan is a list of steps, a step one or more channels at once. A contact's next step is taken when none of the last one
was delivered: at once where nothing of it was taken or all of it failed, else after ``step_wait``. What a customer has
no address for, or does not want, and what has no gateway, is passed over. With the first delivery the plan has done its
work, and what of it still waits goes no more.

In a customer's quiet hours what may ring waits for their end. What is urgent then also takes the silent channels, at
once and beside its plan: a message in the inbox at night is not the one that wakes nobody in the morning.
"""

from collections.abc import Iterable
from hashlib import blake2b

import msgspec

from schemas.customers import Contact, Customer
from schemas.outputs import Outcome, Reason
from schemas.times import Micros
from schemas.words import Channel
from streams.operators.sending import addresses, gifts, hold, outcome
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import MOST, Notice, Notification, Plan
from streams.policy import channels, contacts, quiet
from streams.policy.rules import Step
from streams.policy.verdict import Verdict

OVERFLOW = Verdict(Outcome.FAILED, Reason.OVERFLOW)
NO_PROVIDER = Verdict(Outcome.FAILED, Reason.NO_PROVIDER)
REACHED = Verdict(Outcome.SUPPRESSED, Reason.SUPERSEDED)
"""How what still waits of a plan ends when another message of it was delivered."""
_LAST = frozenset({Reason.CAPPED, Reason.DRY_RUN})
"""What ends a message and is so on every channel."""


def begin(desk: Desk, notice: Notice, profile: Customer) -> None:
    """Takes the first step for every contact that is to hear; or ends the notice where none can be reached."""
    steps = hold.rules_of(notice, desk.rules).plans[profile.tier]
    if not steps:
        outcome.end_unplanned(desk, notice, hold.SWITCHED_OFF)
        return
    notice = gifts.give(desk, notice, profile)
    addresses.ask_to_confirm(desk, notice, profile)
    people = contacts.people(profile, notice.kind)
    if isinstance(people, Verdict):
        outcome.end_unplanned(desk, notice, people)
        return
    ways = {contact.contact_id: _ways(desk, profile, contact, steps) for contact in people}
    reached = [contact for contact in people if ways[contact.contact_id]]
    if not reached:
        outcome.end_unplanned(desk, notice, _why_nobody(desk, profile, people, steps))
        return
    if len(desk.box.notifications) + sum(len(ways[contact.contact_id][0]) for contact in reached) > MOST:
        outcome.end_unplanned(desk, notice, OVERFLOW)
        return
    plans = []
    for contact in reached:
        first, *rest = ways[contact.contact_id]
        _take(desk, notice, contact.contact_id, first, at=hold.ready_at(notice, desk.rules))
        if rest:
            plans.append(Plan(contact.contact_id, tuple(rest), desk.now + desk.rules.step_wait, first))
    desk.change(notice, planned=True, plans=tuple(plans))


def go_on(desk: Desk, notice: Notice) -> None:
    """Takes the steps whose time has come, and ends the plans that have done their work.

    Of a message that waits for the end of quiet hours the time counts from there. What was tried before they began has
    had its time: then the next step is taken, and what of it may ring waits for their end itself. What rode in
    another's message before its own hold was over, and was refused there, waits for that again.
    """
    plans = []
    profile = desk.profile()
    loud_from = desk.now if profile is None else quiet.ends_at(profile, desk.now)
    for plan in notice.plans:
        mine = _mine(desk.box.of(notice), plan.contact_id)
        last = _last(plan, mine)
        failed = _failed(last)
        if _arrived(mine):
            for notification in mine:
                outcome.halt(desk, notification, notice, REACHED)
        elif _at_an_end(mine):
            continue  # what is on its way goes on
        elif not failed and desk.now < plan.at:
            plans.append(plan)
        elif not failed and desk.now < loud_from and any(map(_waits_for_day, last)):
            plans.append(plan._replace(at=loud_from + desk.rules.step_wait))
        else:
            step, *rest = plan.rest
            _take(desk, notice, plan.contact_id, step, at=hold.ready_at(notice, desk.rules))
            if rest:
                plans.append(Plan(plan.contact_id, tuple(rest), desk.now + desk.rules.step_wait, step))
    desk.change(notice, plans=tuple(plans))


def reached(desk: Desk, notice: Notice, notification: Notification) -> bool:
    """Whether another message has told the contact of the notice, so that this one is not needed, be it silent."""
    mine = _mine(desk.box.of(notice), notification.contact_id)
    return _arrived(other for other in mine if other.notification_id != notification.notification_id)


def due_at(notice: Notice, told: Iterable[Notification]) -> Micros:
    """When a notice that has steps to come next needs a look; 0: at once. ``told`` are its notifications."""
    told = tuple(told)
    return min(_due_at(plan, _mine(told, plan.contact_id)) for plan in notice.plans)


def silently(desk: Desk, notice: Notice, profile: Customer, contact_id: str) -> None:
    """It is urgent and must not ring: takes what is silent of the contact's plan, and of the rules, at once."""
    contact = contacts.find(profile, contact_id, notice.kind)
    if contact is None or notice.urgency != "urgent":
        return
    rules = hold.rules_of(notice, desk.rules)
    silent = {channel for step in rules.plans[profile.tier] for channel in step if channel in channels.SILENT}
    ways = _ways(desk, profile, contact, [tuple(sorted(silent | rules.silent))])
    for step in ways:
        _take(desk, notice, contact_id, step, beside=True)
    plans = (plan if plan.contact_id != contact_id else _without_silent(plan) for plan in notice.plans)
    desk.change(notice, plans=tuple(plan for plan in plans if plan.rest))


def has_gateway(desk: Desk, channel: Channel) -> bool:
    """Whether anybody takes messages of a channel."""
    if channel == "sms":
        return any(provider in desk.ways.providers for provider in desk.rules.providers)
    return channel == "inbox" or channels.PROVIDER[channel] in desk.ways.providers


def _without_silent(plan: Plan) -> Plan:
    steps = (tuple(channel for channel in step if channel not in channels.SILENT) for step in plan.rest)
    return plan._replace(rest=tuple(step for step in steps if step))


def _ways(desk: Desk, profile: Customer, contact: Contact, steps: Iterable[Step]) -> list[Step]:
    """The steps with what of them reaches the contact; those are left out of which nothing does."""
    kept = []
    for step in steps:
        usable = tuple(
            channel
            for channel in step
            if has_gateway(desk, channel) and addresses.living(desk, profile, contact, channel) is not None
        )
        if usable:
            kept.append(usable)
    return kept


def _why_nobody(desk: Desk, profile: Customer, people: Iterable[Contact], steps: Iterable[Step]) -> Verdict:
    """What is not set up at all counts as no address, where something is."""
    named = {channel for step in steps for channel in step}
    usable = [channel for channel in named if has_gateway(desk, channel)]
    if not usable and _addressed(profile, people, named):
        return NO_PROVIDER
    if _addressed(profile, people, usable):
        return contacts.BAD_NUMBER  # what there is proved wrong
    if _addressed(msgspec.structs.replace(profile, preferences=None), people, usable):
        return contacts.MUTED
    verdicts = {contacts.unreachable(contact) for contact in people}
    return contacts.BAD_NUMBER if contacts.BAD_NUMBER in verdicts else contacts.NO_CONTACT


def _addressed(profile: Customer, people: Iterable[Contact], named: Iterable[Channel]) -> bool:
    return any(contacts.address(profile, contact, channel) for contact in people for channel in named)


def _mine(told: Iterable[Notification], contact_id: str) -> list[Notification]:
    return [notification for notification in told if notification.contact_id == contact_id]


def _arrived(mine: Iterable[Notification]) -> bool:
    return any(not notification.beside and notification.arrived == "delivered" for notification in mine)


def _at_an_end(mine: Iterable[Notification]) -> bool:
    """Whether nothing further is to be taken, since one ended in a way that is so on every channel."""
    ended = (notification.verdict for notification in mine if not notification.beside)
    return any(verdict is not None and verdict.reason in _LAST for verdict in ended)


def _due_at(plan: Plan, mine: list[Notification]) -> Micros:
    return 0 if _arrived(mine) or _at_an_end(mine) or _failed(_last(plan, mine)) else plan.at


def _last(plan: Plan, mine: Iterable[Notification]) -> list[Notification]:
    """What was taken by the last step: of those before it nothing is waited for any more."""
    return [notification for notification in mine if not plan.last or notification.channel in plan.last]


def _failed(mine: Iterable[Notification]) -> bool:
    """Whether nothing of what was taken can be delivered any more."""
    return all(
        notification.under_way is None
        and (
            notification.arrived == "undelivered"
            if notification.verdict == outcome.SENT
            else notification.verdict is not None
        )
        for notification in mine
        if not notification.beside
    )


def _waits_for_day(notification: Notification) -> bool:
    """Whether a message may ring and was never tried: in quiet hours it waits for their end."""
    never_tried = notification.waits and not notification.tried
    return never_tried and not notification.beside and notification.channel in channels.LOUD


def _take(desk: Desk, notice: Notice, contact_id: str, step: Step, *, at: Micros = 0, beside: bool = False) -> None:
    taken = {n.channel for n in _mine(desk.box.of(notice), contact_id)}
    for channel in step:
        if channel not in taken:
            notification = single(notice, contact_id, channel)
            desk.box.notifications += (msgspec.structs.replace(notification, next_at=at, beside=beside),)


def single(notice: Notice, contact_id: str, channel: Channel) -> Notification:
    """A notification that tells one contact of nothing but the notice."""
    named = f"{notice.command_id} {contact_id} {channel}".encode()
    return Notification(
        notification_id=f"n-{blake2b(named, digest_size=16).hexdigest()}",
        command_ids=(notice.command_id,),
        order_ids=(notice.order_id,),
        kinds=(notice.kind,),
        merchant_id=notice.merchant_id,
        contact_id=contact_id,
        channel=channel,
    )

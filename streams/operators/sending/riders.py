"""What waits for one contact rides in one message.

A message of several is made in the turn in which it goes, and lasts while it may have been taken: if it was not, each
of its notices waits by itself again, so that what became of one never holds up another. Notices that are still held
ride along unless they are to be left alone for a while; nothing goes later than it would alone.
"""

from collections.abc import Iterator

import msgspec

from schemas.customers import Customer
from schemas.outputs import CouponTold, Packed, Reason
from streams.operators.sending import counted, hold, outcome, plan, recipient, storm
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import MOST, Attempt, Notice, Notification, Remarks, Rider
from streams.policy import contacts
from streams.policy.contacts import Reached
from streams.policy.verdict import Verdict

_MOST_RIDERS = 20
"""How many notices are thought of at once. Of more the next message tells."""
_OF_THE_WORDS = frozenset({Reason.TEMPLATE_REFUSED, Reason.CONTENT_REFUSED})


def who_may_ride(desk: Desk, notice: Notice, notification: Notification, profile: Customer) -> list[Notice]:
    """The notices that may ride in the text message of ``notification``, which tells of ``notice``."""
    if notification.channel != "sms" or not desk.rules.file.merge:
        return []
    if notification.alone or notification.plain or notification.doubted:
        return []
    found = []
    for other in _beside(desk, notice):
        rides = _waits if other.planned else _held
        if rides(desk, other, notification, profile) and not counted.capped(desk, notification.contact_id, other.kind):
            found.append(other)
            if len(found) == _MOST_RIDERS:
                break
    return found


def _beside(desk: Desk, notice: Notice) -> Iterator[Notice]:
    for other in desk.box.notices:
        if (
            other.command_id != notice.command_id
            and (other.audience, other.merchant_id) == (notice.audience, notice.merchant_id)
            and hold.over(other, desk.rules, desk.now) is None
            and hold.may_ride(other, desk.rules, desk.now)
            and storm.free(desk, other)
        ):
            yield other


def _waits(desk: Desk, other: Notice, notification: Notification, profile: Customer) -> bool:
    """The contact may want to hear no more of it since it was planned."""
    own = _own(desk, other, notification)
    if own is None or own.tried or own.verdict or own.alone or own.plain or own.beside:
        return False
    if own.bars != notification.bars or plan.reached(desk, other, own):
        return False
    to = recipient.of(desk, other, own, profile)
    return isinstance(to, Reached) and to.contact_id == own.contact_id


def _held(desk: Desk, other: Notice, notification: Notification, profile: Customer) -> bool:
    if len(desk.box.notifications) > MOST // 2:
        return False
    people = contacts.people(profile, other.kind)
    if isinstance(people, Verdict) or all(c.contact_id != notification.contact_id for c in people):
        return False
    return "sms" in hold.rules_of(other, desk.rules).plans[profile.tier][0]


def join(desk: Desk, notification: Notification, members: tuple[Notice, ...], profile: Customer) -> Notification:
    """The notification with all that ``members`` have for its contact, itself the first."""
    for member in members:
        if not member.planned:
            plan.begin(desk, member, profile)
    absorbed = [own for member in members[1:] if (own := _own(desk, member, notification)) is not None]
    gone = {own.notification_id for own in absorbed}
    joined = msgspec.structs.replace(
        notification,
        command_ids=tuple(member.command_id for member in members),
        order_ids=tuple(dict.fromkeys(member.order_id for member in members)),
        kinds=tuple(dict.fromkeys(member.kind for member in members)),
    )
    desk.box.notifications = tuple(n for n in desk.box.notifications if n.notification_id not in gone)
    desk.box.keep(joined)
    return joined


def apart(desk: Desk, notification: Notification) -> list[Notification]:
    """A message of several that was not taken: each of them by itself again, the first as what the message was.

    Who refused it is asked no sooner; but who refused its words has not refused theirs.
    """
    if len(notification.command_ids) == 1:
        return [notification]
    wordless = [bar for bar in notification.bars if bar.ends is not None and bar.ends.reason in _OF_THE_WORDS]
    bars = tuple(bar for bar in notification.bars if bar not in wordless)
    parts = list[Notification]()
    told = [notice for notice in map(desk.box.notice, notification.command_ids) if notice is not None]
    for notice in told:
        single = plan.single(notice, notification.contact_id, notification.channel)
        if not parts:
            rode = tuple(Rider(other.command_id, other.order_id, other.kind) for other in told[1:])
            single = msgspec.structs.replace(
                notification,
                command_ids=single.command_ids,
                order_ids=single.order_ids,
                kinds=single.kinds,
                attempts=tuple(_with(attempt, rode) for attempt in notification.attempts),
            )
        at = max(notification.next_at, hold.ready_at(notice, desk.rules))
        parts.append(msgspec.structs.replace(single, bars=bars, alone=bool(wordless), next_at=at))
    before = tuple(n for n in desk.box.notifications if n.notification_id != notification.notification_id)
    desk.box.notifications = (*before, *parts)
    return parts


def taken_after_all(desk: Desk, notification: Notification, attempt: Attempt) -> None:
    """An attempt that counted as not taken was: what rode in it goes no more on this channel, and is decided."""
    for rider in attempt.riders:
        notice = desk.box.notice(rider.command_id)
        own = None if notice is None else _own(desk, notice, notification)
        if notice is None:
            continue
        if own is not None and own.verdict is None:
            outcome.halt(desk, own, notice, outcome.SENT)
        remarks = Remarks(CouponTold.WITH_OTHERS, Packed.MERGED)
        outcome.told_first(desk, notice, outcome.MERGED, notification.notification_id, remarks)


def _with(attempt: Attempt, rode: tuple[Rider, ...]) -> Attempt:
    """The attempt with who rode in it, unless that is known from an earlier parting."""
    return attempt if attempt.riders else msgspec.structs.replace(attempt, riders=rode)


def _own(desk: Desk, notice: Notice, notification: Notification) -> Notification | None:
    """What ``notice`` has for the same contact on the same channel."""
    return next(
        (
            own
            for own in desk.box.of(notice)
            if (own.contact_id, own.channel) == (notification.contact_id, notification.channel)
            and own.notification_id != notification.notification_id
        ),
        None,
    )

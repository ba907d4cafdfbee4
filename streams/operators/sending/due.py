"""When an outbox next needs a look, what is then done, and what leaves it."""

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from schemas.times import Micros
from streams.engine.lines import Line
from streams.engine.turn import Turn
from streams.operators.sending import doubt, hold, journal, look, nameless, reconcile
from streams.operators.sending.desk import Desk
from streams.operators.sending.line import InLine
from streams.operators.sending.outbox import (
    MOST,
    REPORTED,
    Attempt,
    Closed,
    Decided,
    Heard,
    Named,
    Notification,
    Once,
    Outbox,
    Settled,
    Submitted,
)
from streams.policy.rules import Rules

T = TypeVar("T", Settled, Closed, Decided, Submitted, Heard, Once, Named)

NOBODY: Mapping[str, InLine] = MappingProxyType({})


def deadline(box: Outbox, rules: Rules, standing: Mapping[str, InLine] = NOBODY) -> Micros | None:
    """The earliest moment at which something in the outbox is due, but for the notifications that stand in line."""
    return min(_moments(box, rules, standing), default=None)


def _moments(box: Outbox, rules: Rules, standing: Mapping[str, InLine]) -> Iterator[Micros]:
    notices = {notice.command_id: notice for notice in box.notices}
    for notice in box.notices:
        if not notice.planned:
            yield hold.look_at(notice, rules)
        elif notice.plans:
            yield look.plan_due_at(notice, box.of(notice), rules)
    for notification in box.notifications:
        if notification.waits:
            notice = notices[notification.command_ids[0]]
            stands = standing.get(notification.notification_id)
            if stands is None:
                yield look.due_at(notice, notification, rules)
            else:
                yield hold.over_at(notice, rules)
                yield from () if stands.at is None else (stands.at,)
        for attempt in notification.attempts:
            yield doubt.due_at(attempt) if attempt.under_way else reconcile.due_at(notification, attempt)
    parts = (box.settles, box.closed, box.decided, box.submitted, box.heard, box.told, box.done, box.named)
    for remembered in parts:
        if remembered:
            yield remembered[0].until
    if box.erased_until:
        yield box.erased_until


def advance(desk: Desk) -> None:
    """Does all that is due, and moves the deadline on."""
    for notification in desk.box.notifications:
        _doubt(desk, notification.notification_id)
        _reconcile(desk, notification.notification_id)
    look.at_what_is_due(desk)


def _doubt(desk: Desk, notification_id: str) -> None:
    """An attempt without a result is in doubt, and is then asked for in the same turn."""
    while (notification := desk.box.notification(notification_id)) is not None:
        attempt = notification.under_way
        if attempt is None or doubt.due_at(attempt) > desk.now:
            return
        doubt.look(desk, notification, attempt)


def _reconcile(desk: Desk, notification_id: str) -> None:
    """What was taken and has no report is asked for, unless its time is over."""
    notification = desk.box.notification(notification_id)
    for attempt in () if notification is None else notification.attempts:
        notification = desk.box.notification(notification_id)
        if notification is None or attempt.status != "accepted" or attempt.started_at + REPORTED <= desk.now:
            continue
        if reconcile.due_at(notification, attempt) <= desk.now:
            reconcile.look(desk, notification, attempt)


def stand(desk: Desk, key: bytes) -> None:
    """Has what waits for room stand in its lines."""
    lines = dict[Line, Micros]()
    for stands in desk.standing.values():
        lines[stands.line] = min(stands.look_at, lines.get(stands.line, stands.look_at))
    if lines:
        desk.turn.stand(key, lines, deadline(desk.box, desk.rules, desk.standing))


def forget(desk: Desk) -> None:
    """Lets go of what has had its time, and of the oldest where there is too much; of an erased customer of all that
    is of no more use."""
    box, now = desk.box, desk.now
    lapse(box, now)
    if box.erased:
        nameless.reduce(desk.turn, box)
    for notification in box.notifications:
        ended = [a for a in notification.attempts if not a.under_way and a.started_at + REPORTED <= now]
        _let_go(desk, notification, ended)
    _drop_finished(desk)


def lapse(box: Outbox, now: Micros) -> None:
    """Forgets what is remembered no longer."""
    box.settles = _living(box.settles, now)
    box.closed = _living(box.closed, now)
    box.decided = _living(box.decided, now)
    box.submitted = _living(box.submitted, now)
    box.heard = _living(box.heard, now)
    box.told = _living(box.told, now)
    box.done = _living(box.done, now)
    box.named = _living(box.named, now)
    if box.erased_until <= now:
        box.erased_until = 0


def of_nobody(turn: Turn[Any, Any], key: bytes, box: Outbox) -> None:
    """Forgets what is due of an outbox whose customer was erased; nothing else can come of it."""
    left = copy(box)
    lapse(left, turn.wall)
    if left.empty:
        turn.delete(key)
    else:
        turn.put(key, left)


def _living(remembered: tuple[T, ...], now: Micros) -> tuple[T, ...]:
    """What is not over yet, of that the newest ``MOST``. The oldest stand first."""
    if remembered and (remembered[0].until <= now or len(remembered) > MOST):
        return tuple(r for r in remembered if r.until > now)[-MOST:]
    return remembered


def _let_go(desk: Desk, notification: Notification, attempts: Iterable[Attempt]) -> None:
    """Nothing more will be heard of these attempts, or we listen no longer."""
    for attempt in attempts:
        if attempt.status == "accepted":
            notification = journal.reported(desk, notification, attempt, "no_report", desk.now)
        else:
            notification = journal.change(desk, notification, attempt, None)


def _drop_finished(desk: Desk) -> None:
    """Notifications leave when their notice is over and nothing more can be heard of their attempts."""
    box = desk.box
    open_ids = {notice.command_id for notice in box.notices}
    finished = [n for n in box.notifications if open_ids.isdisjoint(n.command_ids)]
    for notification in finished[: max(0, len(finished) - MOST)]:
        _let_go(desk, notification, notification.attempts)
    for notification in finished:
        if notification.address is not None and not any(a.status == "accepted" for a in notification.attempts):
            box.keep(msgspec.structs.replace(notification, address=None))
    box.notifications = tuple(n for n in box.notifications if n.attempts or not open_ids.isdisjoint(n.command_ids))

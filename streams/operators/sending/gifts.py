"""What a notice brings beside its messages: a task for a human, and a coupon for a new customer.

Both are made with the notice's first step, in its turn, so they are made once; and whether or not a message arrives.
What is settled while it is held brings neither.
"""

from collections.abc import Iterable
from hashlib import blake2b

from schemas.customers import Customer
from schemas.outputs import Action, CouponGrant, InboxMessage, ServiceTask
from schemas.times import Micros, instant
from schemas.words import KINDS, NoticeKind
from streams import topics
from streams.operators.sending import coupons
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import Gift, Notice, Once
from streams.policy import care, contacts

_COUPON = "coupon"
VIEW_COUPON = Action(label="查看优惠券", action="view_coupon")


def give(desk: Desk, notice: Notice, profile: Customer) -> Notice:
    """Writes the task and the coupon that go with a notice to a buyer of one of the five exceptions."""
    if notice.audience != "buyer" or notice.kind not in KINDS:
        return notice
    reason = care.task_reason(notice.kind, notice.facts, profile.tier, desk.rules)
    if reason is not None:
        _task(desk, notice, reason)
    if profile.tier == "new" and not any(once.what == _COUPON for once in desk.box.done):
        return desk.change(notice, coupon=_coupon(desk, notice, profile))
    return notice


def _task(desk: Desk, notice: Notice, reason: care.TaskReason) -> None:
    task = ServiceTask(
        task_id=_id("task", notice.command_id),
        kind=notice.kind,
        reason=reason,
        priority="high" if reason == "high_value" or notice.urgency == "urgent" else "normal",
        customer_id=desk.customer_id,
        order_id=notice.order_id,
        amount=care.amount(notice.facts),
        command_id=notice.command_id,
        due_by=instant(desk.now + desk.rules.task_within),
        created_at=instant(desk.now),
        note=care.note(notice.kind, reason),
    )
    desk.turn.emit(topics.SERVICE_TASKS.name, desk.customer_id, task)
    desk.turn.count("service_tasks", reason)


def _coupon(desk: Desk, notice: Notice, profile: Customer) -> Gift:
    """Grants it and says so in the inbox, where it can be used, whether or not a message tells of it as well."""
    rules = desk.rules
    gift = Gift(rules.coupon_amount, desk.now + rules.coupon_valid)
    grant = CouponGrant(
        grant_id=_id("coupon", notice.command_id),
        customer_id=desk.customer_id,
        order_id=notice.order_id,
        command_id=notice.command_id,
        kind=notice.kind,
        amount=format(gift.amount, "f"),
        valid_until=instant(gift.until),
        reason="apology",
        created_at=instant(desk.now),
    )
    remember(desk, _COUPON, desk.now + rules.coupon_period)
    desk.turn.emit(topics.COUPON_GRANTS.name, desk.customer_id, grant)
    desk.turn.count("coupons_granted", notice.kind)
    if profile.contacts and may_put(desk, notice.kind):
        words = care.coupon_words(coupons.as_told(gift, rules))
        first = profile.contacts[0].contact_id
        put(desk, notice.command_id, (notice.order_id,), notice.kind, first, words, VIEW_COUPON)
    return gift


def remember(desk: Desk, what: str, until: Micros) -> None:
    """``what`` is done, and not again before ``until``."""
    others = (once for once in desk.box.done if once.what != what)
    desk.box.done = tuple(sorted((*others, Once(what, until)), key=lambda once: once.until))


def may_put(desk: Desk, kind: NoticeKind) -> bool:
    """Whether the customer takes messages in the inbox, and of this kind."""
    profile = desk.profile()
    return profile is not None and contacts.takes(profile, "inbox") and not contacts.mutes(profile, kind)


def put(
    desk: Desk,
    source: str,
    order_ids: Iterable[str],
    kind: NoticeKind,
    contact_id: str,
    words: tuple[str, str],
    action: Action,
) -> None:
    """Puts into the inbox what is no notice itself and comes with one, or with what became of it."""
    title, body = words
    message_id = _id("inbox", f"{source} {contact_id} {body}")
    message = InboxMessage(
        message_id=message_id,
        notification_id=message_id,
        customer_id=desk.customer_id,
        contact_id=contact_id,
        order_ids=list(order_ids),
        kinds=[kind],
        title=title,
        body=body,
        actions=[action],
        created_at=instant(desk.now),
    )
    desk.turn.emit(topics.INBOX.name, desk.customer_id, message)


def _id(what: str, source: str) -> str:
    return f"{what}-{blake2b(f'{what} {source}'.encode(), digest_size=16).hexdigest()}"

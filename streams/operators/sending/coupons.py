"""Whether a message tells of the coupon that was given with its notice, and why not.

The way of a message is found for the notice alone. Only then is it looked whether the coupon may ride on that way, in
words that take the place of the notice's. So for a coupon's sake nothing waits, goes another way, or costs a segment
more; and what can't ride lies in the inbox, where the coupon is in any case. It rides in the first attempt alone: who
refuses that is asked again with the notice by itself. And it rides in text messages alone: a push would count as
marketing, a card must hold none, and a mail would be an advertisement by law, to be called so in its subject.
"""

from collections.abc import Sequence
from dataclasses import replace

from schemas.customers import Customer
from schemas.outputs import CouponTold
from streams.operators.sending import share, spend, words
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import Gift, Notice, Notification
from streams.operators.sending.route import Way
from streams.policy import contacts, coupon
from streams.policy.carriers import carrier_of
from streams.policy.case import Case
from streams.policy.contacts import Reached
from streams.policy.coupon import Coupon
from streams.policy.rules import Rules


def as_told(gift: Gift, rules: Rules) -> Coupon:
    """The coupon as customers are told of it."""
    return Coupon(gift.amount, coupon.day_of(gift.until, rules.time_zone))


def ride(
    desk: Desk,
    notification: Notification,
    members: Sequence[Notice],
    cases: Sequence[Case],
    to: Reached,
    profile: Customer,
    way: Way,
) -> tuple[Way, CouponTold | None]:
    """The way of the message that tells ``members``, with the coupon in it where it may ride; and what became of that,
    ``None`` where none was given with them."""
    gift = next((notice.coupon for notice in members if notice.coupon is not None), None)
    if gift is None:
        return way, None
    hindrance = _hindrance(desk, notification, members, to, profile, way)
    if hindrance is not None:
        return way, hindrance
    told = replace(cases[0], coupon=as_told(gift, desk.rules))
    message = words.message([told], desk.rules, way.provider, to.address)
    if message is None or message.segments > way.message.segments:
        return way, CouponTold.NO_TEXT
    carrier = carrier_of(to.address)
    if share.collapsed(desk.turn, way.provider, carrier, message.template_id):
        return way, CouponTold.NOT_ARRIVING
    return Way(way.provider, message), CouponTold.IN_MESSAGE


def _hindrance(
    desk: Desk,
    notification: Notification,
    members: Sequence[Notice],
    to: Reached,
    profile: Customer,
    way: Way,
) -> CouponTold | None:
    """Why the coupon may not ride, whatever the words: the law, the customer, the account, the money."""
    if notification.channel != "sms":
        return CouponTold.CHANNEL
    if members[0].urgency == "urgent":
        return CouponTold.URGENT
    if profile.marketing_consent is not True:
        return CouponTold.NO_CONSENT
    contact = contacts.find(profile, to.contact_id, members[0].kind)
    if contact is None or contact.role != "buyer":
        return CouponTold.NOT_BUYER
    if desk.ways.opt_outs.stopped_marketing(to.address):
        return CouponTold.STOPPED
    if len(members) > 1:
        return CouponTold.WITH_OTHERS
    if notification.tried:
        return CouponTold.TRIED
    return _of_marketing(desk, notification, profile, way)


def _of_marketing(desk: Desk, notification: Notification, profile: Customer, way: Way) -> CouponTold | None:
    """What keeps marketing back that would let a notice go."""
    if not coupon.in_hours(profile, desk.now, desk.rules.time_zone):
        return CouponTold.HOURS
    if not desk.rules.limits[way.provider].marketing:
        return CouponTold.PROVIDER
    merchant, tasks = notification.merchant_id, desk.ways.tasks
    if spend.used_up(desk.turn, way.provider, merchant, tasks, marketing=True):
        return CouponTold.OVER_BUDGET
    return None

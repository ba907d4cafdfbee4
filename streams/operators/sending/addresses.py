"""Which addresses of a contact are still good: one that proved wrong is passed over until the customer changes it.

The customer is asked, in the inbox, to renew what proved wrong, and now and then to look through what was never
confirmed for long.
"""

from schemas.customers import Contact, Customer
from schemas.outputs import Action
from schemas.times import DAY, Micros, micros
from schemas.words import Channel, NoticeKind
from streams.operators.sending import gifts
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import Attempt, Notice, Notification, Once
from streams.policy import care, contacts
from streams.policy.masking import masked

_PASSED_OVER: Micros = 30 * DAY
"""How long an address that proved wrong is not tried again. A number is given to somebody else sooner or later."""
_CHECK: NoticeKind = "contact_check"
_INVALID: NoticeKind = "contact_invalid"
_WRONG = "wrong "
RENEW = Action(label="更新联系方式", action="update_contact")


def living(desk: Desk, profile: Customer, contact: Contact, channel: Channel) -> str | None:
    """Where the contact is reached on a channel, without what proved wrong."""
    address = contacts.address(profile, contact, channel)
    if address is None:
        return None
    return " ".join(part for part in address.split(" ") if not _wrong(desk, channel, part)) or None


def proved_wrong(desk: Desk, notification: Notification, attempt: Attempt) -> None:
    """Marks the address of an attempt, and asks the customer to renew it, if it is still a contact's.

    An attempt that is heard of late may have gone to another one than the notification's last, and the customer may
    have changed it meanwhile.
    """
    if notification.address is None or masked(notification.channel, notification.address) != attempt.recipient:
        return
    new = [part for part in notification.address.split(" ") if not _wrong(desk, notification.channel, part)]
    for part in new:
        gifts.remember(desk, _name(notification.channel, part), desk.now + _PASSED_OVER)
    kept = [(part, contact_id) for part in new if (contact_id := _whose(desk, notification, part)) is not None]
    if kept and gifts.may_put(desk, _INVALID):
        part, contact_id = kept[0]
        words = care.renewal_words(notification.channel, part)
        source = f"{notification.notification_id}.{attempt.attempt}"
        gifts.put(desk, source, notification.order_ids, _INVALID, contact_id, words, RENEW)


def ask_to_confirm(desk: Desk, notice: Notice, profile: Customer) -> None:
    """Asks for a look at contact data that was confirmed long ago."""
    if any(once.what == _CHECK for once in desk.box.done) or not gifts.may_put(desk, _CHECK):
        return
    for contact in profile.contacts:
        if contact.verified_at is not None and micros(contact.verified_at) + desk.rules.confirm_every <= desk.now:
            gifts.remember(desk, _CHECK, desk.now + desk.rules.confirm_every)
            asked = (notice.order_id,)
            gifts.put(desk, notice.command_id, asked, _CHECK, contact.contact_id, care.CONFIRMATION, RENEW)
            return


def _whose(desk: Desk, notification: Notification, part: str) -> str | None:
    """Which contact is reached there now: the notification's, or another to whom it belongs as well."""
    profile = desk.profile()
    if profile is None:
        return None
    reached = {c.contact_id: contacts.address(profile, c, notification.channel) or "" for c in profile.contacts}
    ids = [contact_id for contact_id, address in reached.items() if part in address.split(" ")]
    return notification.contact_id if notification.contact_id in ids else next(iter(ids), None)


def _wrong(desk: Desk, channel: Channel, part: str) -> bool:
    return any(once.what == _name(channel, part) for once in desk.box.done)


def names_one(once: Once) -> bool:
    """Whether what is remembered is an address that proved wrong."""
    return once.what.startswith(_WRONG)


def _name(channel: Channel, part: str) -> str:
    return f"{_WRONG}{channel} {part}"

"""To whom a message goes, by the profile as it is at that moment, and why to nobody."""

from schemas.customers import Customer
from schemas.outputs import Outcome, Reason
from streams.operators.sending import addresses, counted
from streams.operators.sending.desk import Desk
from streams.operators.sending.outbox import Notice, Notification
from streams.policy import contacts
from streams.policy.contacts import NO_CONTACT, Reached
from streams.policy.verdict import Verdict

OPTED_OUT = Verdict(Outcome.SUPPRESSED, Reason.OPTED_OUT)
CAPPED = Verdict(Outcome.SUPPRESSED, Reason.CAPPED)


def of(desk: Desk, notice: Notice, notification: Notification, profile: Customer) -> Reached | Verdict:
    """The notification's contact where it may be told of ``notice`` there, on the notification's channel."""
    to = _contact(desk, notice, notification, profile)
    if isinstance(to, Verdict):
        return to
    channel = notification.channel
    told = {
        part for other in desk.box.of(notice) if other.channel == channel for part in (other.address or "").split(" ")
    }
    untold = [part for part in to.address.split(" ") if part not in told]
    if not untold:
        return NO_CONTACT  # it was another contact's address when that one was told
    if channel == "sms" and desk.ways.opt_outs.stopped(to.address):
        return OPTED_OUT
    if counted.capped(desk, to.contact_id, notice.kind):
        return CAPPED
    return Reached(to.contact_id, " ".join(untold))


def _contact(desk: Desk, notice: Notice, notification: Notification, profile: Customer) -> Reached | Verdict:
    """Its contact; where that one is gone or wants to hear no more, one that hears now and has no notification yet.

    So it is told to the contact that has the number of one that left, and to the one that came in its place.
    """
    own = contacts.find(profile, notification.contact_id, notice.kind)
    if own is not None and contacts.wants(own, notice.kind) and not contacts.mutes(profile, notice.kind):
        address = addresses.living(desk, profile, own, notification.channel)
        if address is not None:
            return Reached(own.contact_id, address)
        wrong = contacts.address(profile, own, notification.channel) is not None
        why = contacts.BAD_NUMBER if wrong else contacts.unreachable(own)
    else:
        why = contacts.MUTED if own is not None else NO_CONTACT
    people = contacts.people(profile, notice.kind)
    if isinstance(people, Verdict):
        return why
    others = {other.contact_id for other in desk.box.of(notice)}
    for contact in people:
        address = addresses.living(desk, profile, contact, notification.channel)
        if address is not None and contact.contact_id not in others:
            return Reached(contact.contact_id, address)
    return why

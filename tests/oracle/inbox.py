"""What lies in customers' inboxes: messages of notices, and what goes with them.

The inbox is our own: what lies there has been taken and has arrived. So a message of a notice is judged as an attempt
that was accepted at once; the others (a coupon, a question about contact data) are of no notification.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from schemas.customers import Customer
from schemas.outputs import CouponGrant, InboxMessage
from schemas.times import Micros, micros
from tests.oracle import wishes
from tests.oracle.calm import Calm
from tests.oracle.case import Case
from tests.oracle.defects import Defects
from tests.oracle.evidence import Attempt, Evidence
from tests.oracle.hearers import Hearers
from tests.oracle.outputs import Given, Outputs
from tests.oracle.people import People
from tests.oracle.stops import called_bad
from tests.oracle.terms import Terms

CHECK, RENEW = "contact_check", "contact_invalid"
"""The kinds of what is asked about contact data: to look through it, and to renew what proved wrong."""


def attempts(out: Outputs) -> Iterator[Attempt]:
    """The messages of notices, as attempts of their notifications."""
    of_notices = {notification_id for notification_id, _ in out.receipts}
    for notification_id, message in out.inbox.items():
        if notification_id in of_notices:
            at = min(micros(message.created_at), out.laid_at[notification_id])
            text = f"{message.title}\n{message.body}"
            yield Attempt(
                out_id=f"{message.customer_id}.{notification_id}.1",
                number=message.customer_id,
                text=text,
                begun_at=at,
                ended_at=at,
                taken=True,
                answer="yes",
                provider="inbox",
                channel="inbox",
            )


class Inbox:
    """Judges what lies there and what does not. ``calm`` is that of workers and Kafka."""

    def __init__(
        self,
        evidence: Evidence,
        terms: Terms,
        calm: Calm,
        people: People,
        hearers: Hearers,
        cases: Sequence[Case],
        out: Outputs,
        defects: Defects,
    ) -> None:
        self._ended_at = evidence.ended_at
        self._terms = terms
        self._calm = calm
        self._people = people
        self._hearers = hearers
        self._cases = cases
        self._out = out
        self._bad = called_bad(evidence)
        self._defects = defects
        self._others = defaultdict[str, list[tuple[Micros, InboxMessage]]](list)
        of_notices = {notification_id for notification_id, _ in out.receipts}
        for notification_id, message in out.inbox.items():
            if notification_id not in of_notices:
                self._others[message.customer_id].append((out.laid_at[notification_id], message))

    def judge(self) -> None:
        """Judges all messages, and whether those are there that are to be."""
        for notification_id, message in self._out.inbox.items():
            self._whose(message, self._out.laid_at[notification_id])
        for customer_id, others in self._others.items():
            self._asked(customer_id, sorted(others, key=lambda one: one[0]))
        for grant in self._out.grants:
            self._coupon_is_told(grant)
        for case in self._cases:
            self._silently_at_once(case)
            self._asked_to_look(case)

    def _whose(self, message: InboxMessage, at: Micros) -> None:
        created = micros(message.created_at)
        versions = self._people.during(message.customer_id, created, at)
        known = [version.customer for version in versions if version.customer is not None]
        what = None
        if not known:
            what = "in the inbox of an erased customer, or of nobody"
        elif not any(wishes.may_take(customer, "inbox") for customer in known):
            what = "in the inbox of a customer who does not want that"
        elif not any(not wishes.mutes(customer, kind) for customer in known for kind in message.kinds):
            what = "in the inbox, of a kind that the customer has muted"
        if what is not None:
            self._defects.add("forbidden", message.message_id, what, at=at)
        right = {
            "contact_id": any(c.contact_id == message.contact_id for p in known for c in p.contacts) or not known,
            "order_ids": bool(message.order_ids),
            "kinds": bool(message.kinds),
            "title": bool(message.title),
            "body": bool(message.body),
            "created_at": created <= at <= self._calm.deadline(created, self._terms.slack),
        }
        if wrong := [name for name, fits in right.items() if not fits]:
            self._defects.add("unexplained", message.message_id, f"wrong in it: {', '.join(wrong)}", at=at)

    def _asked(self, customer_id: str, others: list[tuple[Micros, InboxMessage]]) -> None:
        """What is asked about contact data: where there is something to ask, and not again and again."""
        checked: Micros | None = None
        for at, message in others:
            if CHECK in message.kinds:
                if checked is not None and at < checked + self._terms.confirm_every:
                    what = "asked again to look through what is known of it"
                    self._defects.add("twice", customer_id, what, first=checked, again=at)
                checked = at
                versions = self._people.during(customer_id, at, at)
                if not any(self._is_old(version.customer, at) for version in versions):
                    what = "asked to look through what was confirmed lately"
                    self._defects.add("false", customer_id, what, at=at)
            elif RENEW in message.kinds:
                bad = [since for number in self._people.addresses(customer_id) if (since := self._bad.get(number))]
                if not any(since <= at for since in bad):
                    what = "asked to renew an address, and none proved wrong"
                    self._defects.add("false", customer_id, what, at=at)

    def _is_old(self, customer: Customer | None, at: Micros) -> bool:
        contacts = () if customer is None else customer.contacts
        confirmed = (micros(contact.verified_at) for contact in contacts if contact.verified_at is not None)
        return any(since + self._terms.confirm_every <= at for since in confirmed)

    def _coupon_is_told(self, grant: Given[CouponGrant]) -> None:
        customer_id, at = grant.what.customer_id, grant.at
        if not all(_hears(v.customer, grant.what.kind) for v in self._people.during(customer_id, at, at)):
            return
        others = self._others.get(customer_id, ())
        if not any(laid_at == at and m.order_ids == [grant.what.order_id] for laid_at, m in others):
            self._defects.add("missed", customer_id, "a coupon of which nothing lies in the inbox", at=at)

    def _silently_at_once(self, case: Case) -> None:
        """What is urgent, and would ring in quiet hours, lies in the inbox meanwhile."""
        if case.notice.command.urgency != "urgent":
            return
        start = case.goes_at
        by = case.deadline(self._calm, start, self._terms.slack)
        profiles = self._people.during(case.customer_id, start, by)
        if by >= min(case.expires_at, self._ended_at) or len(profiles) != 1 or profiles[0].loud_from(start) <= by:
            return
        if any(sent.attempt.begun_at < start for sent in case.sent):
            return  # it rode in another's message, before its own time and the quiet hours
        if profiles[0].loud_from(case.may_go_at) == case.may_go_at:
            return  # it may have been looked at in the moment before they began
        customer = profiles[0].customer
        if customer is None or not wishes.takes(customer, "inbox") or not self._hearers.of(case, start, by):
            return
        laid = [sent.attempt.begun_at for sent in case.sent if sent.attempt.channel == "inbox"]
        if not any(at <= by for at in laid):
            what = "urgent, and not in the inbox in quiet hours"
            first = min(laid, default=None)
            times = {"commanded": case.notice.at, "by": by, "laid": first}
            self._defects.add("missed" if first is None else "late", case.id, what, **times)

    def _asked_to_look(self, case: Case) -> None:
        """With a notice the customer is asked to look through what was confirmed long ago."""
        if not case.sent:
            return
        begun = min(sent.attempt.begun_at for sent in case.sent)
        versions = self._people.during(case.customer_id, min(case.may_ride_at, begun), begun)
        for version in versions:
            if not _hears(version.customer, CHECK) or not self._is_old(version.customer, case.may_ride_at):
                return
        if self._people.erased_by(case.customer_id, begun):
            return
        asked = [at for at, message in self._others.get(case.customer_id, ()) if CHECK in message.kinds]
        if not any(begun - self._terms.confirm_every <= at <= begun for at in asked):
            self._defects.add("missed", case.id, "not asked to look through what was confirmed long ago", begun=begun)


def _hears(customer: Customer | None, kind: str) -> bool:
    """Whether somebody surely reads of ``kind`` in the inbox."""
    if customer is None or not customer.contacts:
        return False
    return wishes.takes(customer, "inbox") and not wishes.mutes(customer, kind)

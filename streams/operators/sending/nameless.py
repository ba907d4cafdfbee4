"""What is left of a customer that was erased: nothing that says who it was, or what it was told.

At once all leaves the outbox but what a provider has been asked, which can't be called back and is seen through within
minutes. What was taken is followed no further. The rest names orders and commands: it is kept for as long as always,
so that nothing is decided twice and nobody who comes back is told of an order that is over, but under an HMAC of the
customer's id. So no key leads from it to the customer, and only who has the customer's id and our secret finds it.
"""

from typing import Any

import msgspec

from streams import topics
from streams.engine.turn import Turn
from streams.operators.sending.outbox import Notice, Notification, Outbox
from streams.policy.opt_outs import Hasher

_PREFIX = "*erased/"
"""What the keys in the task's table begin with: no customer's id, which has no asterisk."""


def key(hasher: Hasher, customer_id: str) -> bytes:
    """Under what the outbox of a customer lies that was erased."""
    return (_PREFIX + hasher(f"customer {customer_id}")).encode()


def is_key(table_key: bytes) -> bool:
    """Whether it is the key of an outbox without a name."""
    return table_key.startswith(_PREFIX.encode())


def fits(box: Outbox) -> bool:
    """Whether the outbox can do without its customer's id: nothing is under way that would have to name it."""
    return box.erased and not box.notices and not box.notifications


def reduce(turn: Turn[Any, Any], box: Outbox) -> None:
    """Takes out of an erased customer's outbox what is of no more use."""
    box.notices = tuple(_reduced(notice) for notice in box.notices)
    box.notifications = tuple(_under_way(notification) for notification in box.notifications)
    for named in box.named:
        turn.tombstone(topics.PROVIDER_MESSAGES.name, named.key)
    box.submitted, box.heard, box.named = (), (), ()


def _reduced(notice: Notice) -> Notice:
    """Of what only waits for its end the decision is all that is still to be made."""
    return msgspec.structs.replace(notice, tracking_no=None, facts={}, storm=None)


def _under_way(notification: Notification) -> Notification:
    attempts = tuple(attempt for attempt in notification.attempts if attempt.under_way)
    return msgspec.structs.replace(notification, attempts=attempts)

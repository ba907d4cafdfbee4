"""What becomes known of a message after a provider took it: two topics of our own, between sender and receipts."""

from typing import Literal

import msgspec

from schemas.words import Id, Time


class MessageReport(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """The topic ``message-reports``, key ``customer_id``: a vendor's delivery report, brought to its attempt.

    ``reported_at`` and ``sent_at`` are the vendor's times, ``code`` its own word and ``reason`` the class that
    the provider's table gives that word; both only where the message was not delivered. There may be several of
    one attempt, and one may come before the acceptance.
    """

    customer_id: Id
    notification_id: Id
    attempt: int
    provider: str
    provider_message_id: str | None = None
    status: Literal["delivered", "undelivered"]
    reported_at: Time
    sent_at: Time | None = None
    code: str | None = None
    reason: str | None = None


class ProviderMessage(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """The topic ``provider-messages``, key ``provider:message_id``: whose message the vendor's id is.

    Written with the acceptance, for reports that do not echo our own id.
    """

    provider: str
    message_id: str
    customer_id: Id
    notification_id: Id
    attempt: int

    @property
    def key(self) -> str:
        """The record's key."""
        return f"{self.provider}:{self.message_id}"

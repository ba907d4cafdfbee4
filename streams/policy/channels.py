"""The ways to a contact: who takes a message on each, and how fast."""

from collections.abc import Mapping

from schemas.rules import Provider
from schemas.words import Channel

SILENT: frozenset[Channel] = frozenset({"email", "inbox"})
"""What rings nowhere, so that it may go in a customer's quiet hours."""

LOUD: frozenset[Channel] = frozenset({"sms", "push"})
"""What waits for the end of a customer's quiet hours. A card of WeChat rings only where its reader wants it."""

PROVIDER: Mapping[Channel, Provider] = {"push": "jpush", "wechat": "wechat", "email": "smtp", "inbox": "inbox"}
"""Who takes the messages of a channel. Text messages go by whichever of their providers the rules choose."""

RATE: Mapping[Provider, int] = {"wechat": 100, "smtp": 20}
"""Messages a second for the account, where the rules don't say. WeChat names only a day's quota, 100,000 cards and more
for accounts with as many followers (vendor documentation); a mail server that takes more is rare."""

"""What of the sender's state is shown for as long as it lasts: open breakers, storms that hold, doubts."""

from collections.abc import Iterator

from streams.engine.lasting import Lasting
from streams.operators.sending import gate, storm
from streams.operators.sending.desk import State
from streams.operators.sending.gate import Gate
from streams.operators.sending.outbox import Outbox
from streams.policy.rules import Rules
from streams.policy.surge import Surge


def lasting(key: bytes, entry: State, rules: Rules) -> Iterator[Lasting]:
    """What lasts by one entry. A provider that was ever asked stands at zero where nothing does."""
    if isinstance(entry, Outbox):
        for notification in entry.notifications:
            for attempt in notification.attempts:
                if attempt.status == "unknown" and attempt.under_way:
                    yield Lasting("doubts_open", (attempt.provider,), since=attempt.started_at)
    elif isinstance(entry, Gate):
        provider = (gate.provider(key),)
        yield Lasting("breakers_open", provider, number=0 if entry.breaker.closed else 1)
        yield Lasting("doubts_open", provider, number=0)
    elif isinstance(entry, Surge) and entry.level and storm.may_hold(name := storm.named(key), rules):
        yield Lasting("storms_holding", (name,))

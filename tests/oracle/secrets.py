"""Whether what is the buyer's stays from consignors: in commands, and in the messages that they make."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from tests.oracle.case import Case
from tests.oracle.defects import Defects
from tests.oracle.numbers import read
from tests.oracle.people import People
from tests.oracle.upstream import Heard, Upstream

_BUYERS = frozenset({"amount", "paid", "refund_days", "address", "area", "alternatives", "reason_text", "pay_by"})
"""The facts of a notice that are the buyer's affair, whatever they say."""
_SHORTEST = 2
"""A name of a single character is found anywhere."""


def judge(cases: Iterable[Case], upstream: Upstream, people: People, defects: Defects) -> None:
    """Judges all notices for consignors."""
    for case in cases:
        command = case.notice.command
        if command.audience != "consignor":
            continue
        if keys := _BUYERS & command.facts.keys():
            what = f"a consignor is told the buyer's {', '.join(sorted(keys))}"
            defects.add("forbidden", case.id, what, commanded=case.notice.at)
        heard = upstream.orders.get(command.order_id, ())
        amounts = {amount for h in heard if (amount := getattr(h.event, "amount", None))}
        secrets = {secret for secret in _secrets(heard, people, command.customer_id) if len(secret) >= _SHORTEST}
        said = list(_texts(command.facts))
        if amounts.intersection(said) or _any_in(secrets, said):
            defects.add("forbidden", case.id, "a consignor's facts hold what is the buyer's", commanded=case.notice.at)
        for sent in case.sent:
            if _any_in(secrets, [sent.attempt.text]):
                what = "a consignor's message holds what is the buyer's"
                defects.add("forbidden", case.id, what, begun=sent.attempt.begun_at)


def _secrets(heard: Iterable[Heard], people: People, consignor: str) -> Iterator[str]:
    """What is known of the buyer; of one who is the consignor itself nothing is secret."""
    for buyer in {h.event.customer_id for h in heard} - {consignor}:
        yield buyer
        for contact in people.contacts(buyer):
            number = read(contact.phone).number if contact.phone else None
            own = (contact.name, contact.phone, number, contact.email, contact.wechat_openid)
            yield from filter(None, (*own, *(contact.push_ids or ())))
        yield from (address for h in heard if (address := getattr(h.event, "address", None)))


def _texts(value: Any) -> Iterator[str]:
    """All texts in a value of JSON."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)


def _any_in(secrets: set[str], texts: Iterable[str]) -> bool:
    """Whether one of them stands in a text, not within a longer word or number."""
    return any(secret in text and _alone(secret, text) for text in texts for secret in secrets)


def _alone(secret: str, text: str) -> bool:
    return re.search(rf"(?<![A-Za-z0-9_-]){re.escape(secret)}(?![A-Za-z0-9_-])", text) is not None

"""What is allowed in what the rules say of mails, and yet likely wrong."""

import re
from collections.abc import Iterator, Mapping
from typing import get_args

from schemas.rules import Mechanism
from schemas.words import KINDS, Audience, Kind, Tier
from streams.policy.case import Case
from streams.policy.mail_text import MailText
from streams.policy.mail_texts import section
from streams.policy.rules import Rules

_NEVER_ASKED_FOR = ("验证码", "密码")
_TOLD: Mapping[Audience, tuple[Kind, ...]] = {"buyer": KINDS, "consignor": ("stock_shortage", "order_cancelled")}
_REFUND = re.compile("退款|退回")
_IF_PAID = "如已付款"


def mail_warnings(rules: Rules, promotion: re.Pattern[str], promises: Mapping[str, Mechanism]) -> Iterator[str]:
    """What to look at under ``mail``, one line each, beginning with its key. ``promotion`` are words that advertise,
    ``promises`` those that are one."""
    for word in _NEVER_ASKED_FOR:
        if word not in rules.mail.safety:
            yield f"mail.safety: does not say that we never ask for {word}, by which readers know us from others"
    mail = rules.file.mail
    for name in mail.__struct_fields__:
        for word in rules.sensitive.found(getattr(mail, name)) if name != "texts" else ():
            yield f"mail.{name}: {word} is a sensitive word"
        if name != "texts" and (found := promotion.search(getattr(mail, name))):
            yield f"mail.{name}: {_promotes(found)}"
    for text in rules.mail.texts.values():
        for warning in dict.fromkeys(_of_text(text, rules, promotion, promises)):
            yield f"mail.texts.{text.text_id}.{warning}"
    yield from _untold(rules)


def _of_text(
    text: MailText, rules: Rules, promotion: re.Pattern[str], promises: Mapping[str, Mechanism]
) -> Iterator[str]:
    for key, way in text.ways():
        for word in rules.sensitive.found(way):
            yield f"{key}: {word} is a sensitive word"
        if found := promotion.search(way):
            yield f"{key}: {_promotes(found)}"
        for promise, mechanism in promises.items():
            if promise in way and not text.needs:
                yield f'{key}: {promise} is a promise; say in needs what keeps it, like "{mechanism}"'
        if _REFUND.search(way) and _IF_PAID not in way and text.when.paid != "yes" and text.audience == "buyer":
            yield f'{key}: a refund, though the order may be unpaid; say {_IF_PAID}, or when = {{ paid = "yes" }}'


def _promotes(found: re.Match[str]) -> str:
    return f"{found[0]} is promotion, with which a mail is an advertisement and must say so in its subject"


def _untold(rules: Rules) -> Iterator[str]:
    for audience, kinds in _TOLD.items():
        for kind in kinds:
            if (state := _untold_state(rules, kind, audience)) is not None:
                whom = "" if audience == "buyer" else " to a consignor"
                yield (
                    f"mail.texts: none tells {kind}{whom} with its order when nothing but that is known ({state}); "
                    "e-mail is passed over then"
                )


def _untold_state(rules: Rules, kind: Kind, audience: Audience) -> str | None:
    """The first state of an order in which no text names it; ``None`` where there is no such state."""
    order = "A" * 64
    for tier in get_args(Tier):
        for paid in (True, False, None):
            for unique in (True, False):
                facts = {"paid": paid, "unique": unique}
                case = Case(kind, order, facts, now=0, audience=audience, tier=tier)
                told = section(case, rules, frozenset())
                if told is None or order not in repr(told):
                    said = "unknown" if paid is None else "yes" if paid else "no"
                    return f"tier {tier}, paid {said}, unique {'yes' if unique else 'no'}"
    return None

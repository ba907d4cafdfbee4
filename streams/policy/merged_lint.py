"""What is likely wrong with a text that tells several exceptions: it is never taken, or says what is not so of each.

Of one exception the first text that is true is taken, so a text is spared what those before it catch. A text of several
is taken for whatever its ``when`` lets in, so its ``when`` has to say what it claims.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any, cast, get_args

from schemas.rules import Mechanism, Paid, SmsProvider
from schemas.times import DAY, Micros
from schemas.words import NoticeKind
from streams.policy.case import Case
from streams.policy.reasons import KIND_WORDS
from streams.policy.rules import Rules
from streams.policy.shared import Shared
from streams.policy.template import VARIABLE, Template
from streams.policy.text import Text

_EVERYTHING = frozenset[Mechanism](get_args(Mechanism))
_NOW: Micros = 20_000 * DAY
_SOON = "2024-12-31"
_MOST = 7  # orders: as many as the fullest text tells
_REASONS = ("card_error", "insufficient_funds", "incomplete", "invalid")  # each another reason, of one kind or other
_PAID: dict[Paid, bool | None] = {"yes": True, "no": False, "unknown": None}


def merged_warnings(template: Template, rules: Rules) -> Iterator[str]:
    """What to look at in a text, if it tells several exceptions; each begins with its key."""
    if template.category == "marketing" or all(most == 1 for _, most in template.counts):
        return
    taken = False
    for provider in rules.providers:
        shared = Shared(template, provider, rules)
        if shared.flaw is not None:
            yield f"{_key(template, provider)}: {shared.flaw}, so it never tells several"
            return
        taken = taken or _tells_some(shared)
    if not taken:
        yield "max: has no room for what the text is to tell of several, so it never does"
    texts = {_key(template, provider): template.wordings[provider].text for provider in rules.providers}
    for key, text in texts.items():
        for claim in _claims(VARIABLE.sub(" ", text), template):
            yield f"{key}: {claim}"


def _key(template: Template, provider: SmsProvider) -> str:
    own = template.wordings["tencent"].text != template.wordings["aliyun"].text
    return "tencent.text" if own and provider == "tencent" else "text"


def _claims(words: str, template: Template) -> Iterator[str]:
    """What the words say that ``when`` doesn't see to."""
    when = template.when
    paid = {*_PAID} if when.paid is None else {when.paid} if isinstance(when.paid, str) else {*when.paid}
    if template.audience == "consignor" or template.kind not in ("stock_shortage", "order_cancelled", "*"):
        return
    if "退" in words and "no" in paid:
        yield 'offers money back, of which an unpaid order has none; say in when, paid = ["yes", "unknown"] or "yes"'
    elif template.kind == "order_cancelled" and "退" in words and "如已付款" not in words and paid != {"yes"}:
        yield 'says that money comes back, which it does of a paid order only; say in when, paid = "yes", or 如已付款'
    if "未被扣款" in words and paid != {"no"}:
        yield 'says that nothing was paid; say in when, paid = "no"'
    if re.search("等货|补到|到货|暂时缺货", words) and when.unique is not False:
        yield "says that the goods will come, which unique ones won't; say in when, unique = false"


def _tells_some(shared: Shared) -> bool:
    """Whether there are several exceptions, as easy to tell as can be, that it tells."""
    for things, orders, words in product((1, 2), range(1, _MOST + 1), range(1, len(KIND_WORDS) + 1)):
        if orders * things < max(2, words):
            continue
        cases = tuple(
            _easy(shared.template, order, thing, (order * things + thing) % words)
            for order in range(orders)
            for thing in range(things)
        )
        roles = [shared.role(case, None, _EVERYTHING) for case in cases]
        common = {role.common for role in roles if role}
        if None not in roles and len(common) == 1 and isinstance(shared.text(cases), Text):
            return True
    return False


def _easy(template: Template, order: int, thing: int, word: int) -> Case:
    """A case of which all is known and short. ``word`` says which of the things that can happen, or why."""
    when = template.when
    kind = list(KIND_WORDS)[word] if template.kind == "*" else template.kind
    paid = when.paid if isinstance(when.paid, str) or when.paid is None else when.paid[0]
    facts: dict[str, Any] = {
        "paid": None if paid is None else _PAID[paid],
        "unique": when.unique is True,
        "sku": f"s{thing}",
        "name": "包",
        "alternatives": [{"name": "包"}],
        "reason": _REASONS[word],
        "amount": "9",
        "refund_days": 3,
        "expected_days": 3,
        "cause": "weather",
        "hours": 48,
        "restock_at": _SOON,
        "area": "余杭区",
    }
    return Case(
        kind=cast(NoticeKind, kind),
        order_id=f"{order:04}",
        facts=facts,
        now=_NOW,
        tracking_no=f"{order:02}{thing:02}",
        audience=template.audience,
        tier=when.tier or "regular",
    )

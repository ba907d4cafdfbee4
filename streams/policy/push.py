"""The words of an app push.

They are those of the notice's text message, without the signature: above them stands a title, and the app's own name.
One push tells what there is to tell of several orders in as many sentences, where that is not too long for a phone
maker's channel. What is too long for one loses its courtesies, and then clauses from its end, so that of each order
remains what happened.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from streams.policy import inbox
from streams.policy.care import mechanisms
from streams.policy.case import Case
from streams.policy.push_rules import width
from streams.policy.rules import Rules
from streams.policy.templates import choose
from streams.policy.text import render

BODY = 128
"""The characters of the longest body: Xiaomi's, the shortest but for those below (vendor documentation)."""

_SIGNATURE = re.compile(r"^【[^】]*】")
_OPENING = re.compile(r"^(?:您好|很?抱歉)，")
_CLOSING = re.compile(r"[，；](?:谢谢|请谅解|给您添麻烦了|抱歉|感谢您)[^，；。]*。$")
_CLAUSE = re.compile(r"[^，；。]+[，；。]?")


class _Limit(NamedTuple):
    measure: Callable[[str], int]
    most: int


_SHORTER: Mapping[str, _Limit] = {"vivo": _Limit(width, 100), "meizu": _Limit(len, 100)}
"""The channels that take less than ``BODY`` (vendor documentation); of them alone a shorter body is made."""


@dataclass(frozen=True, slots=True)
class PushText:
    """A push as its reader sees it. ``shorter``, by phone maker, stands in the place of ``body`` there."""

    template_id: str
    title: str
    body: str
    shorter: Mapping[str, str]


def push_text(cases: Sequence[Case], rules: Rules) -> PushText | None:
    """What tells ``cases``, the first the most important; ``None`` where the rules have no words for one of them."""
    templates, texts = list[str](), list[str]()
    for case in cases:
        template = choose(rules, case, mechanisms(case, rules))
        text = None if template is None else render(template, case, rules)
        if text is None:
            return None
        templates.append(text.template_id)
        texts.append(_SIGNATURE.sub("", text.text))
    body = texts[0] if len(texts) == 1 and len(texts[0]) <= BODY else _within(texts, _Limit(len, BODY))
    shorter = {maker: _within(texts, limit) for maker, limit in _SHORTER.items() if limit.measure(body) > limit.most}
    return PushText(templates[0], rules.push.title or inbox.title(cases), body, shorter)


def _within(texts: Sequence[str], limit: _Limit) -> str:
    """As much of the texts as the limit takes: without courtesies, then clause by clause from their ends, at last
    without those that stand at the end, of which is said how many they are."""
    clauses = [_CLAUSE.findall(_CLOSING.sub("。", _OPENING.sub("", text))) for text in texts]
    for kept in range(max(map(len, clauses)), 0, -1):
        body = "".join(_sentence(each[:kept]) for each in clauses)
        if limit.measure(body) <= limit.most:
            return body
    firsts = [_sentence(each[:1]) for each in clauses]
    for told in range(len(firsts) - 1, 0, -1):
        body = f"{''.join(firsts[:told])}另有{len(firsts) - told}项，请到我的订单查看。"
        if limit.measure(body) <= limit.most:
            return body
    return _cut(firsts[0], limit)


def _sentence(clauses: Sequence[str]) -> str:
    return "".join(clauses).rstrip("，；。") + "。"


def _cut(text: str, limit: _Limit) -> str:
    while limit.measure(text) > limit.most - 2:
        text = text[:-1]
    return f"{text}…"

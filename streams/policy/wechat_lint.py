"""What is allowed of the cards in a rules file and yet likely wrong."""

import re
from collections.abc import Iterator, Mapping
from typing import get_args

from schemas.rules import CardTemplate, Mechanism
from schemas.words import KINDS, Audience
from streams.policy.rules import KindRules, Rules
from streams.policy.telling import CONSIGNORS_HEAR, unmet
from streams.policy.template import VARIABLE
from streams.policy.wechat import card


def card_warnings(
    rules: Rules, defaults: Rules, promotion: re.Pattern[str], promises: Mapping[str, Mechanism]
) -> Iterator[str]:
    """What to look at, one line each, beginning with its key. Nothing where no plan takes WeChat."""
    taken = [kind for kind in KINDS if _takes_wechat(rules.kinds[kind])]
    if not taken:
        return
    cards = {name: written for name, written in rules.file.wechat.templates.items() if written.enabled}
    ours = {written.id for written in defaults.file.wechat.templates.values()}
    if made_up := [name for name, written in cards.items() if written.id in ours]:
        yield f"wechat.templates: still with a made-up id, which WeChat will refuse: {', '.join(made_up)}"
    for kind in taken:
        for audience in get_args(Audience) if kind in CONSIGNORS_HEAR else ("buyer",):
            if state := unmet(kind, lambda case: card(case, rules) is not None, audience):
                whom = "" if audience == "buyer" else " to a consignor"
                yield (
                    f"wechat.templates: none tells {kind}{whom} when nothing but the order is known ({state}); "
                    "WeChat is passed over then"
                )
    for name, written in cards.items():
        for field, warning in _of_card(written, rules, promotion, promises):
            yield f"wechat.templates.{name}.fields.{field}: {warning}"


def _takes_wechat(kind: KindRules) -> bool:
    return any("wechat" in step for plan in kind.plans.values() for step in plan)


def _of_card(
    written: CardTemplate, rules: Rules, promotion: re.Pattern[str], promises: Mapping[str, Mechanism]
) -> Iterator[tuple[str, str]]:
    for name, text in written.fields.items():
        for part in VARIABLE.split(text)[::2]:
            for word in rules.sensitive.found(part):
                yield name, f"{word} is a sensitive word"
            if found := promotion.search(part):
                yield name, f"{found[0]} is promotion, which WeChat does not take in a card"
            for promise, mechanism in promises.items():
                if promise in part and not written.needs:
                    yield name, f'{promise} is a promise; say in needs what keeps it, like "{mechanism}"'

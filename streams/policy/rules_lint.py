"""What is allowed in a rules file and yet likely wrong: what vendors would refuse, or what costs needlessly."""

import re
from collections.abc import Iterator, Mapping

from schemas.rules import Mechanism, SmsProvider
from schemas.words import RuledKind
from streams.policy.cleaning import is_simplified, looks_like_contact
from streams.policy.mail_lint import mail_warnings
from streams.policy.merged_lint import merged_warnings
from streams.policy.reasons import OUR_WORDS
from streams.policy.rules import Rules
from streams.policy.telling import CONSIGNORS_HEAR, untold
from streams.policy.template import VARIABLE, Template, Wording
from streams.policy.template_compiler import OPT_OUT_ENDING
from streams.policy.text import ONE_SEGMENT, units
from streams.policy.variables import PRODUCT
from streams.policy.wechat_lint import card_warnings

_PROVIDERS: Mapping[SmsProvider, str] = {"aliyun": "Aliyun", "tencent": "Tencent"}
_PUNCTUATION = "，。；：、！？（）《》“”‘’—…·"
_PROMOTION = re.compile("券|优惠|折扣|积分|红包|促销")
_PROMISES: Mapping[str, Mechanism] = {
    "客服稍后": "human_follow_up",
    "客服会": "human_follow_up",
    "致电": "call_back",
    "到即告诉": "restock_notice",
    "正在跟进": "progress_notice",
    "即告知": "progress_notice",
    "券": "coupon",
}


def warnings(rules: Rules, defaults: Rules) -> list[str]:
    """What to look at in ``rules``, one line each, beginning with its key. ``defaults`` are those that ship."""
    found = [*_made_up(rules, defaults), *_untold(rules), *_sensitive(rules)]
    for template in rules.templates.values():
        place = f"templates.{template.template_id}"
        found += [f"{place}.{warning}" for warning in _of_template(template, rules, defaults)]
        found += [f"{place}.{warning}" for warning in merged_warnings(template, rules)]
    return [
        *found,
        *_shared_ids(rules),
        *mail_warnings(rules, _PROMOTION, _PROMISES),
        *card_warnings(rules, defaults, _PROMOTION, _PROMISES),
    ]


def _made_up(rules: Rules, defaults: Rules) -> Iterator[str]:
    if rules.signature == defaults.signature:
        yield "signature: still the made-up one; put in the one that the vendors approved"
    for provider in rules.providers:
        name = _PROVIDERS[provider]
        ours = {template.wordings[provider].id for template in defaults.templates.values()}
        made_up = [
            template.template_id
            for template in rules.templates.values()
            if template.enabled and template.wordings[provider].id in ours
        ]
        if made_up:
            yield f"templates: still with a made-up {provider}.id, which {name} will refuse: {', '.join(made_up)}"


def _untold(rules: Rules) -> Iterator[str]:
    for provider in rules.providers:
        for kind in _by_text_message(rules):
            if state := untold(rules, kind, provider):
                yield (
                    f"templates: none tells {kind} when nothing but the order is known ({state}) by {provider}, "
                    f"whose variables hold {rules.limits[provider].variable_limit}; it is not tried then"
                )
        for kind in CONSIGNORS_HEAR:
            if untold(rules, kind, provider, "consignor"):
                yield f"templates: none tells a consignor of {kind} by {provider}; it is not tried then"


def _by_text_message(rules: Rules) -> Iterator[RuledKind]:
    for kind, its in rules.kinds.items():
        if any("sms" in step for steps in its.plans.values() for step in steps):
            yield kind


def _sensitive(rules: Rules) -> Iterator[str]:
    for word in rules.sensitive.found(rules.signature):
        yield f"signature: {word} is a sensitive word, which carriers block"
    for ours in (PRODUCT, *OUR_WORDS):
        for word in rules.sensitive.found(ours):
            yield f"sensitive_words: {word} stands in {ours}, which texts say by themselves and go on saying"


def _of_template(template: Template, rules: Rules, defaults: Rules) -> Iterator[str]:
    aliyun, tencent = template.wordings["aliyun"], template.wordings["tencent"]
    texts = {"text": aliyun} | ({"tencent.text": tencent} if tencent.text != aliyun.text else {})
    for key, wording in texts.items():
        for warning in _of_text(wording, template, rules):
            yield f"{key}: {warning}"
    if template.enabled and rules.providers and not any(template.wordings[p].filed for p in rules.providers):
        names = " or ".join(_PROVIDERS[provider] for provider in rules.providers)
        yield f"filed: with no carrier at {names}, so it tells nobody in the mainland"
    if template.category == "marketing":
        yield from _of_marketing(template)
    for warning in _aliyun_variables(aliyun):
        yield f"text: {warning}"
    limit = rules.limits["aliyun"].variable_limit
    for name in aliyun.variables:
        if aliyun.longest[name] > limit:
            yield f"max.{name}: over {limit}, the longest variable that Aliyun takes by sms.aliyun.variable_limit"
    default = defaults.templates.get(template.template_id)
    if default is not None and len(texts) == 2:
        theirs = default.wordings
        if aliyun.text != theirs["aliyun"].text and tencent.text == theirs["tencent"].text:
            yield "tencent.text: still the default's, though the text is another"


def _of_text(wording: Wording, template: Template, rules: Rules) -> Iterator[str]:
    longest = units(f"【{rules.signature}】{wording.longest_fill()}")
    if longest > ONE_SEGMENT:
        yield f"can be {longest} units long with the signature, more than the {ONE_SEGMENT} of one segment"
    words = VARIABLE.sub(" ", wording.text)
    if refused := "".join(dict.fromkeys(filter(_refused, words))):
        yield f"vendors refuse {refused}"
    if looks_like_contact(words):
        yield "has a link or a telephone number, which carriers block unless filed"
    between = VARIABLE.split(wording.text)[::2]
    for word in dict.fromkeys(word for part in between for word in rules.sensitive.found(part)):
        yield f"{word} is a sensitive word, which carriers block"
    if template.category == "notification":
        if OPT_OUT_ENDING in words:
            yield f"Aliyun takes {OPT_OUT_ENDING} in marketing texts only"
        if promotion := _PROMOTION.search(words):
            yield f"{promotion[0]} is promotion, which belongs in a marketing text"
    for promise, mechanism in _PROMISES.items():
        if promise in words and not template.needs:
            yield f'{promise} is a promise; say in needs what keeps it, like "{mechanism}"'


def _of_marketing(template: Template) -> Iterator[str]:
    """A marketing text takes the place of the notice of a late parcel: nothing else that is told is not urgent."""
    one = template.tells((1, 1, 1, 1))
    if template.kind != "shipment_stalled" or template.audience != "buyer" or not one:
        yield "category: never taken, since a coupon rides with a buyer's one late parcel only; what is urgent does not"
    names = template.wordings["aliyun"].variables
    if "order" not in names and "tail" not in names:
        yield "text: names no order, and is all that the customer hears"
    if "coupon" not in names:
        yield "text: has no ${coupon}, which is why it goes in the place of the notice"


def _aliyun_variables(wording: Wording) -> Iterator[str]:
    names = VARIABLE.findall(wording.text)
    for name in wording.variables:
        if names.count(name) > 1:
            yield f"${{{name}}} stands more than once, which Aliyun refuses"
    between = VARIABLE.split(wording.text)[2:-1:2]
    for name, words, following in zip(names, between, names[1:], strict=False):
        if not any(map(is_simplified, words)):
            yield f"no Chinese character between ${{{name}}} and ${{{following}}}, which Aliyun refuses"


def _refused(character: str) -> bool:
    return not (
        (character.isascii() and character.isprintable()) or character in _PUNCTUATION or is_simplified(character)
    )


def _shared_ids(rules: Rules) -> Iterator[str]:
    for provider in _PROVIDERS:
        known: dict[str, Template] = {}
        for template in rules.templates.values():
            wording = template.wordings[provider]
            first = known.setdefault(wording.id, template)
            if first.wordings[provider].text != wording.text:
                yield (
                    f"templates.{template.template_id}.{provider}.id: "
                    f"also that of {first.template_id}, which has another text"
                )

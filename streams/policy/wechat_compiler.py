"""Makes cards of what a rules file says of them, and checks that the vendor would take them."""

import re
from collections.abc import Mapping
from typing import cast, get_args
from urllib.parse import urlsplit

from schemas import rules as written
from schemas.words import Audience, NoticeKind
from streams.policy.cleaning import is_han
from streams.policy.rules_shape import Misplaced, under
from streams.policy.template import VARIABLE
from streams.policy.wechat_fields import BARE, LONGEST, NARROWEST, OF_THE_BUYER, VARIABLES, WIDEST
from streams.policy.wechat_template import FIELD_TYPES, CardTemplate, Field

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAME = re.compile(r"([a-z]+(?:_[a-z]+)*)([0-9]{1,3})")
_LONGEST_URL = 1024

Cards = Mapping[tuple[NoticeKind, Audience], tuple[CardTemplate, ...]]


def compiled_cards(wechat: written.Wechat) -> Cards:
    """The cards by what they tell to whom, in the order in which they are tried. Raises ``Misplaced``."""
    cards: dict[tuple[NoticeKind, Audience], tuple[CardTemplate, ...]] = {}
    for template_id, template in wechat.templates.items():
        card = _card(template_id, template)
        if template.enabled:
            key = (card.kind, card.audience)
            cards[key] = (*cards.get(key, ()), card)
    return cards


def card_url(wechat: written.Wechat) -> str | None:
    """Where a touch on a buyer's card leads, with ``${order}`` for the order. Raises ``Misplaced``."""
    url = wechat.url
    if url is None:
        return None
    try:
        parts = urlsplit(VARIABLE.sub("A", url))
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or not _printable_ascii(url) or " " in url:
        raise Misplaced("wechat.url", f"expected an http or https address, got {url!r}")
    if len(url) > _LONGEST_URL:
        raise Misplaced("wechat.url", f"longer than {_LONGEST_URL} characters")
    if set(VARIABLE.findall(url)) - {"order"} or "${" in VARIABLE.sub("", url):
        raise Misplaced("wechat.url", "expected no other variable than ${order}")
    return url


def kind_of(template_id: str, template: written.CardTemplate) -> NoticeKind | None:
    """What a card tells: its ``kind``, without one the kind that it is named by."""
    if template.kind is not None:
        return template.kind
    return cast(NoticeKind, template_id) if template_id in get_args(NoticeKind) else None


def _card(template_id: str, template: written.CardTemplate) -> CardTemplate:
    place = under("wechat.templates", template_id)
    kind = kind_of(template_id, template)
    if kind is None:
        raise Misplaced(f"{place}.kind", "missing, and the card's own name is that of no kind")
    if not _ID.fullmatch(template.id):
        raise Misplaced(f"{place}.id", f"expected an id of letters, digits, _ and -, got {template.id!r}")
    when = template.when
    if when != written.When(tier=when.tier, paid=when.paid, unique=when.unique):
        raise Misplaced(f"{place}.when", "a card tells of one order, product and parcel")
    if not template.fields:
        raise Misplaced(f"{place}.fields", "expected at least one")
    fields = tuple(
        _field(name, text, template.audience, under(f"{place}.fields", name)) for name, text in template.fields.items()
    )
    needs = frozenset(template.needs)
    return CardTemplate(template_id, template.id, kind, template.audience, when, needs, fields)


def _field(name: str, text: str, audience: Audience, place: str) -> Field:
    read = _NAME.fullmatch(name)
    if read is None:
        raise Misplaced(place, "expected a type and a number, like thing1")
    if read[1] not in FIELD_TYPES:
        raise Misplaced(place, f"nothing of ours fits the type {read[1]}; known here: {', '.join(FIELD_TYPES)}")
    if not text or text != text.strip() or not text.isprintable():
        raise Misplaced(place, "expected one line of text, with no space around it")
    if "${" in VARIABLE.sub("", text):
        raise Misplaced(place, "expected ${name}, in small letters, wherever ${ stands")
    field = Field(name, read[1], tuple(VARIABLE.split(text)[::2]), tuple(VARIABLE.findall(text)))
    for check in (_check_variables, _check_texts, _check_length):
        if (error := check(field)) is not None:
            raise Misplaced(place, error)
    if audience == "consignor" and (theirs := OF_THE_BUYER & set(field.variables)):
        raise Misplaced(place, f"${{{min(theirs)}}} is the buyer's, and no consignor may read it")
    return field


def _check_variables(field: Field) -> str | None:
    known = VARIABLES[field.type]
    for name in field.variables:
        if name not in known:
            return f"${{{name}}} can't stand in a {field.type}; these can: {', '.join(sorted(known))}"
    if len(set(field.variables)) < len(field.variables):
        return "expected each variable once"
    if len(NARROWEST.keys() & set(field.variables)) > 1:
        return f"only one of {', '.join(sorted(NARROWEST))} can be cut to fit"
    if field.type in BARE and field.variables and field.fixed:
        return f"in a field of the type {field.type} a variable stands alone"
    return None


def _check_texts(field: Field) -> str | None:
    text = "".join(field.texts)
    match field.type:
        case "time" | "date" | "amount" if not field.variables:
            return f"expected one of {', '.join(sorted('${' + name + '}' for name in VARIABLES[field.type]))}"
        case "character_string" if not _printable_ascii(text):
            return "a character_string takes no Chinese"
        case "number" if text and not (text.isascii() and text.isdecimal()):
            return "a number takes digits only"
        case "phrase" if text and not is_han(text):
            return "a phrase takes Chinese characters only"
    return None


def _check_length(field: Field) -> str | None:
    """With each variable at its widest, the one that is cut at its narrowest."""
    longest = LONGEST[field.type]
    needed = field.fixed + sum(NARROWEST.get(name) or WIDEST.get(name, 0) for name in field.variables)
    if field.type not in ("time", "date", "amount") and needed > longest:
        return f"needs {needed} characters; a {field.type} has {longest}"
    return None


def _printable_ascii(text: str) -> bool:
    return text.isascii() and text.isprintable()

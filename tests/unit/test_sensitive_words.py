import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.rules import Mechanism, SmsProvider
from schemas.times import micros
from schemas.words import KINDS, Audience, Kind
from streams.policy.case import Case
from streams.policy.cleaning import clean, is_han, is_simplified, looks_like_contact
from streams.policy.sensitive_words import SensitiveWords
from streams.policy.template import VARIABLE
from streams.policy.templates import choose
from streams.policy.text import render, units
from tests.unit.rules import RULES, rules_with
from tests.unit.upstream_words import WORDS

NOW = micros(datetime(2026, 11, 23, 4, tzinfo=UTC))
HAN = ["赌博", "赌博网", "代开发票", "博彩", "贷"]
LATIN = ["gun", "casino online", "a货", "3d"]
LIST = SensitiveWords([*HAN, *LATIN])
PIECES = st.sampled_from(
    [*"赌博网代开发票彩贷皮包的款", *HAN, *LATIN, "gu", "n", "A", "货", "casino", "online", "GUN", "ＧＵＮ", "3", "D",
     " ", "★", "-", ".", "…", "\u200b", "·", "e\u0301", "139", "0000", "0001", "t.cn", "微信", "abc12345", "拒收",
     "回复R", "一三九零", "零零零一"]
)  # fmt: skip
UPSTREAM = (
    st.lists(PIECES, max_size=24).map("".join)
    | st.lists(st.sampled_from([*HAN, "赌", "博", "皮包"]), max_size=5).map("".join)
    | st.lists(st.sampled_from(["赌博", "贷", "赌", "博", "市", "店"]), min_size=2, max_size=4).map("".join)
    | WORDS
)
WORD_LISTS = st.lists(st.sampled_from([*HAN, *LATIN, "皮", "皮包", "包的款", "赌", "网"]), unique=True).map(
    tuple
) | st.just((*HAN, *LATIN))


def holds(text: str, word: str) -> bool:
    """What carriers look for, told without the automaton: Han across ornaments, Latin by whole words."""
    if is_han(word):
        return word in "".join(filter(str.isalnum, text))
    parts = re.findall("[a-z0-9]+|[^a-z0-9 ]", word)
    ornament = r"[^a-z0-9\u4e00-\u9fff]"
    apart = f"{ornament}+" if " " in word else f"{ornament}*"
    apart = apart.join(map(re.escape, parts))
    head = "(?<![a-z0-9])" if parts[0].isascii() else ""
    tail = "(?![a-z0-9])" if parts[-1].isascii() else ""
    return re.search(head + apart + tail, text.lower()) is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("香奈儿赌博皮包", ["赌博"]),
        ("赌 博", ["赌博"]),
        ("赌★·博", ["赌博"]),
        ("赌\u200b博", ["赌博"]),
        ("赌博网", ["赌博网"]),
        ("代开发票博彩", ["代开发票", "博彩"]),
        ("ＧＵＮ", ["gun"]),
        ("TOP GUN 皮衣", ["gun"]),
        ("皮衣gun", ["gun"]),
        ("Casino-Online", ["casino online"]),
        ("A货", ["a货"]),
        ("超A 货", ["a货"]),
        ("gun gun", ["gun"]),
        ("Burgundy", []),
        ("gu n", []),
        ("LVA货", []),
        ("33D", []),
        ("casinoonline", []),
        ("发票", []),
        ("", []),
    ],
)
def test_a_word_is_found_in_any_guise_and_only_as_a_word(text: str, words: list[str]) -> None:
    assert LIST.found(text) == words


def test_a_word_is_said_as_the_list_writes_it() -> None:
    assert SensitiveWords(["Ａ 货★"]).found("超级a货") == ["Ａ 货★"]


def test_a_word_without_letters_is_refused() -> None:
    with pytest.raises(ValueError, match="expected words, got '★ '"):
        SensitiveWords(["赌博", "★ "])


def test_no_words_are_found_where_there_are_none() -> None:
    assert SensitiveWords().found("赌博") == []
    assert SensitiveWords().without("赌博") == "赌博"


@given(st.text("赌博网彩 ★aG3gunｇ", max_size=12))
def test_what_is_found_is_what_is_there(text: str) -> None:
    folded = text.replace("ｇ", "g")
    assert bool(LIST.found(text)) == any(holds(folded, word) for word in [*HAN, *LATIN])


@settings(max_examples=500)
@given(UPSTREAM, WORD_LISTS)
def test_nothing_that_is_blocked_remains_of_a_name(text: str, words: tuple[str, ...]) -> None:
    cleaned = clean(text, SensitiveWords(words))
    assert not [word for word in words if holds(cleaned, word)]
    assert not looks_like_contact(cleaned)
    assert re.fullmatch(r"[一-鿿A-Za-z0-9 +&/.%'-]*", cleaned)
    assert all(is_simplified(character) for character in cleaned if not character.isascii())
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("香奈儿赌博皮包", "香奈儿 皮包"),
        ("赌赌博博皮包", "皮包"),
        ("139赌博0000赌博0001皮包", "皮包"),
        ("A 赌博 货皮包", "皮包"),
        ("赌博", ""),
        ("99 赌博", ""),
        ("新赌博", ""),
        ("99", "99"),
        ("Burgundy 皮包", "Burgundy 皮包"),
    ],
)
def test_a_name_loses_the_word_and_keeps_what_makes_sense(text: str, left: str) -> None:
    assert clean(text, LIST) == left


def test_names_that_shops_give_are_no_sensitive_words() -> None:
    for name in (
        "红包链条包",
        "带发票盒子",
        "LV Casino系列"[:2],
        "老花手提包",
        "一二线品牌",
        "Burgundy 丝巾",
        "99新 博柏利",
    ):
        assert RULES.sensitive.found(name) == []


def cases(kind: Kind, audience: Audience, texts: list[str], plain: bool) -> Case:
    names = ("name", "item_name", "reason", "area", "address", "cause", "carrier")
    facts: dict[str, object] = dict(zip(names, texts, strict=False))
    facts |= {"alternatives": [{"name": texts[7]}], "hours": 30, "restock_at": "2026-12-01", "amount": "99.00"}
    return Case(kind, "A1", facts, NOW, "SF1", audience=audience, plain=plain)


@settings(max_examples=500)
@given(
    st.sampled_from(KINDS),
    st.sampled_from(["buyer", "buyer", "consignor"]),
    st.lists(UPSTREAM, min_size=8, max_size=8),
    WORD_LISTS,
    st.frozensets(st.sampled_from(get_args(Mechanism))),
    st.sampled_from(get_args(SmsProvider)),
    st.booleans(),
)
def test_no_text_ever_says_what_is_blocked(
    kind: Kind,
    audience: Audience,
    texts: list[str],
    words: tuple[str, ...],
    mechanisms: frozenset[Mechanism],
    provider: SmsProvider,
    plain: bool,
) -> None:
    rules = replace(WITH_SUBSTITUTES, sensitive=SensitiveWords(words))
    case = cases(kind, audience, texts, plain)
    template = choose(rules, case, mechanisms, provider)
    if template is None:
        assert audience == "consignor"
        return
    text = render(template, case, rules, provider)
    assert text is not None
    wording = template.wordings[provider]
    for name, value in text.variables.items():
        assert not [word for word in words if holds(value, word)]
        assert not looks_like_contact(value)
        assert value.strip() == value != ""
        assert units(value) <= min(wording.longest[name], rules.limits[provider].variable_limit)
        assert re.fullmatch(r"[一-鿿A-Za-z0-9 +&/.%'…-]*", value)


WITH_SUBSTITUTES = rules_with("[templates.stock_alt_1]\nenabled = true")


@pytest.mark.parametrize(
    ("kind", "facts", "variable", "value"),
    [
        ("stock_shortage", {"name": "赌博皮包", "unique": True}, "item", "皮包"),
        ("stock_shortage", {"name": "赌★博"}, "item", "商品"),
        ("stock_shortage", {"name": "赌博", "item_name": "皮包"}, "item", "皮包"),
        ("stock_shortage", {"name": "皮皮皮皮皮赌" + "皮" * 9 + "博皮皮皮皮"}, "item", "商品"),
        ("order_cancelled", {"reason": "赌博停业"}, "reason", "其他原因"),
        ("address_undeliverable", {"area": "赌博市余杭区"}, "area", None),
    ],
)
def test_what_upstream_wrote_goes_without_it_or_not_at_all(
    kind: Kind, facts: dict[str, object], variable: str, value: str | None
) -> None:
    case = Case(kind, "A1", facts, NOW)
    template = choose(RULES, case)
    assert template is not None
    text = render(template, case, RULES)
    assert text is not None
    assert text.variables.get(variable) == value


@pytest.mark.parametrize("template_id", RULES.templates)
def test_no_default_text_has_a_default_word(template_id: str) -> None:
    for wording in RULES.templates[template_id].wordings.values():
        assert RULES.sensitive.found(VARIABLE.sub("某", wording.text)) == []


def test_a_list_of_ones_own_takes_the_place_of_the_default() -> None:
    rules = rules_with('sensitive_words = ["皮包"]')
    assert rules.sensitive.found("赌博皮包") == ["皮包"]
    assert rules.hash != RULES.hash

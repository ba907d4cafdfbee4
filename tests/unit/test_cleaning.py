import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.policy.cleaning import clean, is_simplified, looks_like_contact, shorten
from tests.unit.upstream_words import WORDS

ALLOWED = re.compile(r"[一-鿿A-Za-z0-9 +&/.%'-]*")


@given(WORDS)
def test_nothing_remains_that_a_vendor_refuses(text: str) -> None:
    cleaned = clean(text)
    assert ALLOWED.fullmatch(cleaned)
    assert all(is_simplified(character) for character in cleaned if not character.isascii())
    assert not looks_like_contact(cleaned)
    assert cleaned == cleaned.strip()
    assert "  " not in cleaned
    assert "拒收" not in cleaned or "回复R" not in cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("香奈儿经典款链条包", "香奈儿经典款链条包"),
        ("【99新】 爱马仕★Birkin 30🎒", "99新 爱马仕 Birkin 30"),
        ("HERMÈS Birkin", "HERMES Birkin"),
        ("ＧＵＣＣＩ　腰带", "GUCCI 腰带"),
        ("Levi’s 501", "Levi's 501"),
        ("劳力士 126610LN 3.5cm", "劳力士 126610LN 3.5cm"),
        ("丝巾90×90", "丝巾90 90"),
        ("Dr.Martens No.5", "Dr Martens No 5"),
    ],
)
def test_a_name_keeps_its_words(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("GUCCI 經典皮包", "GUCCI"),
        ("𠮷野家便当 大", "大"),
        ("Møller 花瓶", "花瓶"),
        ("經典", ""),
    ],
)
def test_a_word_goes_whole_where_a_letter_of_it_cannot_stand(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    "contact",
    [
        "https://a.cn/x?y=1", "www.taobao.com/item", "taobao.COM", "ｔｂ．ｃｎ", "t。cn", "a@b.com", "192.168.0.1",
        "13900000001", "139 0000 0001", "139-0000-0001", "１３９００００００００１", "+86 139 0000 0001",
        "021-12345678", "400.800.8888", "QQ：12345", "微信 abc12345", "VX:abc_12345",
        "微信★abc12345", "QQ·★12345", "一三九零零零零零零零一", "幺三九 零零零零 零零零一",
        "电话12345", "拒收请回复R", "退订回T",
    ],
)  # fmt: skip
def test_contact_data_goes(contact: str) -> None:
    assert clean(f"皮包 {contact} 全新") == "皮包 全新"


@given(st.text("香奈儿包ABC 12", max_size=60).map(lambda text: " ".join(text.split())), st.integers(0, 20))
def test_what_is_too_long_loses_its_middle(text: str, longest: int) -> None:
    short = shorten(text, longest)
    if len(text) <= longest:
        assert short == text
    elif short is None:
        assert longest < 3
    else:
        head, tail = short.split("…")
        assert len(short) <= longest
        assert text.startswith(head)
        assert text.endswith(tail)


def test_the_middle_is_marked() -> None:
    assert shorten("香奈儿经典款链条包", 8) == "香奈儿经…链条包"


@pytest.mark.parametrize("character", "经典退订鉴奢镕")
def test_simplified_characters_are_taken(character: str) -> None:
    assert is_simplified(character)


@pytest.mark.parametrize("character", "經鑑買賣億コa1，★𠮷")
def test_others_are_not(character: str) -> None:
    assert not is_simplified(character)

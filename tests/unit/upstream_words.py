"""What upstream might write into a free text, from the harmless to the hostile."""

from hypothesis import strategies as st

ANY_CHARACTER = st.characters(exclude_categories=())  # lone surrogates, controls and unassigned ones too
NASTY = st.sampled_from(
    [
        "经典款链条包", "經典款鏈條包", "𠮷野家", "HERMÈS", "Møller", "コーチ", "가방", "①②", "㎡", "m²", "½", "ﷺ",
        "『限量』", "「全新」", "〖99新〗", "【代购】", "•", "★※→", "👜", "👩‍👩‍👧", "🇨🇳", "\u200b", "\u202e", "\x00",
        "\r\n", "\u2028", "\ud83d", "\udc5c", "e\u0301", "${order}", "{1}", "$", "\\", "'", '"', "<b>",
        "https://a.cn/x", "www.taobao.com", "t。cn", "weixin://x", "a@b.com", "加微信abc12345", "QQ:123456789",
        "13900000001", "139 0000 0001", "139-0000-0001", "１３９００００００００１", "1\u200b39★0000０001",
        "400-800-8888", "021-12345678", "192.168.0.1", "拒收请回复R", "退订回T", "...", "-", " ",
    ]
)  # fmt: skip
WORDS = st.lists(st.text(ANY_CHARACTER, max_size=12) | NASTY, max_size=12).map("".join)
"""Texts of any length and make."""

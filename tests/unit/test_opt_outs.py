"""Which replies mean stop, and how the ledger names a number."""

import hashlib
import hmac
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.policy.opt_outs import Hasher, ledger_key, number_key, stop_word

AROUND = st.text(st.sampled_from(" \t\n\u3000\ufeff\u200b。.!！～~、,，\"“”'()（）[]【】:：;🙏😡…"), max_size=6)
LEADS = st.sampled_from(["", "回", "回复", "请回复", "请回", "回复：", "回覆 ", "回复“", "发送"])
WORDS = ["TD", "T", "N", "退订", "退訂", "T D"]
REPEATED = ["退订TD", "退订回T", "退订,回复T", "TD退订", "TD 退订", "回T退订"]

QUESTIONS = [
    *("", " ", "今天能到吗", "收到，谢谢", "好的", "NO", "1", "T恤", "R2D2", "不用回复", "回复", "回", "请", "拒收"),
    *("TDX", "XTD", "T1", "TT", "T_T", "T.T", "N_N", "RT", "不要退订", "怎么退订", "退订了吗"),
    *("TD" * 50, "退订" + "！" * 50),
]


def _full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@given(AROUND, LEADS, st.sampled_from(WORDS), AROUND, st.sampled_from([str, str.lower, _full_width]))
def test_a_stop_word_is_known_in_any_dress(before: str, lead: str, word: str, after: str, dress: object) -> None:
    assert callable(dress)
    assert stop_word(dress(before + lead + word + after)) == "all"


@pytest.mark.parametrize("reply", REPEATED)
def test_the_words_of_our_own_text_may_be_repeated(reply: str) -> None:
    assert stop_word(reply) == "all"


@given(AROUND, st.sampled_from(["R", "r", "Ｒ", "回复R", "请回复R", "拒收请回复R", "拒收 R"]), AROUND)
def test_r_stops_marketing_alone(before: str, word: str, after: str) -> None:
    assert stop_word(before + word + after) == "marketing"


@pytest.mark.parametrize("reply", QUESTIONS)
def test_what_is_no_stop_word_stops_nothing(reply: str) -> None:
    assert stop_word(reply) is None


@given(st.text() | st.text(st.sampled_from("TDNRtdnr退订回复请拒收不要吗 。_")))
def test_only_the_words_stop_whatever_else_is_written(reply: str) -> None:
    letters = "".join(c for c in unicodedata.normalize("NFKC", reply).upper() if c.isalnum())
    for leading in ("请", "回复", "回覆", "回復", "回", "输入", "发送", "拒收"):
        letters = letters.replace(leading, "")
    known = {w.replace(" ", "") for w in WORDS} | {a + b for a in ("退订", "退訂") for b in ("TD", "T", "N")}
    known |= {b + a for a in ("退订", "退訂") for b in ("TD", "T", "N")} | {"R"}
    assert stop_word(reply) is None or letters in known


@pytest.mark.parametrize("reply", ["T D", "TD。", "td！", "TD退订", "回复TD", "ＴＤ", "退 订", "回T", "退订短信"])
def test_in_doubt_about_its_dress_a_stop_word_alone_is_one(reply: str) -> None:
    """Nobody writes these two letters by themselves to say anything else, and our own texts ask for them."""
    assert stop_word(reply) == "all"


_SENTENCES = st.tuples(
    st.sampled_from(["今天", "请问", "我的", "订单", "TD", "T", "N", "R", "退订", "你好", "不要"]),
    st.sampled_from(
        ["能到吗", "什么时候发货", "谢谢", "是什么意思", "怎么弄", "收到了", "的衣服呢", "我没有退订", "了吗"]
    ),
    AROUND,
).map("".join)


@given(_SENTENCES, AROUND)
def test_no_ordinary_sentence_is_a_stop_whatever_word_it_begins_with(sentence: str, before: str) -> None:
    assert stop_word(before + sentence) is None


def test_a_number_is_named_by_its_hmac() -> None:
    named = number_key("secret", "+8613900000001")
    assert named == hmac.new(b"secret", b"+8613900000001", hashlib.sha256).hexdigest()
    assert Hasher("secret")("+8613900000001") == named
    assert named != number_key("other", "+8613900000001")
    assert "secret" not in repr(Hasher("secret"))


def test_a_stop_of_marketing_does_not_displace_a_stop_of_everything() -> None:
    """Compaction keeps one record a key."""
    assert ledger_key("ab", "all") == "ab"
    assert ledger_key("ab", "marketing") != "ab"

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.words import Audience
from streams.policy.cleaning import is_han
from streams.policy.reasons import address_reason, cancellation_reason, payment_reason
from tests.unit.upstream_words import WORDS


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("insufficient_funds", "余额不足"),
        ("card_error", "银行卡异常"),
        ("other", "支付异常"),
        ("solar_flare", "支付异常"),
    ],
)
def test_a_failed_payments_reason(reason: str, word: str) -> None:
    assert payment_reason({"reason": reason}) == word


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("商家库存不足，无法发货", "商品缺货"),
        ("out of stock", "商品缺货"),
        ("发现商品存在严重瑕疵", "商品瑕疵"),
        ("item_damaged", "商品瑕疵"),
        ("鉴定未通过", "鉴定未过"),
        ("authentication failed", "鉴定未过"),
        ("系统异常自动关闭", "系统故障"),
        ("System Error 500", "系统故障"),
        ("买家超时未支付", "买家未付"),
        ("payment timeout", "买家未付"),
        ("商品标价错误需要重新上架", "标价有误"),
        ("非质量问题的其它情况", "其他原因"),
        ("我们老板说不想卖给你们了", "其他原因"),
        ("because", "其他原因"),
        ("", "其他原因"),
    ],
)
def test_a_cancellations_reason_is_told_in_a_word_of_ours(reason: str, word: str) -> None:
    assert cancellation_reason({"reason": reason}, "buyer") == word


def test_a_short_chinese_reason_is_told_as_it_was_written() -> None:
    assert cancellation_reason({"reason": " 门店停业。"}, "buyer") == "门店停业"


def test_a_consignor_never_hears_what_may_name_the_buyer() -> None:
    assert cancellation_reason({"reason": "王芳退单"}, "consignor") == "其他原因"


@pytest.mark.parametrize(("cancelled_by", "word"), [("merchant", "商家原因"), ("system", "系统原因")])
def test_where_the_reason_says_nothing_who_cancelled_does(cancelled_by: str, word: str) -> None:
    assert cancellation_reason({"reason": "n/a", "cancelled_by": cancelled_by}, "buyer") == word


def test_a_paid_order_was_not_cancelled_for_want_of_payment() -> None:
    assert cancellation_reason({"reason": "unpaid", "paid": True}, "buyer") == "其他原因"


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("地址不完整，缺门牌号", "信息不全"),
        ("incomplete address", "信息不全"),
        ("地址无法识别", "无法识别"),
        ("not found", "无法识别"),
        ("超出配送范围", "暂不能配送"),
        ("", "暂不能配送"),
    ],
)
def test_what_is_wrong_with_an_address(reason: str, word: str) -> None:
    assert address_reason({"reason": reason}) == word


@given(WORDS | st.none() | st.integers(), st.sampled_from(["buyer", "consignor"]), st.sampled_from([True, False, None]))
def test_whatever_the_reason_the_word_is_short_chinese(reason: object, audience: Audience, paid: bool | None) -> None:
    facts = {"reason": reason, "paid": paid}
    for word, longest in (
        (payment_reason(facts), 5),
        (cancellation_reason(facts, audience), 4),
        (address_reason(facts), 5),
    ):
        assert is_han(word)
        assert len(word) <= longest

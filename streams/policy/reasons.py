"""The words in which a customer hears why. Each is short enough never to be cut, and none is English."""

import re
from collections.abc import Mapping
from typing import Any

from schemas.words import Audience
from streams.policy.cleaning import clean, is_han
from streams.policy.sensitive_words import SensitiveWords

CAUSES = {"weather": "天气", "customs": "清关", "capacity": "运力"}
"""What held a parcel up. Of any other cause nothing is said."""

_PAYMENT = {"insufficient_funds": "余额不足", "card_error": "银行卡异常"}

KIND_WORDS: Mapping[str, str] = {
    "payment_failed": "付款失败",
    "stock_shortage": "商品缺货",
    "shipment_stalled": "物流延迟",
    "address_undeliverable": "地址异常",
}
"""What happened to an order, where several exceptions share a text. A cancellation has no word: what becomes of the
money can't be said in one."""

_UNIQUE_LACKS = "无法发货"  # what will not come back is not out of stock for the time being
_UNPAID = "买家未付"

# Upstream's reasons are free text: the first pattern found in one gives its word. 非质量问题 is no flaw.
_CANCELLATION = tuple(
    (re.compile(pattern, re.IGNORECASE), word)
    for pattern, word in (
        (r"未付|未支付|没有?付|付款超时|支付超时|unpaid|not[ _]paid|payment[ _-]?(?:timeout|expired)", _UNPAID),
        (r"缺货|无货|断货|没货|售罄|库存|out[ _-]?of[ _-]?stock|sold[ _-]?out|inventory|shortage", "商品缺货"),
        (r"鉴定(?!通过|合格)|真伪|假货|仿品|赝品|authentic|counterfeit|fake|apprais", "鉴定未过"),
        (r"(?<![非无])(?:瑕疵|质量|破损|损坏|污渍|污损)|defect|damage|flaw|quality", "商品瑕疵"),
        (r"标价|定价|错价|价格|pric(?:e|ing)", "标价有误"),
        (r"重复|duplicate", "重复下单"),
        (r"地址|无法配送|不能配送|无法送达|address|undeliverable", "无法配送"),
        (r"风控|风险|欺诈|安全审核|fraud|risk", "安全审核"),
        (r"下架|撤回|撤架|不卖|withdr[ae]w|delist", "商品下架"),
        (r"不可抗力|force[ _-]?majeure", "不可抗力"),
        (r"(?<![非无])(?:系统|故障)|技术|异常|system|error|bug|technical|internal", "系统故障"),
    )
)
_CANCELLED_BY = {"merchant": "商家原因", "system": "系统原因"}

_ADDRESS = tuple(
    (re.compile(pattern, re.IGNORECASE), word)
    for pattern, word in (
        (r"不全|不完整|不详|缺少|缺失|incomplete|missing|partial", "信息不全"),
        (r"识别|不存在|错误|有误|无效|模糊|invalid|unknown|not[ _-]?found|unrecogni|ambiguous|wrong", "无法识别"),
    )
)

_NO_PAYMENT, _NO_REASON, _NO_DELIVERY = "支付异常", "其他原因", "暂不能配送"
"""What is said where the reason is not known."""

OUR_WORDS = (
    *KIND_WORDS.values(),
    _UNIQUE_LACKS,
    *CAUSES.values(),
    *_PAYMENT.values(),
    *(word for _, word in _CANCELLATION + _ADDRESS),
    *_CANCELLED_BY.values(),
    _NO_PAYMENT,
    _NO_REASON,
    _NO_DELIVERY,
)
"""All that texts can say by themselves."""

_NONE = SensitiveWords()


def kind_word(kind: str, facts: Mapping[str, Any]) -> str | None:
    """What happened, in four characters; ``None`` where that would leave out too much."""
    return _UNIQUE_LACKS if kind == "stock_shortage" and facts.get("unique") is True else KIND_WORDS.get(kind)


def payment_reason(facts: Mapping[str, Any]) -> str:
    """Why a payment failed."""
    return _PAYMENT.get(_text(facts, "reason"), _NO_PAYMENT)


def cancellation_reason(
    facts: Mapping[str, Any], audience: Audience, sensitive: SensitiveWords = _NONE, *, plain: bool = False
) -> str:
    """Why an order was cancelled: four characters at most.

    A buyer hears a short Chinese reason as the merchant put it, but not with a ``sensitive`` word, nor where the text
    is to be ``plain``. A consignor hears none but our own words, for the merchant's might name the buyer.
    """
    reason = _text(facts, "reason")
    if word := cancellation_word(reason, paid=facts.get("paid")):
        return word
    own = clean(reason)
    if audience == "buyer" and not plain and is_han(own) and 2 <= len(own) <= 4 and not sensitive.found(own):
        return own
    return _CANCELLED_BY.get(_text(facts, "cancelled_by"), _NO_REASON)


def cancellation_word(reason: str, *, paid: object = None) -> str | None:
    """What a merchant's ``reason`` comes to in our own words, of which each stands for itself; ``None`` where that
    can't be told. ``paid`` is ``True`` where the order was."""
    for pattern, word in _CANCELLATION:
        # Of an order that was paid this can't be the reason, whatever the text seems to say.
        if pattern.search(reason) and not (word == _UNPAID and paid is True):
            return word
    return None


def address_reason(facts: Mapping[str, Any]) -> str:
    """What is wrong with an address, as what is said of it."""
    reason = _text(facts, "reason")
    return next((word for pattern, word in _ADDRESS if pattern.search(reason)), _NO_DELIVERY)


def _text(facts: Mapping[str, Any], name: str) -> str:
    value = facts.get(name)
    return value if isinstance(value, str) else ""

from dataclasses import replace
from decimal import Decimal
from typing import Any, get_args

import pytest

from schemas.rules import Mechanism, SmsProvider
from schemas.words import NoticeKind, Tier
from streams.policy.case import Case
from streams.policy.cost import Saved, saved
from streams.policy.merging import told, told_plainer
from streams.policy.packing import pack
from tests.unit.rules import RULES, rules_with
from tests.unit.waiting_cases import NOW

GOOD_NEWS = frozenset[Mechanism](["restock_notice", "progress_notice"])
EVERYTHING = frozenset[Mechanism](get_args(Mechanism))
PAID = {"paid": True, "amount": "100.50", "refund_days": "3-5", "reason": "缺货"}


def case(
    kind: NoticeKind, order: str, facts: dict[str, Any] | None = None, parcel: str | None = None, tier: Tier = "regular"
) -> Case:
    return Case(kind, order, facts or {}, NOW, parcel, tier=tier)


def words(cases: list[Case], provider: SmsProvider = "aliyun", mechanisms: frozenset[Mechanism] = GOOD_NEWS) -> str:
    text = told(cases, RULES, provider, mechanisms=mechanisms)
    return text.text.removeprefix("【寄卖行】") if text else ""


def lacks(order: str, **facts: Any) -> Case:
    return case("stock_shortage", order, {"sku": "s1", "name": "皮包", "paid": True, **facts})


def stalls(order: str, parcel: str, hours: int = 24, **facts: Any) -> Case:
    return case("shipment_stalled", order, {"hours": hours, **facts}, parcel)


@pytest.mark.parametrize(
    ("cases", "text"),
    [
        (
            [case("payment_failed", f"A100{n}", {"reason": "card_error"}) for n in range(2)],
            "订单A1000和A1001因银行卡异常付款未成功，请重新付款，谢谢。",
        ),
        (
            [case("payment_failed", f"A100{n}", {"reason": "card_error"}) for n in range(3)],
            "您好，您有3笔订单因银行卡异常付款未成功，尾号1000、1001、1002，请到我的订单重新付款，若已付款请忽略，谢谢。",
        ),
        (
            [case("payment_failed", f"A100{n}", {"reason": "card_error"}) for n in range(7)],
            "尾号1000、1001、1002、1003、1004、1005、1006的订单因银行卡异常付款未成功，请到我的订单重新付款。",
        ),
        (
            [case("payment_failed", "A1000", {"reason": "card_error"}), case("payment_failed", "A1001")],
            "尾号1000订单因银行卡异常，尾号1001订单因支付异常付款未成功，请重新付款。",
        ),
        (
            [lacks("A1000", sku="s1"), lacks("A1000", sku="s2", name="腰带")],
            "抱歉，订单A1000的皮包等2件商品缺货，补到即告诉您；也可到我的订单退款或换购。",
        ),
        ([lacks("A1000"), lacks("A1001")], "抱歉，订单A1000和A1001缺货，请到我的订单选等货、退款或换购。"),
        (
            [lacks("A1000", paid=False), lacks("A1001", paid=False)],
            "抱歉，尾号1000、1001的订单缺货，请到我的订单选择等货、取消或换购，谢谢。",
        ),
        (
            [lacks("A1000", unique=True), lacks("A1001", unique=True)],
            "很抱歉，尾号1000、1001订单的商品均仅一件且已无法发货，请到我的订单选退款或换购相似款。",
        ),
        (
            [lacks("A1000", restock_at="2026-12-01"), lacks("A1001", restock_at="2026-12-01")],
            "抱歉，尾号1000、1001的订单缺货，预计12月1日到货即发；也可到我的订单退款或换购。",
        ),
        (
            [stalls("A1000", "SF1234", 30), stalls("A1000", "SF1235", 24)],
            "抱歉，订单A1000有2个包裹（尾号1234、1235）已24小时无更新，正在跟进，有进展即告知。",
        ),
        (
            [stalls("A1000", "SF1234", 30), stalls("A1001", "SF1235", 24)],
            "抱歉，您有2笔订单的包裹已24小时无更新，订单尾号1000、1001，正在跟进，有进展即告知您。",
        ),
        (
            [stalls(f"A100{n}", f"SF{n}", cause="weather", expected_days=3) for n in range(2)],
            "抱歉，尾号1000、1001订单的包裹受天气影响，预计晚到3天，正在跟进。",
        ),
        (
            [case("order_cancelled", f"A100{n}", PAID) for n in range(2)],
            "抱歉，尾号1000、1001的订单因商品缺货取消，共201.00元将在3-5个工作日内原路退回。",
        ),
        (
            [case("order_cancelled", f"A100{n}", PAID | {"amount": None}) for n in range(2)],
            "抱歉，订单A1000和A1001因商品缺货取消，退款3-5个工作日到账。",
        ),
        (
            [case("address_undeliverable", f"A100{n}", {"reason": "地址不全", "area": "余杭区"}) for n in range(2)],
            "订单A1000和A1001的收货地址信息不全，请到我的订单修改，谢谢。",
        ),
        (
            [lacks("A1000"), case("payment_failed", "A1000")],
            "您好，订单A1000有两件事请您处理：商品缺货和付款失败，请到我的订单查看，抱歉打扰。",
        ),
        (
            [lacks("A1000"), stalls("A1001", "SF1")],
            "您好，尾号1000的订单因商品缺货、尾号1001的订单因物流延迟需您处理，请到我的订单查看，抱歉打扰。",
        ),
        (
            [lacks("A1000"), lacks("A1002"), lacks("A1003", unique=True)],
            "您好，尾号1000、1002订单商品缺货，尾号1003订单无法发货，请到我的订单处理。",
        ),
        (
            [case("stock_replenished", f"A100{n}", {"name": "皮包"}) for n in range(2)],
            "好消息，尾号1000、1001订单的商品已到货，会尽快为您发出，感谢您的耐心等待。",
        ),
    ],
)
def test_a_shared_text_reads_as_a_customer_should_read_it(cases: list[Case], text: str) -> None:
    assert words(cases) == text


@pytest.mark.parametrize(
    ("cases", "text"),
    [
        (
            [case("payment_failed", f"A100{n}") for n in range(2)],
            "您尾号1000和1001的订单因支付异常付款未成功，请到我的订单重新付款，谢谢。",
        ),
        (
            [case("payment_failed", f"A100{n}") for n in range(4)],
            "尾号1000、1001、1002和1003的订单因支付异常付款未成功，请到我的订单重新付款。",
        ),
        (
            [case("order_cancelled", f"A100{n}", PAID) for n in range(2)],
            "很抱歉，您尾号1000和1001的订单因商品缺货取消，款项将在3-5个工作日内原路退回。",
        ),
        ([case("payment_failed", f"A100{n}") for n in range(5)], ""),
    ],
)
def test_where_variables_hold_six_characters_a_text_names_each_order_in_one_of_its_own(
    cases: list[Case], text: str
) -> None:
    assert words(cases, "tencent") == text


@pytest.mark.parametrize(
    "cases",
    [
        [case("order_cancelled", "A1000", PAID), case("order_cancelled", "A1001", PAID | {"paid": False})],
        [case("order_cancelled", "A1000", PAID), case("order_cancelled", "A1001", PAID | {"refund_days": 7})],
        [case("order_cancelled", "A1000", PAID), case("order_cancelled", "A1001", PAID | {"amount": None})],
        [case("order_cancelled", "A1000", PAID), lacks("A1001")],
        [case("order_cancelled", f"A100{n}", PAID | {"amount": "60000.25"}) for n in range(2)],
        [lacks("A1000", restock_at="2026-12-01"), lacks("A1001", restock_at="2026-12-02")],
        [lacks("A1000", restock_at="2026-12-01"), lacks("A1001")],
        [stalls("A1000", "SF1", cause="weather", expected_days=3), stalls("A1001", "SF2")],
        [stalls("A1000", "SF1", cause="weather"), stalls("A1001", "SF2")],
        [lacks("A1000"), replace(lacks("A1001"), audience="consignor")],
        [lacks("1"), lacks("A0001"), lacks("A0002")],
    ],
)
def test_what_would_say_too_little_or_something_false_of_one_is_not_told_together(cases: list[Case]) -> None:
    assert words(cases) == ""


def test_numbers_that_end_alike_are_told_by_more_of_their_ends() -> None:
    text = words([case("payment_failed", f"2026112{n}0001") for n in range(3)])
    assert "尾号00001、10001、20001，" not in text  # there is no room for that in the text of fourteen
    assert "尾号00001、10001、20001的订单" in text


def test_a_vip_is_promised_a_human_in_a_shared_text_as_well() -> None:
    cases = [case("payment_failed", f"A100{n}", tier="vip") for n in range(2)]
    assert "专属客服" in words(cases, mechanisms=EVERYTHING)
    assert words(cases, "tencent", EVERYTHING) == ""


def test_the_call_that_a_cancellation_of_high_value_is_promised_is_not_left_out() -> None:
    dear, cheap = case("order_cancelled", "A1", PAID | {"amount": "6000"}), case("order_cancelled", "A2", PAID)
    assert told([dear, cheap], RULES) is None
    assert told([cheap, case("order_cancelled", "A3", PAID)], RULES) is not None


def test_the_same_again_is_told_in_the_words_of_one() -> None:
    text = told([case("payment_failed", "A1000"), case("payment_failed", "A1000")], RULES)
    assert text == told([case("payment_failed", "A1000")], RULES)


def test_a_text_that_is_not_filed_with_the_carrier_is_not_taken() -> None:
    rules = rules_with('[templates.pay_2]\naliyun = { id = "SMS_1", filed = ["mobile"] }')
    cases = [case("payment_failed", f"A100{n}") for n in range(2)]
    taken = [told(cases, rules, carrier=carrier) for carrier in ("mobile", "unicom")]
    assert [text.template_id for text in taken if text] == ["pay_2", "pay_many"]


def test_of_texts_that_are_true_the_one_of_fewest_segments_is_taken() -> None:
    rules = rules_with("""
        [templates.mine]
        kind = "payment_failed"
        when = { orders = "2" }
        text = "订单${order1}和${order2}因${reason}付款未成功，请换种方式再付一次，若已付款请忽略。"
        max = { order1 = 18, order2 = 18, reason = 6 }
        aliyun = { id = "SMS_1" }
        tencent = { id = "1" }
    """)
    for digits, template_id in ((5, "mine"), (18, "pay_2")):
        text = told([case("payment_failed", f"{n:0{digits}}") for n in range(2)], rules)
        assert text is not None
        assert text.template_id == template_id


def test_told_plainly_a_shared_text_is_another_where_upstream_wrote_in_it() -> None:
    goods = [lacks("A1000", sku="s1"), lacks("A1000", sku="s2")]
    payments = [case("payment_failed", f"A100{n}") for n in range(2)]
    for cases, plainer in ((goods, True), (payments, False)):
        text = told(cases, RULES, mechanisms=GOOD_NEWS)
        assert text is not None
        assert told_plainer(text, cases, RULES, mechanisms=GOOD_NEWS) is plainer


def test_what_is_saved_is_told_in_segments_and_money_at_the_providers_own_price() -> None:
    rules = rules_with('[sms]\nprice = "0.05"\n[sms.tencent]\nprice = "0.04"')
    groups = pack([case("payment_failed", f"A100{n}") for n in range(4)], rules)
    assert saved(groups, rules, "aliyun") == Saved(3, Decimal("0.15"))
    assert saved(groups, rules, "tencent") == Saved(3, Decimal("0.12"))
    assert rules.price_of("jpush") == 0

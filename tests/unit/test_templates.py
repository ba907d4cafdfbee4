from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_args

import pytest

from schemas.rules import Mechanism, SmsProvider
from schemas.times import micros
from schemas.words import KINDS, NoticeKind, Tier
from streams.policy.case import Case
from streams.policy.coupon import Coupon
from streams.policy.templates import MECHANISMS, choose
from streams.policy.text import render
from tests.unit.rules import RULES, rules_with

NOW = micros(datetime(2026, 11, 23, 4, tzinfo=UTC))
EVERYTHING = frozenset(get_args(Mechanism))
CAUSE = {"cause": "weather", "expected_days": 3}
STALL = {"hours": 24, "carrier": "SF"}
PAID = {"paid": True, "reason": "鉴定未通过"}


def chosen(
    kind: NoticeKind,
    facts: dict[str, Any],
    tier: Tier = "regular",
    mechanisms: frozenset[Mechanism] = MECHANISMS,
) -> str | None:
    template = choose(RULES, Case(kind, "A1", facts, NOW, "SF1", tier=tier), mechanisms)
    return template.template_id if template else None


@pytest.mark.parametrize(
    ("kind", "facts", "template"),
    [
        ("payment_failed", {"reason": "card_error"}, "pay_1"),
        ("stock_shortage", {"name": "皮包"}, "stock_plain_1"),
        ("stock_shortage", {"name": "皮包", "paid": True}, "stock_plain_1"),
        ("stock_shortage", {"name": "皮包", "unique": False}, "stock_plain_1"),
        ("stock_shortage", {"name": "皮包", "paid": False}, "stock_unpaid"),
        ("stock_shortage", {"name": "皮包", "restock_at": "2026-12-01"}, "stock_date_1"),
        ("stock_shortage", {"name": "皮包", "restock_at": "2026-12-01T08:00:00+08:00"}, "stock_date_1"),
        ("stock_shortage", {"name": "皮包", "restock_at": "2026-11-23"}, "stock_date_1"),
        ("stock_shortage", {"name": "皮包", "restock_at": "2026-11-22"}, "stock_plain_1"),
        ("stock_shortage", {"name": "皮包", "restock_at": "soon"}, "stock_plain_1"),
        ("stock_shortage", {"name": "皮包", "restock_at": "2026-12-01", "paid": False}, "stock_date_unpaid"),
        ("stock_shortage", {"name": "皮包", "restock_at": "2026-12-01", "unique": True}, "stock_only_1"),
        ("stock_shortage", {"name": "皮包", "unique": True, "paid": False}, "stock_only_unpaid"),
        ("stock_shortage", {"name": "皮包", "alternatives": [{"sku": "1", "name": "腰带"}]}, "stock_plain_1"),
        ("shipment_stalled", STALL, "stall_plain_1"),
        ("shipment_stalled", STALL | {"hours": 0}, "stall_brief"),
        ("shipment_stalled", STALL | {"cause": "other", "expected_days": 3}, "stall_plain_1"),
        ("shipment_stalled", STALL | {"cause": "weather", "expected_days": "3-5"}, "stall_cause_plain"),
        ("shipment_stalled", STALL | {"cause": "customs", "expected_days": 3}, "stall_cause_plain"),
        ("shipment_stalled", STALL | {"cause": "customs", "expected_days": "10-15"}, "stall_cause_open"),
        ("shipment_stalled", STALL | {"cause": "capacity"}, "stall_cause_open"),
        ("order_cancelled", PAID | {"amount": "5000.00", "refund_days": "3-5"}, "cancel_refund_1"),
        ("order_cancelled", PAID | {"amount": "5000.00", "refund_days": "10-15"}, "cancel_refund_1"),
        ("order_cancelled", PAID | {"amount": "5000.00"}, "cancel_refund_open"),
        ("order_cancelled", PAID | {"refund_days": 7}, "cancel_paid_1"),
        ("order_cancelled", PAID | {"amount": "1234567.89", "refund_days": 7}, "cancel_paid_1"),
        ("order_cancelled", PAID | {"amount": "0.00", "refund_days": 7}, "cancel_paid_1"),
        ("order_cancelled", PAID, "cancel_paid_open"),
        ("order_cancelled", {"paid": False, "amount": "5000.00", "refund_days": 7}, "cancel_unpaid_1"),
        ("order_cancelled", {"amount": "5000.00", "refund_days": 7}, "cancel_maybe_1"),
        ("order_cancelled", {"paid": None}, "cancel_maybe_open"),
        ("order_cancelled", {"paid": "yes"}, "cancel_maybe_open"),
        ("address_undeliverable", {"address": "某路1号"}, "addr_plain"),
        ("address_undeliverable", {"address": "某路1号", "area": "余杭区"}, "addr_1"),
        ("address_undeliverable", {"address": "某路1号", "area": "某某街道甲号楼"}, "addr_plain"),
    ],
)
def test_the_text_that_is_true_of_the_facts(kind: NoticeKind, facts: dict[str, Any], template: str) -> None:
    assert chosen(kind, facts) == template


@pytest.mark.parametrize(
    ("kind", "facts", "tier", "mechanism", "template"),
    [
        ("stock_shortage", {}, "regular", "restock_notice", "stock_open_1"),
        ("stock_shortage", {"unique": True}, "regular", "restock_notice", "stock_only_1"),
        ("stock_shortage", {}, "vip", "human_follow_up", "stock_vip"),
        ("stock_shortage", {}, "regular", "human_follow_up", "stock_plain_1"),
        ("shipment_stalled", STALL, "regular", "progress_notice", "stall_1"),
        ("shipment_stalled", STALL | CAUSE, "regular", "progress_notice", "stall_cause_1"),
        ("shipment_stalled", STALL, "vip", "human_follow_up", "stall_vip"),
        ("payment_failed", {}, "vip", "human_follow_up", "pay_vip"),
        ("address_undeliverable", {"area": "余杭区"}, "vip", "human_follow_up", "addr_vip"),
        ("order_cancelled", PAID | {"amount": "9.00"}, "vip", "human_follow_up", "cancel_vip"),
        ("order_cancelled", PAID | {"amount": "9.00"}, "regular", "call_back", "cancel_call_1"),
        ("order_cancelled", {"paid": False}, "vip", "human_follow_up", "cancel_unpaid_1"),
    ],
)  # fmt: skip
def test_a_promise_is_made_where_its_mechanism_is_at_work(
    kind: NoticeKind, facts: dict[str, Any], tier: Tier, mechanism: Mechanism, template: str
) -> None:
    assert chosen(kind, facts, tier, frozenset({mechanism})) == template


@pytest.mark.parametrize("provider", RULES.providers)
@pytest.mark.parametrize(
    ("kind", "facts", "template", "said"),
    [
        ("stock_shortage", {"sku": "S1", "name": "皮包"}, "stock_consignor_1", "您寄售的皮包库存不足，订单A1待发货"),
        ("stock_shortage", {"sku": "S1"}, "stock_consignor_1", "您寄售的商品库存不足，订单A1待发货"),
        (
            "order_cancelled",
            {"cancelled_by": "merchant", "reason": "商品缺货", "item_name": "皮包"},
            "cancel_consignor_1",
            "您寄售的皮包的订单A1因商品缺货取消",
        ),
        ("order_cancelled", {"cancelled_by": "system"}, "cancel_consignor_1", "您寄售的商品的订单A1因系统原因取消"),
    ],
)
def test_a_consignor_has_texts_of_its_own(
    kind: NoticeKind, facts: dict[str, Any], template: str, said: str, provider: SmsProvider
) -> None:
    case = Case(kind, "A1", facts, NOW, audience="consignor")
    found = choose(RULES, case, provider=provider)
    assert found is RULES.templates[template]
    text = render(found, case, RULES, provider)
    assert text is not None
    assert said in text.text


def test_what_the_rules_have_no_text_for_is_told_by_none() -> None:
    assert chosen("contact_invalid", {}) is None
    assert choose(RULES, Case("payment_failed", "A1", {}, NOW, audience="consignor")) is None


def test_a_text_is_not_taken_where_it_is_off_or_sells() -> None:
    marketing = {name for name, template in RULES.templates.items() if template.category == "marketing"}
    for kind in KINDS:
        assert chosen(kind, STALL | {"cause": "weather"}, mechanisms=EVERYTHING) not in marketing
    assert chosen("stock_shortage", {"alternatives": [{"name": "腰带"}]}, mechanisms=EVERYTHING) == "stock_open_1"
    rules = rules_with("[templates.stock_alt_1]\nenabled = true")
    case = Case("stock_shortage", "A1", {"alternatives": [{"name": "腰带"}]}, NOW)
    template = choose(rules, case, frozenset({"substitute_offer"}))
    assert template is rules.templates["stock_alt_1"]


def test_what_is_told_with_a_coupon_is_told_by_a_marketing_text_or_not_at_all() -> None:
    coupon = Coupon(Decimal("9.5"), date(2026, 12, 31))
    for kind in KINDS:
        case = Case(kind, "A1", STALL | {"cause": "weather"}, NOW, tracking_no="T1", tier="new", coupon=coupon)
        template = choose(RULES, case, EVERYTHING)
        assert (template is not None) == (kind == "shipment_stalled")
        if template is not None:
            text = render(template, case, RULES)
            assert template.category == "marketing"
            assert text is not None
            assert text.text.endswith("9.50元券已放入您的账户。拒收请回复R")
            assert "订单A1的包裹" in text.text


@pytest.mark.parametrize(
    "condition",
    ['when = { orders = "2" }', 'when = { goods = "2+" }', 'when = { parcels = "2+" }', 'category = "marketing"'],
)
def test_texts_for_several_and_marketing_texts_tell_no_single_case(condition: str) -> None:
    rules = rules_with(f"""
        [templates.mine]
        kind = "payment_failed"
        {condition}
        text = "订单${{order}}付款未成功。拒收请回复R"
        max = {{ order = 18 }}
        aliyun = {{ id = "SMS_1" }}
        tencent = {{ id = "1" }}
    """)
    assert choose(rules, Case("payment_failed", "A1", {}, NOW), EVERYTHING) is rules.templates["pay_1"]


def test_a_text_that_a_file_adds_is_tried_first() -> None:
    rules = rules_with("""
        [templates.mine]
        kind = "payment_failed"
        when = { tier = "new" }
        text = "欢迎您，订单${order}付款未成功，请重新付款，谢谢。"
        max = { order = 18 }
        aliyun = { id = "SMS_1" }
        tencent = { id = "1" }
    """)
    tiers: tuple[Tier, ...] = ("new", "regular")
    found = [choose(rules, Case("payment_failed", "A1", {}, NOW, tier=tier)) for tier in tiers]
    assert found == [rules.templates["mine"], rules.templates["pay_1"]]

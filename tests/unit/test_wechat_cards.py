"""The words of a card, and that the platform takes them: its stand-in's own rules are the judge."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderbell.standins.wechat import fields as platform
from schemas.rules import CardTemplate, Mechanism, Wechat
from schemas.words import KINDS, NoticeKind
from streams.errors import Misconfigured
from streams.operators.sending.words import message
from streams.policy.case import Case
from streams.policy.reasons import OUR_WORDS
from streams.policy.rules import Rules
from streams.policy.rules_shape import Misplaced
from streams.policy.wechat import Card, card
from streams.policy.wechat_compiler import compiled_cards
from streams.policy.wechat_fields import VARIABLES
from streams.policy.wechat_template import FIELD_TYPES
from tests.unit.rules import RULES, rules_with
from tests.unit.test_text import FACTS, MECHANISM_SETS, MOMENTS, NONSENSICAL, NOW, PROMISES, cases
from tests.unit.upstream_words import WORDS

CONSIGNED: tuple[NoticeKind, ...] = ("stock_shortage", "order_cancelled")
GOOD_NEWS: tuple[NoticeKind, ...] = ("stock_replenished", "shipment_resumed")
PROMOTION = ("券", "优惠", "折扣", "积分", "红包", "促销")


def taken(fields: Mapping[str, str], consts: tuple[str, ...] | None = None) -> bool:
    """Whether the platform would take the fields of a card."""
    return platform.refuse({name: {"value": value} for name, value in fields.items()}, None, consts) is None


def told(case: Case, rules: Rules = RULES, mechanisms: frozenset[Mechanism] = frozenset()) -> Card:
    found = card(case, rules, mechanisms)
    assert found is not None
    return found


def a_rule(fields: str, more: str = "") -> str:
    """A card for payment_failed alone, in the place of the default."""
    return f'[wechat.templates.payment_failed]\nid = "x"\n{more}\nfields = {{ {fields} }}'


ANY_FACTS = st.one_of(FACTS, NONSENSICAL).flatmap(
    lambda facts: st.fixed_dictionaries({}, optional={"last_update_at": MOMENTS | WORDS}).map(lambda more: facts | more)
)
BUYERS = st.builds(replace, cases(ANY_FACTS), kind=st.sampled_from([*KINDS, *GOOD_NEWS]))
CONSIGNORS = st.builds(replace, cases(ANY_FACTS), kind=st.sampled_from(CONSIGNED), audience=st.just("consignor"))


@given(BUYERS | CONSIGNORS, MECHANISM_SETS)
def test_whatever_upstream_writes_there_is_a_card_and_the_platform_takes_it(
    case: Case, mechanisms: frozenset[Mechanism]
) -> None:
    found = told(case, RULES, mechanisms)
    assert taken(found.fields), found.fields
    assert found.units == sum(len(value.encode("utf-16-le")) // 2 for value in found.fields.values())


@given(BUYERS | CONSIGNORS)
def test_the_order_is_named_whole_or_by_its_end(case: Case) -> None:
    [named] = [value for name, value in told(case).fields.items() if value.endswith(case.order_id[-4:])][:1]
    assert named == (case.order_id if len(case.order_id) <= 32 else f"...{case.order_id[-29:]}")


@given(BUYERS, MECHANISM_SETS)
def test_nothing_is_promised_that_no_mechanism_keeps_and_nothing_praised(
    case: Case, mechanisms: frozenset[Mechanism]
) -> None:
    fixed = " ".join(value for name, value in told(case).fields.items() if name != "thing2" and "phrase" not in name)
    assert not [promise for promise in PROMISES if promise in fixed]
    for template in RULES.file.wechat.templates.values():
        assert not [word for word in PROMOTION if word in " ".join(template.fields.values())]
        assert template.needs or not [word for word in PROMISES if word in " ".join(template.fields.values())]


@given(BUYERS, MECHANISM_SETS)
def test_no_refund_is_named_for_an_order_that_was_not_paid(case: Case, mechanisms: frozenset[Mechanism]) -> None:
    remedy = told(case, RULES, mechanisms).fields.get("thing5", "")
    if case.facts.get("paid") is False:
        assert "退" not in remedy
    elif case.kind == "order_cancelled":
        assert ("如已付款" in remedy) == (case.facts.get("paid") is not True)


WITH_A_PAGE = rules_with('[wechat]\nurl = "https://m.example.cn/${order}"')


@given(CONSIGNORS)
def test_a_consignor_reads_nothing_of_the_buyers(case: Case) -> None:
    theirs = {"amount": "12345.67", "area": "余杭区", "address": "文一西路甲号", "reason": "张三不要了"}
    case = replace(case, facts={**case.facts, **theirs}, tracking_no="SF1234567890")
    found = told(case, WITH_A_PAGE)
    said = " ".join(found.fields.values())
    assert not [word for word in ("12345", "余杭", "文一", "张三", "SF12345") if word in said]
    assert found.url is None


@given(BUYERS, cases(FACTS))
def test_a_plain_card_is_the_same_whatever_upstream_wrote_freely(case: Case, other: Case) -> None:
    ours = {name: case.facts.get(name) for name in ("name", "item_name", "area", "alternatives")}
    theirs = {name: other.facts.get(name) for name in ours}
    one, another = (card(replace(case, facts={**case.facts, **free}, plain=True), RULES) for free in (ours, theirs))
    assert one == another


def test_a_card_reads_as_a_customer_should_read_it() -> None:
    facts = {"reason": "鉴定未通过", "paid": True, "amount": "5000.00", "refund_days": "3-5"}
    rules = rules_with('[wechat]\nurl = "https://m.example.cn/orders/${order}?from=wx"')
    assert told(Case("order_cancelled", "A20261123000001", facts, NOW), rules) == Card(
        template_id="cancel_refund",
        provider_template="made_up_401",
        fields={
            "character_string1": "A20261123000001",
            "amount2": "¥5000.00",
            "phrase3": "鉴定未过",
            "time4": "2026年11月23日 12:00",
            "thing5": "款项3-5个工作日内原路退回",
        },
        url="https://m.example.cn/orders/A20261123000001?from=wx",
    )


@pytest.mark.parametrize(
    ("kind", "facts", "template"),
    [
        ("payment_failed", {}, "payment_failed"),
        ("stock_shortage", {"name": "皮包"}, "stock_shortage"),
        ("stock_shortage", {"restock_at": "2026-12-01"}, "stock_date"),
        ("stock_shortage", {"restock_at": "2026-11-22"}, "stock_shortage"),
        ("stock_shortage", {"restock_at": "2026-12-01", "paid": False}, "stock_date_unpaid"),
        ("stock_shortage", {"paid": False}, "stock_unpaid"),
        ("stock_shortage", {"unique": True, "restock_at": "2026-12-01"}, "stock_only"),
        ("stock_shortage", {"unique": True, "paid": False}, "stock_only_unpaid"),
        ("order_cancelled", {"paid": True, "amount": "1.00", "refund_days": 7}, "cancel_refund"),
        ("order_cancelled", {"paid": True, "amount": "1.00"}, "cancel_refund_open"),
        ("order_cancelled", {"paid": True, "refund_days": 7}, "cancel_paid"),
        ("order_cancelled", {"paid": True}, "cancel_paid_open"),
        ("order_cancelled", {"paid": False}, "cancel_unpaid"),
        ("order_cancelled", {"refund_days": 7}, "cancel_maybe"),
        ("order_cancelled", {}, "order_cancelled"),
        ("address_undeliverable", {"area": "浙江省杭州市余杭区"}, "address_area"),
        ("address_undeliverable", {"area": "余杭区文一西路甲号"}, "address_undeliverable"),
        ("shipment_stalled", {"cause": "weather", "expected_days": 3}, "shipment_stalled"),
        ("shipment_stalled", {"last_update_at": "2026-11-21T04:00:00Z", "hours": 48}, "stall_hours"),
        ("shipment_stalled", {"last_update_at": "2026-11-21T04:00:00Z", "cause": "weather"}, "shipment_stalled"),
        (
            "shipment_stalled",
            {"last_update_at": "2026-11-21T04:00:00Z", "cause": "weather", "hours": 48},
            "stall_cause_open",
        ),
        (
            "shipment_stalled",
            {"last_update_at": "2026-11-21T04:00:00Z", "cause": "weather", "expected_days": "3-5"},
            "stall_cause",
        ),
    ],
)
def test_of_the_cards_the_first_is_taken_that_is_true(kind: NoticeKind, facts: dict[str, Any], template: str) -> None:
    assert told(Case(kind, "A1", facts, NOW, "SF1")).template_id == template


def test_a_card_that_promises_a_call_is_taken_where_somebody_calls() -> None:
    case = Case("order_cancelled", "A1", {"paid": True, "amount": "9000.00", "refund_days": 7}, NOW)
    assert told(case, RULES, frozenset({"call_back"})).template_id == "cancel_call"
    assert told(case).template_id == "cancel_refund"


# Values.


def only(field: str, case: Case, overlay: str = "") -> str | None:
    """What stands in one field of a card of its own; ``None`` where the card is not taken."""
    found = card(case, rules_with(overlay + a_rule(field)))
    return None if found is None else next(iter(found.fields.values()))


@pytest.mark.parametrize(
    ("field", "facts", "value"),
    [
        ('thing1 = "${item}"', {"item_name": "Hermès Birkin 30 手袋 金棕色 银扣"}, "Hermes Bir…手袋 金棕色 银扣"),
        (
            'thing1 = "商品${item}已下单"',
            {"item_name": "一二三甲乙丙丁戊己庚辛壬癸子丑寅"},
            "商品一二三甲乙丙丁…庚辛壬癸子丑寅已下单",
        ),
        ('thing1 = "${item}"', {"item_name": "赌博优惠券👜"}, "商品"),
        ('thing1 = "${order}付款失败了请到我的订单"', {}, "尾号0001付款失败了请到我的订单"),
        ('character_string1 = "${order}"', {}, "A" * 28 + "0001"),
        ('character_string1 = "No.${order}"', {}, "No...." + "A" * 22 + "0001"),
        ('phrase1 = "${reason}"', {"reason": "card_error"}, "银行卡异常"),
        ('const1 = "${reason}"', {"reason": "other"}, "支付异常"),
        ('const1 = "付款失败"', {}, "付款失败"),
        ('amount1 = "${amount}"', {"amount": "88.5"}, "¥88.50"),
        ('amount1 = "${amount}"', {"amount": "12345678.90"}, "¥12345678.90"),
        ('amount1 = "${amount}"', {"amount": "123456789.00"}, "¥123456789"),
        ('amount1 = "${amount}"', {"amount": "123456789.10"}, None),
        ('amount1 = "${amount}"', {"amount": "12345678901"}, None),
        ('amount1 = "${amount}"', {}, None),
        ('time1 = "${time}"', {}, "2026年11月23日 12:00"),
        ('date1 = "${time}"', {}, "2026年11月23日 12:00"),
        ('date1 = "${date}"', {"restock_at": "2027-01-02"}, "2027年1月2日"),
        ('time1 = "${last_update}"', {"last_update_at": "2026-11-21T23:30:00Z"}, "2026年11月22日 07:30"),
        ('time1 = "${last_update}"', {"last_update_at": "2026-11-21T23:30:00"}, None),
        ('time1 = "${last_update}"', {"last_update_at": "soon"}, None),
        ('time1 = "${last_update}"', {"last_update_at": "0001-01-01T00:00:00+23:59"}, None),
        ('time1 = "${last_update}"', {"last_update_at": "0999-01-01T00:00:00Z"}, None),
        ('time1 = "${last_update}"', {"last_update_at": 7}, None),
        ('number1 = "${hours}"', {"hours": 48}, "48"),
        ('number1 = "${amount}"', {"amount": "88.50"}, "88.50"),
    ],
)
def test_a_value_is_cut_or_cleaned_until_it_fits_or_the_card_is_not_taken(
    field: str, facts: dict[str, Any], value: str | None
) -> None:
    case = Case("payment_failed", "A" * 28 + "0001", facts, NOW)
    assert only(field, case) == value


def test_a_number_too_long_for_its_field_is_named_by_its_end() -> None:
    case = Case("payment_failed", "A" * 60 + "0001", {}, NOW, "SF" + "1" * 40)
    assert only('character_string1 = "${order}"', case) == "..." + "A" * 25 + "0001"
    assert only('character_string1 = "${tracking}"', case) == "..." + "1" * 29


def test_a_field_for_approved_words_has_ours_and_none_that_upstream_wrote() -> None:
    case = Case("order_cancelled", "A1", {"reason": "门店停业"}, NOW)
    rules = rules_with('[wechat.templates.order_cancelled]\nfields = { const1 = "${reason}", phrase2 = "${reason}" }')
    rules = replace(rules, cards={case_: cards[-1:] for case_, cards in rules.cards.items()})
    assert told(case, rules).fields == {"const1": "其他原因", "phrase2": "门店停业"}


FOR_APPROVED = rules_with('[wechat.templates.x]\nkind = "order_cancelled"\nid = "x"\nfields = { const1 = "${reason}" }')


@given(BUYERS)
def test_a_field_for_approved_words_has_only_words_that_can_be_filed(case: Case) -> None:
    assert taken(told(replace(case, kind="order_cancelled"), FOR_APPROVED).fields, OUR_WORDS)


# Rules.


def test_a_card_that_is_added_is_tried_first_and_its_fields_are_replaced_as_one() -> None:
    added = '[wechat.templates.mine]\nkind = "payment_failed"\nid = "mine"\nfields = { thing9 = "${item}" }'
    assert told(Case("payment_failed", "A1", {}, NOW), rules_with(added)).provider_template == "mine"
    changed = '[wechat.templates.payment_failed]\nfields = { thing9 = "${item}" }'
    assert told(Case("payment_failed", "A1", {}, NOW), rules_with(changed)) == Card(
        "payment_failed", "made_up_101", {"thing9": "商品"}, None
    )


def test_a_card_that_is_out_of_use_is_not_taken() -> None:
    off = "[wechat.templates.payment_failed]\nenabled = false"
    assert card(Case("payment_failed", "A1", {}, NOW), rules_with(off)) is None


def test_the_order_of_cards_is_part_of_the_rules() -> None:
    one = '[wechat.templates.a]\nkind = "payment_failed"\nid = "a"\nfields = { thing1 = "甲" }\n'
    two = one.replace("templates.a", "templates.b").replace('"a"', '"b"')
    assert rules_with(one + two).hash != rules_with(two + one).hash
    assert rules_with('[wechat]\nurl = "https://a.cn"').hash != RULES.hash


@pytest.mark.parametrize(
    ("field", "error"),
    [
        ('first = "x"', "first: expected a type and a number, like thing1"),
        ('keyword1 = "x"', "keyword1: nothing of ours fits the type keyword"),
        ('phone_number1 = "x"', "phone_number1: nothing of ours fits the type phone_number"),
        ('thing1 = ""', "thing1: expected one line of text"),
        ('thing1 = " a"', "thing1: expected one line of text, with no space around it"),
        ('thing1 = "a\\nb"', "thing1: expected one line of text"),
        ('thing1 = "${Item}"', "thing1: expected ${name}, in small letters"),
        ('thing1 = "${coupon}"', "thing1: ${coupon} can't stand in a thing; these can: alt,"),
        ('thing1 = "${time}"', "thing1: ${time} can't stand in a thing"),
        ('thing1 = "${item}和${item}"', "thing1: expected each variable once"),
        ('thing1 = "${item}${order}"', "thing1: only one of alt, item, order, tracking can be cut to fit"),
        ('thing1 = "请到我的订单重新付款，如果您已付款请忽略谢谢"', "thing1: needs 22 characters; a thing has 20"),
        ('thing1 = "因${reason}未能付款，请到我的订单重新付款谢"', "thing1: needs 22 characters"),
        ('character_string1 = "订单${order}"', "character_string1: a character_string takes no Chinese"),
        ('character_string1 = "${item}"', "character_string1: ${item} can't stand in a character_string"),
        ('character_string1 = "123456789012345678901234567890123"', "character_string1: needs 33"),
        ('phrase1 = "已取消了订单"', "phrase1: needs 6"),
        ('phrase1 = "OK"', "phrase1: a phrase takes Chinese characters only"),
        ('phrase1 = "因${reason}"', "phrase1: in a field of the type phrase a variable stands alone"),
        ('const1 = "因${reason}"', "const1: in a field of the type const a variable stands alone"),
        ('number1 = "一"', "number1: a number takes digits only"),
        ('number1 = "${order}"', "number1: ${order} can't stand in a number"),
        ('time1 = "12:00"', "time1: expected one of ${last_update}, ${time}"),
        ('time1 = "${date}"', "time1: ${date} can't stand in a time"),
        ('amount1 = "5元"', "amount1: expected one of ${amount}"),
        ('amount1 = "¥${amount}"', "amount1: in a field of the type amount a variable stands alone"),
    ],
)
def test_a_field_that_the_platform_would_refuse_is_an_error_with_its_place(field: str, error: str) -> None:
    with pytest.raises(Misconfigured, match=re.escape(f"own.toml: wechat.templates.payment_failed.fields.{error}")):
        rules_with(a_rule(field))


@pytest.mark.parametrize(
    ("overlay", "error"),
    [
        ('[wechat.templates.mine]\nid = "x"\nfields = { thing1 = "x" }', "templates.mine.kind: missing"),
        ('[wechat.templates.mine]\nkind = "payment_failed"\nfields = {}', "templates.mine.id: missing"),
        ('[wechat.templates.payment_failed]\nid = "a b"', "templates.payment_failed.id: expected an id"),
        ("[wechat.templates.payment_failed]\nfields = {}", "templates.payment_failed.fields: expected at least one"),
        (
            "[wechat.templates.payment_failed]\nfields = { thing1 = 1 }",
            "templates.payment_failed.fields.thing1: expected a string",
        ),
        (
            '[wechat.templates.payment_failed]\nwhen = { orders = "2" }',
            "templates.payment_failed.when: a card tells of one",
        ),
        ("[wechat.templates.payment_failed]\ncolour = 1", "templates.payment_failed.colour: unknown key"),
        (
            '[wechat.templates.stock_shortage_consignor]\nfields = { thing1 = "${area}" }',
            "templates.stock_shortage_consignor.fields.thing1: ${area} is the buyer's",
        ),
        ('[wechat]\nurl = "m.example.cn"', "url: expected an http or https address"),
        ('[wechat]\nurl = "https://m.example.cn/${tracking}"', "url: expected no other variable than ${order}"),
        ('[wechat]\nurl = "https://m.example.cn/${Order}"', "url: expected no other variable than ${order}"),
        ('[wechat]\nurl = "https://m.example.cn/a b"', "url: expected an http or https address"),
        ('[wechat]\nurl = "https://[m/"', "url: expected an http or https address"),
        ('[wechat]\nurl = "https://例子.cn/"', "url: expected an http or https address"),
        ("[wechat]\ncolour = 1", "colour: unknown key"),
    ],
)
def test_what_is_wrong_with_a_card_is_said_with_its_place(overlay: str, error: str) -> None:
    with pytest.raises(Misconfigured, match=re.escape(f"own.toml: wechat.{error}")):
        rules_with(overlay)


FIELD = st.tuples(
    st.sampled_from(FIELD_TYPES),
    st.lists(
        st.sampled_from(["", "订单", "已取消", "A1", " ", "，", "请到我的订单重新付款", "1"])
        | st.sampled_from(sorted(frozenset().union(*VARIABLES.values()))).map("${{{}}}".format),
        min_size=1,
        max_size=4,
    ).map("".join),
)


@given(FIELD, BUYERS, st.sampled_from(get_args(Mechanism)))
def test_whatever_rules_are_taken_their_cards_are_taken_by_the_platform(
    field: tuple[str, str], case: Case, mechanism: Mechanism
) -> None:
    kind, text = field
    wechat = Wechat({"payment_failed": CardTemplate(id="x", fields={f"{kind}1": text})})
    try:
        rules = replace(RULES, cards=compiled_cards(wechat))
    except Misplaced:
        return
    found = card(replace(case, kind="payment_failed"), rules, {mechanism})
    assert found is None or taken(found.fields), (text, found)


# The request.


def test_a_card_costs_nothing_and_tells_of_one_case() -> None:
    case = Case("payment_failed", "A1", {}, NOW)
    written = message([case], RULES, "wechat", "o6_bmjrPTlm6_2sgVt7hMZOPfL2M")
    assert written is not None
    assert (written.template_id, written.price, written.segments) == ("payment_failed", Decimal(0), 1)
    request = written.write("C1.N1.1", 7)
    assert request.openid == "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"  # type: ignore[union-attr]
    assert request.fields == told(case).fields  # type: ignore[union-attr]
    assert message([case, case], RULES, "wechat", "o") is None

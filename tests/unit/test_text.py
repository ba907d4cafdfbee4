from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.rules import Mechanism, Provider, ProviderLimits, SmsProvider
from schemas.times import micros
from schemas.words import KINDS, Kind, Tier
from streams.policy.case import Case
from streams.policy.cleaning import is_simplified
from streams.policy.merging import told_plainer
from streams.policy.templates import MECHANISMS, choose
from streams.policy.text import Text, render, segments, units
from tests.unit.rules import RULES, rules_with
from tests.unit.upstream_words import ANY_CHARACTER, WORDS

NOW = micros(datetime(2026, 11, 23, 4, tzinfo=UTC))
SIX = rules_with('signature = "寄卖行商城铃"')
UNLIMITED = rules_with('signature = "寄卖行商城铃"\n[sms.aliyun]\nvariable_limit = 500')
PUNCTUATION = set("，。；：、（）…【】")
PROMISES = ("客服稍后", "专属客服", "致电", "即告诉您", "即告知", "正在跟进", "券")

IDS = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)
FREE = st.none() | WORDS
MONEY = st.from_regex(r"\d{1,15}(\.\d{1,4})?", fullmatch=True).filter(str.isascii)
DAYS = st.integers(0, 999) | st.from_regex(r"\d{1,3}(-\d{1,3})?", fullmatch=True)
MOMENTS = st.datetimes(timezones=st.sampled_from([UTC])).map(datetime.isoformat) | st.dates().map(
    lambda day: day.isoformat()
)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "reason": FREE | st.sampled_from(["insufficient_funds", "card_error", "other"]),
        "reason_text": FREE,
        "name": FREE,
        "item_name": FREE,
        "area": FREE | st.sampled_from(["余杭区", "浙江省杭州市余杭区"]),
        "address": FREE,
        "alternatives": st.none() | st.lists(st.fixed_dictionaries({"sku": IDS, "name": WORDS}), max_size=2),
        "unique": st.none() | st.booleans(),
        "paid": st.none() | st.booleans(),
        "amount": st.none() | MONEY,
        "refund_days": st.none() | DAYS,
        "expected_days": st.none() | DAYS,
        "restock_at": st.none() | MOMENTS,
        "cancelled_by": st.sampled_from(["merchant", "system"]),
        "cause": st.none() | st.sampled_from(["weather", "customs", "capacity", "other"]),
        "carrier": WORDS,
    },
)
NONSENSE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(ANY_CHARACTER),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=3), values, max_size=3),
    max_leaves=5,
)
NONSENSICAL = st.dictionaries(
    st.sampled_from([
        "reason", "name", "item_name", "area", "alternatives", "unique", "paid", "amount",
        "refund_days", "expected_days", "restock_at", "cancelled_by", "cause",
    ]),
    NONSENSE,
)  # fmt: skip


def cases(facts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Case]:
    return st.builds(
        Case,
        kind=st.sampled_from(KINDS),
        order_id=IDS,
        facts=st.builds(lambda facts, hours: {**facts, "hours": hours}, facts, st.integers(0, 100_000)),
        now=st.just(NOW),
        tracking_no=IDS,
        tier=st.sampled_from(get_args(Tier)),
    )


MECHANISM_SETS = st.frozensets(st.sampled_from(get_args(Mechanism)))


def told(case: Case, mechanisms: frozenset[Mechanism] = MECHANISMS) -> Text:
    template = choose(SIX, case, mechanisms)
    assert template is not None
    text = render(template, case, SIX)
    assert text is not None
    return text


@given(cases(FACTS), MECHANISM_SETS)
def test_whatever_upstream_writes_the_text_is_one_segment_of_what_vendors_take(
    case: Case, mechanisms: frozenset[Mechanism]
) -> None:
    text = told(case, mechanisms)
    assert text.units == len(text.text.encode("utf-16-le")) // 2 <= 70
    assert text.segments == 1
    assert text.text.startswith("【寄卖行商城铃】")
    assert Counter(text.text)["【"] == 1
    for character in text.text:
        assert (character.isascii() and character.isprintable()) or character in PUNCTUATION or is_simplified(character)


@given(cases(FACTS), MECHANISM_SETS)
def test_every_variable_is_filled_within_its_length(case: Case, mechanisms: frozenset[Mechanism]) -> None:
    text = told(case, mechanisms)
    wording = SIX.templates[text.template_id].wordings["aliyun"]
    assert tuple(text.variables) == wording.variables
    for name, value in text.variables.items():
        assert value.strip() == value != ""
        assert units(value) <= wording.longest[name]
    assert text.text == "【寄卖行商城铃】" + wording.fill(text.variables)
    assert "${" not in text.text
    assert text.provider_template == wording.id


@given(cases(FACTS))
def test_the_order_is_named_whole_or_by_its_end(case: Case) -> None:
    text = told(case).text
    if len(case.order_id) <= 18:
        assert f"订单{case.order_id}" in text
    else:
        assert f"订单尾号{case.order_id[-4:]}" in text


@pytest.mark.parametrize(("length", "shown"), [(3, "001"), (18, "0" * 15 + "001"), (19, "尾号0001"), (64, "尾号0001")])
def test_a_number_is_whole_up_to_its_room(length: int, shown: str) -> None:
    case = Case("payment_failed", "1".zfill(length), {}, NOW)
    assert told(case).variables["order"] == shown


@given(cases(FACTS))
def test_nothing_is_promised_that_no_mechanism_keeps(case: Case) -> None:
    assert not [promise for promise in PROMISES if promise in told(case).text]


@given(cases(FACTS), MECHANISM_SETS)
def test_no_refund_is_named_for_an_order_that_was_not_paid(case: Case, mechanisms: frozenset[Mechanism]) -> None:
    if case.facts.get("paid") is False:
        assert "退" not in told(case, mechanisms).text
    elif case.kind == "order_cancelled" and case.facts.get("paid") is None:
        assert "如已付款" in told(case, mechanisms).text


@given(cases(NONSENSICAL), MECHANISM_SETS)
def test_facts_that_make_no_sense_are_told_without(case: Case, mechanisms: frozenset[Mechanism]) -> None:
    assert told(case, mechanisms).units <= 70


@pytest.mark.parametrize("template_id", RULES.templates)
def test_a_default_text_fits_one_segment_with_all_at_their_longest(template_id: str) -> None:
    template = RULES.templates[template_id]
    aliyun, tencent = template.wordings["aliyun"], template.wordings["tencent"]
    assert 8 + units(aliyun.longest_fill()) <= 70
    if tencent.text != aliyun.text:
        assert max(tencent.longest[name] for name in tencent.variables) <= 6
        assert 8 + units(tencent.longest_fill()) + units("拒收请回复R") <= 70


@pytest.mark.parametrize("template_id", RULES.templates)
def test_a_default_text_that_promises_says_what_keeps_it(template_id: str) -> None:
    template = RULES.templates[template_id]
    for wording in template.wordings.values():
        if any(promise in wording.text for promise in PROMISES):
            assert template.needs


@given(cases(FACTS), MECHANISM_SETS)
def test_whatever_happens_tencent_has_a_text_for_it_in_variables_of_six(
    case: Case, mechanisms: frozenset[Mechanism]
) -> None:
    template = choose(SIX, case, mechanisms, "tencent")
    assert template is not None
    text = render(template, case, SIX, "tencent")
    assert text is not None
    assert text.provider_template == template.wordings["tencent"].id
    assert all(1 <= units(value) <= 6 for value in text.variables.values())
    assert text.units <= 70
    assert case.order_id in text.text or f"尾号{case.order_id[-4:]}" in text.text


@given(cases(FACTS))
def test_what_aliyun_has_a_text_for_tencent_tells_as_well(case: Case) -> None:
    template = choose(SIX, case)
    assert template is not None
    assert render(template, case, SIX, "tencent") is not None


@given(cases(FACTS), MECHANISM_SETS)
def test_the_longest_variable_that_aliyun_takes_changes_nothing(case: Case, mechanisms: frozenset[Mechanism]) -> None:
    template = choose(UNLIMITED, case, mechanisms)
    assert template is not None
    text = render(template, case, UNLIMITED)
    assert text == told(case, mechanisms)


@given(cases(FACTS), MECHANISM_SETS, st.integers(1, 12), st.sampled_from(get_args(SmsProvider)))
def test_no_variable_is_longer_than_its_provider_takes(
    case: Case, mechanisms: frozenset[Mechanism], limit: int, provider: SmsProvider
) -> None:
    limits: dict[Provider, ProviderLimits] = {provider: ProviderLimits(1, 1, limit, marketing=False)}
    rules = replace(SIX, limits=limits)
    template = choose(rules, case, mechanisms, provider)
    if limit >= 6:
        assert template is not None
    if template is not None:
        text = render(template, case, rules, provider)
        assert text is not None
        assert all(1 <= units(value) <= limit for value in text.variables.values())


@pytest.mark.parametrize(
    ("amount", "template_id", "shown"),
    [("99.50", "cancel_call_1", "99.50"), ("5000.00", "cancel_call_1", "5000"), ("5000.50", "cancel_paid_1", None)],
)
def test_where_a_value_does_not_fit_and_cannot_be_cut_the_text_is_another(
    amount: str, template_id: str, shown: str | None
) -> None:
    rules = replace(SIX, templates={name: SIX.templates[name] for name in ("cancel_call_1", "cancel_paid_1")})
    case = Case("order_cancelled", "A1", {"paid": True, "refund_days": 7, "amount": amount}, NOW)
    template = choose(rules, case, frozenset({"call_back"}), "tencent")
    assert template is not None
    text = render(template, case, rules, "tencent")
    assert text is not None
    assert (text.template_id, text.variables.get("amount")) == (template_id, shown)
    if shown is None:
        assert render(rules.templates["cancel_call_1"], case, rules, "tencent") is None


PLAIN: dict[Kind, tuple[dict[str, Any], str, dict[str, str]]] = {
    "stock_shortage": ({"name": "皮包", "item_name": "皮包"}, "stock_plain_1", {"item": "商品"}),
    "order_cancelled": ({"reason": "门店停业", "paid": False}, "cancel_unpaid_1", {"reason": "其他原因"}),
    "address_undeliverable": ({"area": "余杭区"}, "addr_plain", {"reason": "暂不能配送"}),
}


@pytest.mark.parametrize("kind", PLAIN)
def test_told_plainly_a_text_has_nothing_that_upstream_wrote(kind: Kind) -> None:
    facts, template_id, variables = PLAIN[kind]
    case = Case(kind, "A1", facts, NOW)
    told_before = told(case)
    text = told(replace(case, plain=True))
    assert text.template_id == template_id
    assert text.variables == {"order": "A1", **variables}
    assert told_plainer(told_before, [case], SIX, mechanisms=MECHANISMS)
    assert not told_plainer(text, [replace(case, plain=True)], SIX, mechanisms=MECHANISMS)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("payment_failed", {"reason": "card_error"}),
        ("order_cancelled", {"reason": "鉴定未通过", "paid": True}),
        ("stock_shortage", {"name": "商品"}),
        ("address_undeliverable", {"reason": "地址不全"}),
    ],
)
def test_what_is_in_our_own_words_already_is_not_made_plainer(kind: Kind, facts: dict[str, Any]) -> None:
    case = Case(kind, "A1", facts, NOW)
    assert not told_plainer(told(case), [case], SIX, mechanisms=MECHANISMS)


def test_a_substitute_that_is_named_is_left_out_of_a_plain_text() -> None:
    rules = rules_with("[templates.stock_alt_1]\nenabled = true")
    case = Case("stock_shortage", "A1", {"alternatives": [{"name": "腰带"}]}, NOW, plain=True)
    assert choose(rules, case, frozenset({"substitute_offer"})) is rules.templates["stock_plain_1"]


@given(cases(FACTS), cases(FACTS), st.sampled_from(get_args(SmsProvider)))
def test_a_plain_text_is_the_same_whatever_upstream_wrote_freely(
    case: Case, other: Case, provider: SmsProvider
) -> None:
    ours = {name: case.facts.get(name) for name in ("name", "item_name", "area", "alternatives")}
    theirs = {name: other.facts.get(name) for name in ours}
    texts = []
    for free in (ours, theirs):
        one = replace(case, facts={**case.facts, **free}, plain=True)
        template = choose(SIX, one, provider=provider)
        assert template is not None
        texts.append(render(template, one, SIX, provider))
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("facts", "variable", "value"),
    [
        ({"amount": "5000.00"}, "amount", "5000.00"),
        ({"amount": "5000"}, "amount", "5000"),
        ({"amount": "88.5"}, "amount", "88.50"),
        ({"amount": "88.5000"}, "amount", "88.50"),
        ({"amount": "99999.99"}, "amount", "99999.99"),
        ({"amount": "128000.00"}, "amount", "128000"),
        ({"amount": "0088.50"}, "amount", "88.50"),
        ({"amount": "88.555"}, "amount", None),
        ({"amount": "128000.50"}, "amount", None),
        ({"refund_days": 7}, "days", "7"),
        ({"refund_days": "3-5"}, "days", "3-5"),
        ({"refund_days": "03-05"}, "days", "3-5"),
        ({"refund_days": "7-15"}, "days", "15"),
        ({"refund_days": 0}, "days", None),
        ({"refund_days": "5-3"}, "days", None),
    ],
)
def test_a_refund_is_told_as_it_is_or_not_at_all(facts: dict[str, Any], variable: str, value: str | None) -> None:
    text = told(Case("order_cancelled", "A1", facts | {"paid": True}, NOW))
    assert text.variables.get(variable) == value


@pytest.mark.parametrize(
    ("restock_at", "date"),
    [
        ("2026-12-31", "12月31日"),
        ("2026-12-01T23:30:00+08:00", "12月1日"),
        ("2026-12-01T20:00:00Z", "12月2日"),
        ("2026-12-01T20:00:00", None),
        ("9999-12-31T23:59:59Z", None),
    ],
)
def test_a_date_is_that_of_the_rules_zone(restock_at: str, date: str | None) -> None:
    assert told(Case("stock_shortage", "A1", {"restock_at": restock_at}, NOW)).variables.get("date") == date


@pytest.mark.parametrize(("hours", "shown"), [(24, "24"), (99, "99"), (100, "99"), (720, "99")])
def test_more_hours_than_there_is_room_for_are_told_as_the_most_there_is(hours: int, shown: str) -> None:
    assert told(Case("shipment_stalled", "A1", {"hours": hours}, NOW, "SF1")).variables["hours"] == shown


@pytest.mark.parametrize(
    ("area", "shown"),
    [
        ("余杭区", "余杭区"),
        ("杭州市余杭区", "杭州市余杭区"),
        ("浙江省杭州市余杭区", "杭州市余杭区"),
        ("新疆维吾尔自治区喀什市", "喀什市"),
        ("某路1号楼", None),
        ("Yuhang", None),
        ("余杭區", None),
        ("余杭区文一西路甲号", None),
    ],
)
def test_an_area_is_never_an_address(area: str, shown: str | None) -> None:
    assert told(Case("address_undeliverable", "A1", {"area": area}, NOW)).variables.get("area") == shown


@pytest.mark.parametrize(
    ("days", "shown"), [(3, "3"), ("3-5", "3-5"), ("3-3", "3"), (0, None), (True, None), ("soon", None)]
)
def test_a_delay_is_told_as_it_was_reported_or_not_at_all(days: object, shown: str | None) -> None:
    facts = {"hours": 24, "cause": "weather", "expected_days": days}
    assert told(Case("shipment_stalled", "A1", facts, NOW, "SF1")).variables.get("days") == shown


def test_a_product_without_a_name_that_can_be_told_is_a_product() -> None:
    assert told(Case("stock_shortage", "A1", {"name": "👜"}, NOW)).variables["item"] == "商品"
    assert told(Case("stock_shortage", "A1", {"name": "👜", "item_name": "皮包"}, NOW)).variables["item"] == "皮包"


def test_a_text_reads_as_a_customer_should_read_it() -> None:
    facts = {"reason": "鉴定未通过", "paid": True, "amount": "5000.00", "refund_days": "3-5"}
    case = Case("order_cancelled", "A20261123000001", facts, NOW)
    template = choose(RULES, case)
    assert template is not None
    assert render(template, case, RULES) == Text(
        template_id="cancel_refund_1",
        provider_template="SMS_000000403",
        variables={"order": "A20261123000001", "reason": "鉴定未过", "amount": "5000.00", "days": "3-5"},
        text="【寄卖行】抱歉，订单A20261123000001因鉴定未过取消，5000.00元将在3-5个工作日内原路退回，给您添麻烦了。",
        units=63,
        segments=1,
    )


def test_what_a_template_cannot_say_is_not_rendered() -> None:
    assert render(RULES.templates["cancel_refund_1"], Case("order_cancelled", "A1", {}, NOW), RULES) is None


@pytest.mark.parametrize(("length", "count"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (500, 8)])
def test_above_one_segment_each_holds_67(length: int, count: int) -> None:
    assert segments(length) == count


@given(st.text(ANY_CHARACTER))
@example("\ud83d")
@example("👜")
def test_units_are_those_of_utf_16(text: str) -> None:
    assert units(text) == sum(2 if ord(character) > 0xFFFF else 1 for character in text)

"""Carriers by prefix, and filing with them."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import CARRIERS, Carrier
from streams.policy import carriers
from streams.policy.carriers import carrier_of, filed_with
from streams.policy.case import Case
from streams.policy.templates import choose
from tests.clock import START
from tests.unit.rules import RULES, rules_with


@pytest.mark.parametrize(
    ("digits", "carrier"),
    [
        ("13912345678", "mobile"),
        ("13482345678", "mobile"),
        ("13492345678", None),
        ("13012345678", "unicom"),
        ("13312345678", "telecom"),
        ("19212345678", "broadnet"),
        ("16212345678", "telecom"),
        ("16512345678", "mobile"),
        ("16712345678", "unicom"),
        ("17112345678", "unicom"),
        *((f"170{digit}2345678", "telecom") for digit in "012"),
        *((f"170{digit}2345678", "mobile") for digit in "356"),
        *((f"170{digit}2345678", "unicom") for digit in "4789"),
        ("17405345678", "telecom"),
        ("17406345678", None),
        ("16192345678", None),
        ("19412345678", None),
    ],
)
def test_a_number_belongs_to_the_carrier_of_its_range(digits: str, carrier: Carrier | None) -> None:
    assert carrier_of(f"+86{digits}") == carrier


@pytest.mark.parametrize("number", ["+85291234567", "+447911123456", "+12025550123", "13912345678", "+861391234567"])
def test_what_is_no_mainland_number_has_no_carrier(number: str) -> None:
    assert carrier_of(number) is None


def test_no_range_is_given_twice_nor_lies_in_another() -> None:
    prefixes = [prefix for ranges in carriers._RANGES.values() for prefix in ranges.split()]
    assert max(Counter(prefixes).values()) == 1
    assert [(a, b) for a in prefixes for b in prefixes if a != b and b.startswith(a)] == []


@given(st.sets(st.sampled_from(CARRIERS)), st.sampled_from((*CARRIERS, None)))
def test_a_text_goes_where_it_is_filed_and_where_nobody_asks(filed: set[Carrier], carrier: Carrier | None) -> None:
    rules = rules_with(f'[templates.pay_1]\naliyun = {{ id = "SMS_1", filed = {sorted(filed)} }}')
    assert filed_with(rules.templates["pay_1"].wordings["aliyun"], carrier) == (carrier is None or carrier in filed)
    assert filed_with(rules.templates["pay_1"].wordings["tencent"], carrier)


def test_a_text_is_filed_with_all_unless_the_rules_say_less() -> None:
    assert {w.filed for t in RULES.templates.values() for w in t.wordings.values()} == {frozenset(CARRIERS)}


def test_of_the_texts_of_a_kind_the_first_that_is_filed_with_the_carrier_is_taken() -> None:
    rules = rules_with('[templates.pay_1]\naliyun = { id = "SMS_1", filed = ["mobile"] }')
    case = Case("payment_failed", "A1", {"reason": "insufficient_funds"}, START)
    taken = {carrier: choose(rules, case, carrier=carrier) for carrier in ("mobile", None, "unicom")}
    assert [taken[carrier] is rules.templates["pay_1"] for carrier in taken] == [True, True, False]
    assert choose(rules, case, provider="tencent", carrier="unicom") is rules.templates["pay_1"]

from collections.abc import Iterator
from dataclasses import replace
from math import inf
from typing import get_args

from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.rules import Mechanism, SmsProvider
from streams.policy.case import Case
from streams.policy.merging import told
from streams.policy.packing import Group, pack
from streams.policy.packing_search import Effort
from streams.policy.rules import Rules
from streams.policy.templates import MECHANISMS
from tests.unit.rules import rules_with
from tests.unit.waiting_cases import NOW, waiting

SIX = rules_with('signature = "寄卖行商城铃"')
ODD = rules_with("""
    [templates.mine_long]
    kind = "payment_failed"
    when = { orders = "2+" }
    text = "尾号${tails}因${reason}付款未成功，请到我的订单换一张银行卡再付一次，若已付款请忽略这条短信，谢谢。"
    max = { tails = 30, reason = 5 }
    aliyun = { id = "SMS_1" }
    tencent = { id = "1" }
    [templates.mine_short]
    kind = "*"
    when = { kinds = "1+", orders = "3+", goods = "1+", parcels = "1+" }
    text = "尾号${tails1}的订单${kind1}，尾号${tails2}的订单${kind2}，请看我的订单。"
    max = { tails1 = 9, kind1 = 4, tails2 = 4, kind2 = 4 }
    aliyun = { id = "SMS_2" }
    tencent = { id = "2" }
    [templates.cancel_consignor_1]
    enabled = false
    [templates.cancel_refund_n]
    max = { total = 6 }
""")
"""Rules with a merged text of two segments, one of three orders at least, no single text for one state of a kind, and
little room for a sum."""

MECHANISM_SETS = st.sampled_from([MECHANISMS, frozenset(get_args(Mechanism)), frozenset({"progress_notice"})])
PROVIDERS = st.sampled_from(get_args(SmsProvider))


def partitions(places: list[int]) -> Iterator[list[tuple[int, ...]]]:
    if not places:
        yield []
        return
    first, *others = places
    for mask in range(1 << len(others)):
        company = [other for bit, other in enumerate(others) if mask >> bit & 1]
        for rest in partitions([other for other in others if other not in company]):
            yield [(first, *company), *rest]


def exhaustively(
    cases: list[Case], rules: Rules, provider: SmsProvider, mechanisms: frozenset[Mechanism]
) -> list[tuple[int, ...]]:
    """The best of all partitions, each group's text found by itself."""
    texts: dict[tuple[int, ...], int | None] = {}

    def segments(group: tuple[int, ...]) -> int | None:
        if group not in texts:
            text = told([cases[place] for place in group], rules, provider, mechanisms=mechanisms)
            texts[group] = text.segments if text else None
        return texts[group]

    def worth(groups: list[tuple[int, ...]]) -> tuple[float, ...]:
        of_all = [segments(group) for group in groups]
        if any(its is None and len(group) > 1 for its, group in zip(of_all, groups, strict=True)):
            return (inf,)
        known = [its for its in of_all if its is not None]
        return len(groups) - len(known), sum(known), len(known)

    return min(partitions(list(range(len(cases)))), key=lambda groups: (worth(groups), [(*g, inf) for g in groups]))


SHORT = [
    Case("payment_failed", "20261123000002", {"reason": "card_error"}, NOW),
    *(Case("stock_shortage", order, {"sku": "s1"}, NOW) for order in ("1", "20261123000001", "20261123000003")),
]
"""The second order's number is the end of the third's."""


@settings(max_examples=200)
@example(SHORT, False, "aliyun", MECHANISMS)
@given(waiting(6), st.booleans(), PROVIDERS, MECHANISM_SETS)
def test_no_way_of_packing_is_better(
    cases: list[Case], odd: bool, provider: SmsProvider, mechanisms: frozenset[Mechanism]
) -> None:
    rules = ODD if odd else SIX
    groups = pack(cases, rules, provider, mechanisms=mechanisms)
    assert [group.members for group in groups] == exhaustively(cases, rules, provider, mechanisms)
    for group in groups:
        if group.text is not None:
            of_group = [cases[place] for place in group.members]
            assert group.text == told(of_group, rules, provider, mechanisms=mechanisms)


@settings(max_examples=25)
@given(waiting(2), st.lists(st.integers(0, 1), min_size=7, max_size=7), PROVIDERS)
def test_what_is_alike_is_packed_as_if_it_were_not(models: list[Case], drawn: list[int], provider: SmsProvider) -> None:
    """Many of few types go through fewer states, and nothing is lost by it."""
    cases = [replace(models[n % len(models)], order_id=f"2026112400{place:02}") for place, n in enumerate(drawn)]
    groups = pack(cases, SIX, provider, mechanisms=MECHANISMS)
    assert [group.members for group in groups] == exhaustively(cases, SIX, provider, MECHANISMS)


@settings(max_examples=50)
@given(waiting(12), PROVIDERS, MECHANISM_SETS)
def test_with_less_effort_it_is_dearer_at_the_most(
    cases: list[Case], provider: SmsProvider, mechanisms: frozenset[Mechanism]
) -> None:

    def cost(effort: Effort) -> tuple[int, int]:
        found = [group.text for group in pack(cases, SIX, provider, None, mechanisms, effort)]
        return found.count(None), sum(text.segments for text in found if text)

    assert cost(Effort(states=1 << 12, ways=1 << 12)) <= cost(Effort(states=1, ways=1)) <= (len(cases), len(cases))


@given(waiting(30), PROVIDERS, MECHANISM_SETS)
def test_each_case_is_told_once_in_one_segment_that_names_its_order(
    cases: list[Case], provider: SmsProvider, mechanisms: frozenset[Mechanism]
) -> None:
    groups = pack(cases, SIX, provider, mechanisms=mechanisms)
    assert sorted(place for group in groups for place in group.members) == list(range(len(cases)))
    assert [group.members[0] for group in groups] == sorted(group.members[0] for group in groups)
    for group in groups:
        text = group.text
        if text is None:
            assert len(group.members) == 1
            continue
        assert text.segments == 1
        assert text.units <= 70
        wording = SIX.templates[text.template_id].wordings[provider]
        for name, value in text.variables.items():
            assert 1 <= len(value) <= min(wording.longest[name], SIX.limits[provider].variable_limit)
        for place in group.members:
            if cases[place].kind != "contact_check":
                assert cases[place].order_id[-4:] in text.text


@given(waiting(30), PROVIDERS, MECHANISM_SETS)
def test_merging_never_costs_more_than_a_message_each(
    cases: list[Case], provider: SmsProvider, mechanisms: frozenset[Mechanism]
) -> None:
    groups = pack(cases, SIX, provider, mechanisms=mechanisms)
    singles = [told([case], SIX, provider, mechanisms=mechanisms) for case in cases]
    assert sum(group.apart for group in groups) == sum(text.segments for text in singles if text)
    for group in groups:
        if all(singles[place] for place in group.members):
            assert group.saved >= 0
            assert group.text is not None


def said(cases: list[Case], group: Group) -> tuple[list[Case], str]:
    return [cases[place] for place in group.members], group.text.text if group.text else ""


@given(waiting(12), PROVIDERS, MECHANISM_SETS)
def test_a_shared_text_is_true_of_each_and_leaves_out_nothing_that_matters(
    cases: list[Case], provider: SmsProvider, mechanisms: frozenset[Mechanism]
) -> None:
    for group in pack(cases, SIX, provider, mechanisms=mechanisms):
        those, text = said(cases, group)
        assert len({case.audience for case in those}) == 1
        for case in those:
            alone = told([case], SIX, provider, mechanisms=mechanisms)
            if alone is None or not text:
                continue
            for value in ("reason", "cause", "days", "date"):
                mixed = SIX.templates[group.text.template_id].kind == "*" if group.text else False
                if value in alone.variables and not (mixed and value in ("reason", "cause")):
                    assert alone.variables[value] in text
            assert ("专属客服" in alone.text) <= ("专属客服" in text)
            assert ("致电" in alone.text) <= ("致电" in text)
            if case.kind == "order_cancelled":
                assert text.count("未被扣款") == alone.text.count("未被扣款")
                assert text.count("如已付款") == alone.text.count("如已付款")
                assert ("退" in text) == ("退" in alone.text)
                assert ("元" in text) == ("元" in alone.text)
            if case.facts.get("paid") is False:
                assert "退" not in text
            if case.facts.get("unique") is True and case.audience == "buyer" and case.kind == "stock_shortage":
                assert "等货" not in text
                assert "无法发货" in text


@given(waiting(8), PROVIDERS, MECHANISM_SETS)
def test_why_each_is_told_as_it_is(cases: list[Case], provider: SmsProvider, mechanisms: frozenset[Mechanism]) -> None:
    for group in pack(cases, SIX, provider, mechanisms=mechanisms):
        assert (group.why == "only_one") == (len(cases) == 1 and group.text is not None)
        assert (group.why == "merged") == (len(group.members) > 1)
        assert (group.why == "no_text") == (group.text is None)


def test_a_crowd_is_packed_full() -> None:
    cases = [Case("payment_failed", f"2026{place:05}", {"reason": "card_error"}, NOW) for place in range(500)]
    groups = pack(cases, SIX)
    assert [len(group.members) for group in groups] == [7] * 71 + [3]
    assert [place for group in groups for place in group.members] == list(range(500))

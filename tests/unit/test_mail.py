"""The words of a mail: true, whole, harmless, and the same in both of its forms."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules import Mechanism
from schemas.times import DAY, micros
from schemas.words import KINDS, NoticeKind, Tier
from streams.policy.case import Case
from streams.policy.cleaning import looks_like_contact
from streams.policy.mail import Mail, written
from tests.unit.reading_mail import ATTRIBUTES, TAGS, Page
from tests.unit.rules import RULES, rules_with
from tests.unit.test_text import FACTS, IDS, MECHANISM_SETS, MOMENTS, NONSENSICAL
from tests.unit.upstream_words import WORDS

NOW = micros(datetime(2026, 11, 30, 8, tzinfo=UTC))  # a Monday, 16:00 in Shanghai
PROMISES = ("客服稍后", "专属客服", "致电", "即告诉您", "即告知", "正在跟进", "券")
MARKS = re.compile(r"^(?:· |[1-9]\. |\[[1-9]/[1-9]\] )")
EXCEPTIONS: st.SearchStrategy[NoticeKind] = st.sampled_from(KINDS)
ALL_KINDS: st.SearchStrategy[NoticeKind] = st.sampled_from(get_args(NoticeKind))


def cases(
    facts: st.SearchStrategy[dict[str, Any]], kinds: st.SearchStrategy[NoticeKind] = EXCEPTIONS
) -> st.SearchStrategy[Case]:
    more = st.fixed_dictionaries(
        {"hours": st.integers(0, 100_000)}, optional={"pay_by": MOMENTS | WORDS, "last_update_at": MOMENTS | WORDS}
    )
    return st.builds(
        Case,
        kind=kinds,
        order_id=IDS,
        facts=st.builds(lambda facts, more: {**facts, **more}, facts, more),
        now=st.just(NOW),
        tracking_no=st.none() | IDS,
        tier=st.sampled_from(get_args(Tier)),
    )


SEVERAL = st.lists(cases(FACTS | NONSENSICAL, ALL_KINDS), min_size=1, max_size=4)
CONSIGNORS = st.builds(
    lambda case, kind: replace(case, kind=kind, audience="consignor"),
    cases(FACTS | NONSENSICAL),
    st.sampled_from(["stock_shortage", "order_cancelled", "stock_forecast"]),
)


def told(*cases: Case, mechanisms: frozenset[Mechanism] = frozenset()) -> Mail:
    mail = written(cases, RULES, lambda _case, _rules: mechanisms)
    assert mail is not None
    return mail


def a_cancellation(**facts: Any) -> Case:
    return Case("order_cancelled", "A1", {"reason": "鉴定未通过", "paid": True, **facts}, NOW)


@given(SEVERAL, MECHANISM_SETS)
def test_both_forms_say_the_same(cases: list[Case], mechanisms: frozenset[Mechanism]) -> None:
    mail = told(*cases, mechanisms=mechanisms)
    plain = [MARKS.sub("", line) for line in mail.plain.replace("接下来：", "接下来").splitlines() if line]
    shown = [MARKS.sub("", line) for line in Page(mail.html).lines]
    assert shown[0] == RULES.signature
    assert plain == [*shown[1:-1], RULES.signature, shown[-1]]


@given(SEVERAL | st.lists(CONSIGNORS, min_size=1, max_size=3), MECHANISM_SETS)
def test_whatever_upstream_writes_the_page_holds_nothing_but_words(
    cases: list[Case], mechanisms: frozenset[Mechanism]
) -> None:
    mail = told(*cases, mechanisms=mechanisms)
    page = Page(mail.html)
    assert page.tags <= TAGS
    assert page.attributes <= ATTRIBUTES
    assert not [style for style in page.styles if "url(" in style or "expression" in style]
    assert page.lang == "zh-CN"
    assert page.titles == [mail.subject]
    assert "http" not in mail.html.replace("http-equiv", "")


def test_what_an_operator_writes_is_words_too() -> None:
    evil = '</title></p><img src=x onerror=alert(1)>&amp;"'
    written_so = f"'{evil}'"
    of_all = "\n".join(f"{name} = {written_so}" for name in RULES.file.mail.__struct_fields__ if name != "texts")
    rules = rules_with(f"""
[mail]
{of_all}
[mail.texts.pay]
subject = {written_so}
happened = [{written_so}]
details = ['{evil}：{evil}']
steps = [{written_so}, {written_so}]
""")
    failed = Case("payment_failed", "A1", {}, NOW)
    for cases in ([failed], [failed, failed]):
        mail = written(cases, rules)
        assert mail is not None
        page = Page(mail.html)
        assert page.tags <= TAGS
        assert page.titles == [mail.subject] == [evil]
        assert {MARKS.sub("", line) for line in page.lines} == {evil, f"{evil}：{evil}", RULES.signature}


@given(SEVERAL, MECHANISM_SETS)
def test_a_subject_is_one_line(cases: list[Case], mechanisms: frozenset[Mechanism]) -> None:
    subject = told(*cases, mechanisms=mechanisms).subject
    assert subject.isprintable()
    assert 1 <= len(subject) <= 200


@given(st.lists(cases(FACTS | NONSENSICAL), min_size=1, max_size=4), MECHANISM_SETS)
def test_every_order_and_every_reason_is_named(cases: list[Case], mechanisms: frozenset[Mechanism]) -> None:
    mail = told(*cases, mechanisms=mechanisms)
    assert len(mail.text_ids) == len(cases)
    for case in cases:
        assert case.order_id in mail.plain
    for kind, label in (("payment_failed", "未成功原因：[^\n]+"), ("order_cancelled", "取消原因：[^\n]+")):
        assert len(re.findall(label, mail.plain)) == sum(case.kind == kind for case in cases)


@given(SEVERAL)
def test_nothing_is_promised_that_no_mechanism_keeps(cases: list[Case]) -> None:
    mail = told(*cases)
    assert not [promise for promise in PROMISES if promise in mail.plain]


@given(cases(FACTS | NONSENSICAL, ALL_KINDS), MECHANISM_SETS)
def test_a_refund_is_promised_for_a_paid_order_alone(case: Case, mechanisms: frozenset[Mechanism]) -> None:
    paid = case.facts.get("paid")
    lines = [line for line in told(case, mechanisms=mechanisms).plain.splitlines() if re.search("退款|退回", line)]
    if paid is False and case.kind in KINDS:
        assert lines == []
    elif paid is not True:
        assert [line for line in lines if "如已付款" not in line] == []


SECRETS = {
    "address": "浙江省杭州市余杭区文一西路969号3幢502室",
    "area": "余杭区",
    "amount": "8848.12",
    "buyer_name": "王小明",
    "phone": "13900001234",
    "reason_text": "王小明的卡",
    "pay_by": "2026-12-24T18:31:00+08:00",
    "refund_days": "8-17",
}


@given(CONSIGNORS, MECHANISM_SETS)
def test_a_consignor_hears_nothing_of_the_buyer(case: Case, mechanisms: frozenset[Mechanism]) -> None:
    known = {**case.facts, **SECRETS, "reason": "王小明改地址", "name": "皮包", "item_name": "皮包"}
    mail = told(replace(case, facts=known), mechanisms=mechanisms)
    for told_of_buyer in ("王小明", "余杭", "969", "8848", "1234", "12月24日", "17", "退款", "元"):
        assert told_of_buyer not in mail.plain.replace(case.order_id, "")
    assert case.order_id in mail.plain or case.kind == "stock_forecast"


@given(cases(st.just(SECRETS), ALL_KINDS), MECHANISM_SETS)
def test_no_full_address_number_or_name_is_told(case: Case, mechanisms: frozenset[Mechanism]) -> None:
    mail = told(replace(case, tracking_no="SF1234567890123", order_id="A1"), mechanisms=mechanisms)
    for secret in ("文一西路", "502", "13900001234", "王小明", "SF12345"):
        assert secret not in mail.plain


@given(SEVERAL)
def test_what_carriers_block_is_not_told_by_mail_either(cases: list[Case]) -> None:
    stripped = told(*cases).plain
    for case in cases:
        stripped = stripped.replace(case.order_id, "").replace((case.tracking_no or "-")[-4:], "")
    assert RULES.sensitive.found(stripped) == []


@pytest.mark.parametrize(
    "name",
    [
        "高仿皮包",
        "加微信abc12345皮包",
        "皮包 https://a.cn/x",
        "皮包<script>alert(1)</script>",
        "皮包\r\nBcc: x",
    ],
)
def test_a_products_name_is_told_without_what_does_not_belong(name: str) -> None:
    mail = told(Case("stock_shortage", "A1", {"name": name}, NOW))
    [row] = [line for line in mail.plain.splitlines() if line.startswith("· 商品：")]
    assert "皮包" in row
    assert not looks_like_contact(row)
    for bad in ("高仿", "微信", "https", "<", "\r"):
        assert bad not in row


def test_a_product_without_a_name_is_left_out() -> None:
    mail = told(Case("stock_shortage", "A1", {"name": "👜"}, NOW))
    assert "商品：" not in mail.plain
    assert "订单A1中有商品暂时缺货" in mail.plain


@given(cases(FACTS), cases(FACTS))
def test_told_plainly_it_is_the_same_whatever_upstream_wrote_freely(case: Case, other: Case) -> None:
    ours = {name: case.facts.get(name) for name in ("name", "item_name", "area", "alternatives")}
    theirs = {name: other.facts.get(name) for name in ours}
    mails = [told(replace(case, facts={**case.facts, **free}, plain=True)) for free in (ours, theirs)]
    assert mails[0] == mails[1]


@given(SEVERAL | st.lists(CONSIGNORS, min_size=1, max_size=2))
def test_every_mail_says_whom_to_ask_and_what_we_never_ask(cases: list[Case]) -> None:
    mail = told(*cases)
    assert RULES.mail.safety in mail.plain
    for audience in {case.audience for case in cases}:
        assert RULES.mail.help[audience] in mail.plain


@pytest.mark.parametrize(
    ("now", "days", "last"),
    [
        (datetime(2026, 11, 30, 8, tzinfo=UTC), 1, "12月1日"),
        (datetime(2026, 11, 30, 8, tzinfo=UTC), "3-5", "12月7日"),  # over a weekend
        (datetime(2026, 11, 30, 17, tzinfo=UTC), 1, "12月2日"),  # it is the next day in Shanghai
        (datetime(2026, 9, 29, 8, tzinfo=UTC), 2, "10月8日"),  # over a week off
        (datetime(2026, 10, 8, 8, tzinfo=UTC), 2, "10月10日"),  # a Saturday that is worked
        (datetime(2026, 12, 30, 8, tzinfo=UTC), 1, "12月31日"),
        (datetime(2026, 12, 30, 8, tzinfo=UTC), 2, None),  # nobody knows yet when 2027 is worked
        (datetime(2026, 11, 30, 8, tzinfo=UTC), 0, None),
        (datetime(2026, 11, 30, 8, tzinfo=UTC), "5-3", None),
        (datetime(2026, 11, 30, 8, tzinfo=UTC), None, None),
    ],
)
def test_the_last_day_of_a_refund_is_a_working_day(now: datetime, days: object, last: str | None) -> None:
    mail = told(replace(a_cancellation(refund_days=days), now=micros(now)))
    assert (f"· 最晚到账：{last}\n" in mail.plain) == (last is not None)
    if last is None:
        assert "最晚" not in mail.plain
        assert "如果一直没有收到退款" in mail.plain


def test_a_year_that_is_added_is_known() -> None:
    rules = rules_with('[working_days.2027]\noff = ["01-01"]\nworked = ["01-02"]')
    now = micros(datetime(2026, 12, 30, 8, tzinfo=UTC))
    mail = written([replace(a_cancellation(refund_days=2), now=now)], rules)
    assert mail is not None
    assert "· 最晚到账：2027年1月2日\n" in mail.plain


@pytest.mark.parametrize(
    ("pay_by", "shown"),
    [
        ("2026-11-30T18:30:00+08:00", "11月30日 18:30"),
        ("2026-12-01T00:00:00Z", "12月1日 08:00"),
        ("2027-01-01T00:00:00+08:00", "2027年1月1日 00:00"),
        ("2026-11-30T16:00:00+08:00", None),  # now
        ("2026-12-01T00:00:00", None),
        ("9999-12-31T23:59:59Z", None),
        ("soon", None),
    ],
)
def test_until_when_it_can_be_paid_is_told_while_it_can(pay_by: str, shown: str | None) -> None:
    mail = told(Case("payment_failed", "A1", {"pay_by": pay_by}, NOW))
    assert ("付款截止" in mail.plain) == (shown is not None)
    if shown is not None:
        assert f"请在{shown}前到“我的订单”重新付款" in mail.plain


@given(st.integers(0, 5))
def test_silence_is_told_as_long_as_it_is(days: int) -> None:
    case = Case("shipment_stalled", "A1", {"hours": 24 * days}, NOW + days * DAY, "SF1234567890123")
    line = f"已{24 * days}小时没有物流更新" if days else "暂时没有物流更新"
    assert line in told(case).plain


def test_what_has_no_text_is_not_told() -> None:
    rules = rules_with("[mail.texts.pay]\nenabled = false")
    failed = Case("payment_failed", "A1", {}, NOW)
    assert written([failed], rules) is None
    assert written([a_cancellation(), failed], rules) is None
    assert written([], rules) is None


def test_a_text_of_ones_own_comes_first() -> None:
    rules = rules_with("""
        [mail.texts.mine]
        kind = "payment_failed"
        subject = ["${pay_by}之前请付款", "请付款"]
        happened = ["订单${order}付款未成功。"]
    """)
    mail = written([Case("payment_failed", "A1", {}, NOW)], rules)
    assert mail is not None
    assert (mail.text_ids, mail.subject) == (("mine",), "请付款")


def test_a_mail_reads_as_a_customer_should_read_it() -> None:
    mail = told(
        a_cancellation(amount="5000.00", refund_days="3-5", item_name="经典款链条包"),
        Case("shipment_stalled", "A2", {"hours": 36, "cause": "weather"}, NOW, "SF1234567890123"),
    )
    assert mail.subject == "您有2件订单消息，请查看"
    assert mail.text_ids == ("cancel_paid", "stall")
    assert (
        mail.plain
        == """\
您有2件订单消息，请查看

您好：

下面有2件事请您了解。

[1/2] 订单A1已取消，5000.00元将原路退回

很抱歉，订单A1因鉴定未过已取消。

· 订单号：A1
· 商品：经典款链条包
· 取消原因：鉴定未过
· 退款金额：5000.00元
· 退款方式：原路退回
· 退款时间：3-5个工作日内
· 最晚到账：12月7日

接下来：
1. 退款将在3-5个工作日内原路退回，您不用做什么。
2. 如果到12月7日还没有收到退款，请到“我的订单”联系客服。

[2/2] 订单A2的包裹暂无物流更新

包裹（尾号0123）受天气影响，已36小时没有物流更新。

· 订单号：A2
· 包裹尾号：0123
· 可能原因：天气

接下来：
1. 物流详情可到“我的订单”查看。
2. 急用的话，请到“我的订单”联系客服。

如有疑问，请打开我们的应用或官网，到“我的订单”联系在线客服。

我们不会向您索要验证码或密码，也不会请您转账。遇到这样的要求，请不要理会。

寄卖行
这封邮件由系统自动发出，请不要直接回复。
"""
    )

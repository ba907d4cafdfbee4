"""The words of an app push, and how it is to reach its devices."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.times import DAY, HOUR, SECOND
from schemas.words import KINDS, Kind
from streams.errors import Misconfigured
from streams.policy.case import Case
from streams.policy.inbox import SEVERAL, TITLES
from streams.policy.merging import told
from streams.policy.push import BODY, PushText, push_text
from streams.policy.push_options import push_options
from streams.policy.push_rules import TITLE_WIDTH, width
from tests.driver import START
from tests.unit.rules import RULES, rules_with

FACTS: dict[str, Any] = {
    "reason": "card_error",
    "name": "Hermès Birkin 30 手袋 金棕色",
    "amount": "12800.00",
    "paid": True,
    "refund_days": "3-5",
    "hours": 30,
    "cause": "weather",
    "expected_days": "2-3",
    "area": "上海市",
}


def a_case(kind: Kind = "payment_failed", order_id: str = "A-1001", **facts: Any) -> Case:
    return Case(kind, order_id, FACTS | facts, now=START, tracking_no="SF1234567890123")


def pushed(*cases: Case, overlay: str = "") -> PushText:
    text = push_text(cases, rules_with(overlay))
    assert text is not None
    return text


CASES = st.builds(
    a_case,
    st.sampled_from(KINDS),
    st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
    reason=st.sampled_from(["card_error", "insufficient_funds", "商品有瑕疵", "weather", "x" * 200, "地址不完整"]),
    name=st.text(max_size=40),
    amount=st.sampled_from(["1", "999999.99", "x"]),
    paid=st.sampled_from([True, False, None]),
    area=st.sampled_from(["上海市", "新疆维吾尔自治区巴音郭楞蒙古自治州", ""]),
)


def test_a_push_says_what_the_text_message_says_without_its_signature() -> None:
    for kind in KINDS:
        case = a_case(kind)
        sms = told([case], RULES)
        assert sms is not None
        assert pushed(case).body == sms.text.removeprefix("【寄卖行】")
        assert pushed(case).title == TITLES[kind]


@given(st.lists(CASES, min_size=1, max_size=12))
def test_whatever_is_told_every_phone_maker_takes_it(cases: list[Case]) -> None:
    text = pushed(*cases)
    assert 0 < width(text.title) <= TITLE_WIDTH
    assert 0 < len(text.body) <= BODY
    assert text.body[-1] in "。…"
    assert "【" not in text.body
    at_vivo, at_meizu = text.shorter.get("vivo", text.body), text.shorter.get("meizu", text.body)
    assert width(at_vivo) <= 100
    assert len(at_meizu) <= 100


def test_the_titles_that_ship_are_not_too_wide() -> None:
    assert max(map(width, [*TITLES.values(), SEVERAL])) <= TITLE_WIDTH


def test_several_are_told_in_one_push_without_courtesies() -> None:
    text = pushed(a_case(), a_case("shipment_stalled", "A-1002"))
    assert text.title == SEVERAL
    assert "A-1001" in text.body
    assert "A-1002" in text.body
    assert "您好" not in text.body
    assert "谢谢" not in text.body


def test_of_the_same_kind_they_have_its_title() -> None:
    assert pushed(a_case(), a_case(order_id="A-1002")).title == TITLES["payment_failed"]


def test_the_more_there_are_the_less_is_said_of_each_and_how_many_more_at_last() -> None:
    few = pushed(*(a_case(order_id=f"A-100{n}") for n in range(4)))
    assert all(f"A-100{n}" in few.body for n in range(4))
    many = pushed(*(a_case(order_id=f"A-10{n}") for n in range(10, 40)))
    assert "A-1010" in many.body
    told = many.body.count("付款未成功")
    assert f"另有{30 - told}项，请到我的订单查看。" in many.body


def test_only_what_a_channel_does_not_take_is_made_shorter() -> None:
    assert pushed(a_case(order_id="B" * 9)).shorter == {}
    text = pushed(a_case(order_id="B" * 18))
    assert set(text.shorter) == {"vivo"}
    assert text.body == f"您好，{text.shorter['vivo'][:-1]}，谢谢。"


def test_a_word_that_is_longer_than_all_that_may_be_said_is_cut() -> None:
    long = "长" * 200
    overlay = f'[templates.own]\nkind = "payment_failed"\ntext = "{long}"\nmax = {{}}\n'
    text = pushed(a_case(), overlay=overlay + 'aliyun = { id = "SMS_1" }\ntencent = { id = "1" }')
    assert text.body == "长" * (BODY - 2) + "…"


def test_what_has_no_words_is_not_pushed() -> None:
    assert push_text([a_case(), Case("delay_forecast", "A1", {}, now=START)], RULES) is None


def test_the_rules_may_have_one_title_for_all() -> None:
    assert pushed(a_case(), overlay='[push]\ntitle = "订单提醒"').title == "订单提醒"


# How it reaches its devices.


def test_by_the_default_rules_it_is_an_order_notice_for_android_and_ios() -> None:
    case = a_case()
    options = push_options([case], pushed(case), RULES)
    assert options.platforms == ("android", "ios")
    assert options.channels == {"huawei": {"category": "EXPRESS", "importance": "NORMAL"}}
    assert options.category == "EXPRESS"
    assert options.open_with == "intent:#Intent;action=android.intent.action.MAIN;end"
    assert options.channel_id is None
    assert options.reports


def test_it_is_kept_no_longer_than_any_of_its_notices() -> None:
    cases = [a_case(), a_case("shipment_stalled")]
    text = pushed(*cases)
    for life, seconds in (("1h", HOUR), ("24h", DAY), ("9d", DAY)):
        rules = rules_with(f'[push]\ntime_to_live = "{life}"')
        assert push_options(cases, text, rules).time_to_live == seconds // SECOND


def test_a_kind_can_differ_and_variables_stand_for_what_the_push_says() -> None:
    overlay = """
[push.xiaomi]
channel_id = "100"
mi_template_id = "P1"
[push.xiaomi.mi_template_param]
order_no = "${order}"
[push.oppo]
private_title_parameters = { title = "${title}" }
[push.by_kind.order_cancelled.xiaomi]
mi_template_id = "P2"
"""
    rules = rules_with(overlay)
    for kind, template in (("payment_failed", "P1"), ("order_cancelled", "P2")):
        case = a_case(kind, order_id='A"1')  # type: ignore[arg-type]
        channels = push_options([case], pushed(case), rules).channels
        xiaomi = channels["xiaomi"]
        assert (xiaomi["channel_id"], xiaomi["mi_template_id"]) == ("100", template)
        assert json.loads(xiaomi["mi_template_param"]) == {"order_no": 'A"1'}
        assert channels["oppo"] == {"private_title_parameters": {"title": TITLES[kind]}}  # type: ignore[index]


@pytest.mark.parametrize(
    ("overlay", "error"),
    [
        (f'[push]\ntitle = "{"长" * 21}"', "push.title: expected one line of up to 20"),
        ("[push]\nrate = 0", "push.rate: expected 1 or more, got 0"),
        ("[push]\nplatforms = []", "push.platforms: expected at least one platform"),
        ('[push]\nplatforms = ["android", "android"]', "push.platforms: expected at least one platform, each once"),
        ('[push]\nplatforms = ["windows"]', "push.platforms: expected a list"),
        ('[push]\ntime_to_live = "11d"', "push.time_to_live: expected up to 10d"),
        ('[push]\ntime_to_live = "soon"', "push.time_to_live: expected"),
        ('[push]\nreports = "yes"', "push.reports: expected true or false"),
        ('[push]\nsound = "x"', "push.sound: unknown key"),
        ('[push.nokia]\ncategory = "X"', "push.nokia: unknown key"),
        ('[push.vivo]\ncategory = "${kind}"', r"push.vivo.category: unknown variable \$\{kind\}"),
        ('[push.vivo]\nextra = ["${order"]', "push.vivo.extra: unknown variable"),
        ("[push.vivo]\nday = 2026-01-01", "push.vivo.day: expected text"),
        ('[push.by_kind.nothing.vivo]\ncategory = "X"', "push.by_kind.nothing: unknown kind"),
        ('[push.by_kind.order_cancelled.nokia]\na = "X"', "push.by_kind.order_cancelled.nokia: unknown phone maker"),
    ],
)
def test_a_bad_rule_is_told_with_its_place(overlay: str, error: str) -> None:
    with pytest.raises(Misconfigured, match=f"^own.toml: {error}"):
        rules_with(overlay)

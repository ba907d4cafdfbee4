import pytest

from streams.policy.rules_lint import warnings
from tests.unit.rules import RULES, rules_with

FILED = "".join(
    f'[templates.{name}]\naliyun = {{ id = "SMS_1{number:08}" }}\ntencent = {{ id = "1{number:06}" }}\n'
    for number, name in enumerate(RULES.templates)
) + "".join(f'[wechat.templates.{name}]\nid = "filed"\n' for name in RULES.file.wechat.templates)
PROMOTES = "is promotion, with which a mail is an advertisement and must say so in its subject"


def warned(overlay: str) -> list[str]:
    """What is said of an overlay beyond what is said of the defaults."""
    known = warnings(RULES, RULES)
    return [warning for warning in warnings(rules_with(overlay), RULES) if warning not in known]


def test_the_defaults_have_nothing_to_look_at_but_what_is_made_up() -> None:
    places = [warning.partition(",")[0] for warning in warnings(RULES, RULES)]
    assert places == [
        "signature: still the made-up one; put in the one that the vendors approved",
        "templates: still with a made-up aliyun.id",
        "templates: still with a made-up tencent.id",
        "wechat.templates: still with a made-up id",
    ]


def test_rules_with_ids_of_the_vendors_have_nothing_to_look_at() -> None:
    assert warnings(rules_with('signature = "某商城"\n' + FILED), RULES) == []


def test_ids_of_a_vendor_that_is_not_used_may_be_made_up() -> None:
    said = warnings(rules_with('[sms]\nproviders = ["aliyun"]'), RULES)
    assert [warning for warning in said if "tencent" in warning] == []


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("您好，订单${order}因${reason}付款未成功" + "，请重试" * 10, "text: can be 80 units long with the signature"),
        ("您好，订单${order}${reason}付款未成功", "text: no Chinese character between ${order} and ${reason}"),
        ("您好，订单${order}，${reason}付款未成功", "text: no Chinese character between ${order} and ${reason}"),
        ("您好，订单${order}因${reason}未成功，${order}", "text: ${order} stands more than once"),
        ("您好，订单${order}因${reason}未成功★", "text: vendors refuse ★"),
        ("您好，訂單${order}因${reason}未成功", "text: vendors refuse 訂單"),
        ("您好，订单${order}因${reason}未成功【】", "text: vendors refuse 【】"),
        ("您好，订单${order}因${reason}未成功，详见t.cn/a", "text: has a link or a telephone number"),
        ("您好，订单${order}因${reason}未成功，请拨4008008888", "text: has a link or a telephone number"),
        ("您好，订单${order}因${reason}未成功，拒收请回复R", "text: Aliyun takes 拒收请回复R in marketing"),
        ("您好，订单${order}因${reason}未成功，积分加倍", "text: 积分 is promotion"),
        ("您好，订单${order}因${reason}未成功，客服稍后联系您", "text: 客服稍后 is a promise"),
    ],
)
def test_what_vendors_would_refuse_is_said(text: str, warning: str) -> None:
    said = warned(f'[templates.pay_1]\ntext = "{text}"')
    assert any(line.startswith(f"templates.pay_1.{warning}") for line in said), said


@pytest.mark.parametrize(
    ("changed", "warning"),
    [
        ('kind = "payment_failed"', "category: never taken"),
        ('audience = "consignor"', "category: never taken"),
        ('when = { parcels = "2+" }', "category: never taken"),
        ('text = "抱歉，包裹已${hours}小时无更新，${coupon}元券已放入账户。拒收请回复R"', "text: names no order"),
        ('text = "抱歉，订单${order}的包裹已${hours}小时无更新，券已放入账户。拒收请回复R"', "text: has no ${coupon}"),
    ],
)
def test_a_marketing_text_that_can_not_stand_for_the_notice_is_said(changed: str, warning: str) -> None:
    said = warned(f"[templates.mk_stall_open]\n{changed}")
    assert any(line.startswith(f"templates.mk_stall_open.{warning}") for line in said), said


def test_a_compact_text_left_behind_by_its_text_is_said() -> None:
    said = warned('[templates.pay_1]\ntext = "您好，订单${order}因${reason}付款未成功，请重试，谢谢。"')
    assert said == ["templates.pay_1.tencent.text: still the default's, though the text is another"]


def test_a_variable_longer_than_aliyun_takes_is_said() -> None:
    said = warned("[templates.pay_1]\nmax = { order = 36 }")
    assert any(line.startswith("templates.pay_1.max.order: over 35") for line in said), said


@pytest.mark.parametrize(
    ("overlay", "warning"),
    [
        ('sensitive_words = ["重新付款"]', "templates.pay_1.text: 重新付款 is a sensitive word"),
        ('sensitive_words = ["尾号"]', "templates.pay_1.tencent.text: 尾号 is a sensitive word"),
        ('sensitive_words = ["寄卖"]', "signature: 寄卖 is a sensitive word"),
        ('sensitive_words = ["银行卡"]', "sensitive_words: 银行卡 stands in 银行卡异常"),
        ('sensitive_words = ["商品"]', "sensitive_words: 商品 stands in 商品,"),
    ],
)
def test_a_sensitive_word_of_our_own_is_said(overlay: str, warning: str) -> None:
    said = warned(overlay)
    assert any(line.startswith(warning) for line in said), said


def test_no_word_is_put_together_across_a_variable() -> None:
    said = warned('sensitive_words = ["单因"]')
    assert [line for line in said if line.startswith("templates.pay_1.text")] == []


def test_a_kind_that_the_second_provider_cannot_tell_is_said() -> None:
    said = warned("[sms.tencent]\nvariable_limit = 4")
    assert said == [
        "templates: none tells payment_failed when nothing but the order is known (tier vip, paid yes, unique yes) "
        "by tencent, whose variables hold 4; it is not tried then",
        "templates: none tells address_undeliverable when nothing but the order is known (tier vip, paid yes, "
        "unique yes) by tencent, whose variables hold 4; it is not tried then",
        "templates: none tells a consignor of stock_shortage by tencent; it is not tried then",
        "templates: none tells a consignor of order_cancelled by tencent; it is not tried then",
    ]


def test_what_a_provider_that_is_not_used_cannot_tell_is_not_said() -> None:
    assert warned('[sms]\nproviders = ["aliyun"]\n[sms.tencent]\nvariable_limit = 4') == []


def test_a_variable_may_be_as_long_as_aliyun_was_asked_for() -> None:
    assert warned("[templates.pay_1]\nmax = { order = 36 }\n[sms.aliyun]\nvariable_limit = 40") == [
        line for line in warned("[templates.pay_1]\nmax = { order = 36 }") if "max.order" not in line
    ]


def test_one_id_for_two_texts_is_said() -> None:
    said = warned('[templates.pay_1]\naliyun = { id = "SMS_1" }\n[templates.pay_2]\naliyun = { id = "SMS_1" }')
    assert "templates.pay_2.aliyun.id: also that of pay_1, which has another text" in said


def test_a_text_filed_with_nobody_is_said_unless_another_provider_can_send_it() -> None:
    nobody = '[templates.pay_1]\naliyun = { id = "SMS_1", filed = [] }\n'
    assert not [line for line in warned(nobody) if "filed" in line]
    said = warned('[sms]\nproviders = ["aliyun"]\n' + nobody)
    assert "templates.pay_1.filed: with no carrier at Aliyun, so it tells nobody in the mainland" in said


@pytest.mark.parametrize(("kind", "template"), [("stock_shortage", "stock"), ("order_cancelled", "cancel")])
def test_what_no_consignor_can_be_told_is_said(kind: str, template: str) -> None:
    said = warned(f"[templates.{template}_consignor_1]\nenabled = false")
    assert [warning for warning in said if "a consignor" in warning] == [
        f"templates: none tells a consignor of {kind} by {provider}; it is not tried then"
        for provider in ("aliyun", "tencent")
    ]


@pytest.mark.parametrize(
    ("overlay", "warning"),
    [
        (
            '[mail]\nsafety = "我们不会向您索要验证码。"',
            "mail.safety: does not say that we never ask for 密码, by which readers know us from others",
        ),
        ('[mail]\nhelp = "请代开票"', "mail.help: 代开票 is a sensitive word"),
        ('[mail]\nfooter = "常来领券"', f"mail.footer: 券 {PROMOTES}"),
        ('[mail.texts.pay]\nsteps = ["付款得积分。"]', f"mail.texts.pay.steps: 积分 {PROMOTES}"),
        ('[mail.texts.pay]\nsteps = ["请代开票"]', "mail.texts.pay.steps: 代开票 is a sensitive word"),
        (
            '[mail.texts.pay]\nsteps = ["客服稍后联系您。"]',
            'mail.texts.pay.steps: 客服稍后 is a promise; say in needs what keeps it, like "human_follow_up"',
        ),
        (
            '[mail.texts.cancel_unpaid]\nsteps = ["款项将原路退回。"]',
            "mail.texts.cancel_unpaid.steps: a refund, though the order may be unpaid; "
            'say 如已付款, or when = { paid = "yes" }',
        ),
        (
            "[mail.texts.addr]\nenabled = false",
            "mail.texts: none tells address_undeliverable with its order when nothing but that is known "
            "(tier vip, paid yes, unique yes); e-mail is passed over then",
        ),
        (
            '[mail.texts.stall]\nsubject = "暂无物流更新"\ndetails = []',
            "mail.texts: none tells shipment_stalled with its order when nothing but that is known "
            "(tier vip, paid yes, unique yes); e-mail is passed over then",
        ),
        (
            '[mail.texts.stock_consignor]\nsubject = "请等到${date}"\nhappened = ["请等到${date}"]',
            "mail.texts: none tells stock_shortage to a consignor with its order when nothing but that is known "
            "(tier vip, paid yes, unique yes); e-mail is passed over then",
        ),
    ],
)
def test_what_is_likely_wrong_in_a_mail_is_said(overlay: str, warning: str) -> None:
    assert warned(overlay) == [warning]


@pytest.mark.parametrize(
    ("overlay", "warning"),
    [
        (
            "[wechat.templates.payment_failed]\nenabled = false",
            "wechat.templates: none tells payment_failed when nothing but the order is known "
            "(tier vip, paid yes, unique yes); WeChat is passed over then",
        ),
        (
            "[wechat.templates.order_cancelled_consignor]\nenabled = false",
            "wechat.templates: none tells order_cancelled to a consignor when nothing but the order is known "
            "(tier vip, paid yes, unique yes); WeChat is passed over then",
        ),
        (
            '[wechat.templates.payment_failed]\nfields = { thing1 = "重新付款送优惠" }',
            "wechat.templates.payment_failed.fields.thing1: 优惠 is promotion, which WeChat does not take in a card",
        ),
        (
            '[wechat.templates.payment_failed]\nfields = { thing1 = "${item}促 销" }',
            "wechat.templates.payment_failed.fields.thing1: 促销 is a sensitive word",
        ),
        (
            '[wechat.templates.payment_failed]\nfields = { thing1 = "客服稍后联系您" }',
            "wechat.templates.payment_failed.fields.thing1: 客服稍后 is a promise; say in needs what keeps it, like "
            '"human_follow_up"',
        ),
    ],
)
def test_what_is_likely_wrong_with_a_card_is_said(overlay: str, warning: str) -> None:
    assert warning in warned(overlay)


def test_of_cards_that_no_plan_takes_nothing_is_said() -> None:
    plans = "".join(f'[kinds.{kind}]\nchannels = ["sms"]\n' for kind in RULES.kinds)
    assert not [line for line in warnings(rules_with(plans), RULES) if line.startswith("wechat")]


def of_several(kind: str, when: str, text: str, longest: str) -> str:
    return f"""
        [templates.mine]
        kind = "{kind}"
        when = {{ {when} }}
        text = "{text}"
        max = {{ {longest} }}
        aliyun = {{ id = "SMS_1" }}
        tencent = {{ id = "1" }}
    """


@pytest.mark.parametrize(
    ("kind", "when", "text", "longest", "warning"),
    [
        ("stock_shortage", 'orders = "2+"', "您有${count}笔订单缺货。", "count = 2", "text: does not name every order"),
        ("stock_shortage", 'orders = "2"', "订单${order1}缺货。", "order1 = 18", "max: has no room"),
        ("stock_shortage", 'orders = "3+"', "尾号${tails}的订单缺货。", "tails = 13", "max: has no room"),
        ("*", 'orders = "2+"', "尾号${tails}的订单有变。", "tails = 9", "text: does not say what happened"),
        (
            "order_cancelled",
            'orders = "2+", paid = "yes"',
            "尾号${tails}的订单取消，${amount}元退回。",
            "tails = 9, amount = 8",
            "text: has ${amount}, which is of one order",
        ),
        ("stock_shortage", 'orders = "2+"', "尾号${tails}的订单缺货，可退款。", "tails = 9", "text: offers money back"),
        (
            "order_cancelled",
            'orders = "2+", paid = ["yes", "unknown"]',
            "尾号${tails}的订单取消，款项将退回。",
            "tails = 9",
            "text: says that money comes back",
        ),
        (
            "order_cancelled",
            'orders = "2+"',
            "尾号${tails}的订单取消，您未被扣款。",
            "tails = 9",
            "text: says that nothing",
        ),
        (
            "stock_shortage",
            'orders = "2+"',
            "尾号${tails}的订单缺货，可等货。",
            "tails = 9",
            "text: says that the goods",
        ),
        (
            "shipment_stalled",
            'orders = "2+"',
            "尾号${tails}的订单包裹延迟，正在跟进。",
            "tails = 9",
            "text: 正在跟进 is a",
        ),
        (
            "payment_failed",
            'orders = "2+"',
            "尾号${tails}的订单付款未成功，" + "请重试，" * 10,
            "tails = 34",
            "text: can be",
        ),
    ],
)
def test_what_a_text_of_several_claims_of_each_or_cannot_tell_is_said(
    kind: str, when: str, text: str, longest: str, warning: str
) -> None:
    said = warned(of_several(kind, when, text, longest))
    assert any(line.startswith(f"templates.mine.{warning}") for line in said), said


def test_a_text_of_several_whose_conditions_see_to_its_claims_is_not_spoken_of() -> None:
    when = 'orders = "2+", goods = "1+", unique = false, paid = ["yes", "unknown"]'
    assert warned(of_several("stock_shortage", when, "尾号${tails}的订单缺货，可退款或等货。", "tails = 9")) == []


def test_good_news_that_goes_by_text_message_must_have_room_at_each_provider() -> None:
    narrow = "[sms.tencent]\nvariable_limit = 4\n"
    by_sms = '[kinds.shipment_resumed]\nchannels = ["inbox", "sms"]'
    assert not [line for line in warned(narrow) if "resumed" in line]
    assert [line for line in warned(narrow + by_sms) if "none tells shipment_resumed" in line]

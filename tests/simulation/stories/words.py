"""What people and machines upstream write into the fields of events: as they do, not as one would wish."""

from random import Random

CARRIERS = ("sf", "yto", "zto", "jd", "EMS", "顺丰速运", "德邦", "京东物流")
_NAMES = (
    "张伟",
    "王芳",
    "欧阳娜娜",
    "Ann O’Neill",
    "李👩‍👧雷",
    "陳大文",
    "",
    "阿" * 200,
)
_GOODS = (
    "羊毛大衣",
    "Hermès 丝巾 90cm",
    "限量球鞋👟42码",
    "青花瓷碗（一套6只）",
    "LEVI’S 501",
    "「孤品」翡翠手镯",
    "看图 http://t.cn/x1",
    "加微信 abc12345 优惠",
    "好" * 200,
    "a",
    "",
)
_SENTENCES = ("限额", "卡已过期", "银行返回 51", "😡", "缺货", "商家无法发货", "x" * 200, "系统超时未支付")
_PLACES = ("杭州市西湖区文三路 1 号", "某路 1 号", "Flat 3, 8 Nathan Rd, HK", "新疆喀什地区叶城县…", "？" * 200)
_LANDLINES = ("010-62511234", "0571 8888 1234", "400-800-1234", "95588")
_UNREADABLE = ("无", "见备注", "139 0000 000l", "1390000", "13900000001,13900000002", "☎")


def person_name(random: Random) -> str:
    """A name of somebody."""
    return random.choice(_NAMES)


def goods(random: Random) -> str:
    """A name of something that is sold."""
    return random.choice(_GOODS)


def sentence(random: Random) -> str:
    """A reason, in words."""
    return random.choice(_SENTENCES)


def place(random: Random) -> str:
    """An address or a part of it."""
    return random.choice(_PLACES)


def money(random: Random) -> str:
    """An amount in CNY."""
    return random.choice(("1299.00", "0", "0.1", "99.5", "5000.00", "123456.78", "88"))


def not_a_mobile(random: Random) -> str:
    """A telephone number that takes no SMS, or none at all."""
    return random.choice(_LANDLINES + _UNREADABLE)


def spelled(random: Random, number: str) -> str:
    """A mobile number as the vendor writes it, as somebody else may. One from abroad has its country's code."""
    if not number.startswith("1"):
        return random.choice((f"+{number}", f"00{number}", f"+{number[:3]} {number[3:7]} {number[7:]}"))
    a, b, c = number[:3], number[3:7], number[7:]
    return random.choice(
        (
            number,
            number,
            f"{a} {b} {c}",
            f"{a}-{b}-{c}",
            f"+86 {a} {b} {c}",
            f"+86{number}",
            f"0086{number}",
            f"86{number}",
            f"(+86){number}",
            f"tel:+86-{a}-{b}-{c}",
            number.translate(_FULL_WIDTH),
            f"手机{number}",
            f" {number} ",
        )
    )


_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")

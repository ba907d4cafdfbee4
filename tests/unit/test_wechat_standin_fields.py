"""What the stand-in for the WeChat platform lets stand in a field of a card."""

import pytest

from orderbell.standins.wechat import fields


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("thing1", ["皮包", "A-1 皮包，" + "好" * 13], ["", " ", "好" * 21, "a\nb", "👜" * 11]),
        ("character_string2", ["A-1001", "a" * 32, "No. 7"], ["订单", "", "a" * 33, "a\n", "A…"]),
        ("number3", ["7", "7.5"], ["", "七", "７", "-1", "1" * 33]),
        ("phrase4", ["已取消", "银行卡异常"], ["", "OK", "已取消了订单", "已 取"]),
        ("const5", ["", "已取消"], ["好" * 21]),
        (
            "time6",
            ["15:01", "2019年10月1日 15:01", "2019-10-01 15:01:09", "15:01~16:01"],
            ["", "2019年10月1日", "25:01", "2019年13月1日 15:01", "soon"],
        ),
        (
            "date7",
            ["2019年10月1日", "2019年10月1日 15:01", "2019-10-01~2019-10-02"],
            ["15:01", "10月1日", "2019年2月30日"],
        ),
        ("amount8", ["¥88.50", "¥88", "￥1.12元"], ["88.50", "88.5元", "¥12345678901", "¥123456789.01", "五元"]),
        ("thing", [], ["x"]),
        ("keyword1", [], ["x"]),
    ],
)
def test_a_field_takes_what_its_type_allows(name: str, good: list[str], bad: list[str]) -> None:
    for value in good:
        assert fields.refuse({name: {"value": value}}, None, None) is None, value
    for value in bad:
        assert fields.refuse({name: {"value": value}}, None, None) is not None, value

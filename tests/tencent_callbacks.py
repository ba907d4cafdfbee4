"""What Tencent pushes, as its documentation shows it."""

from typing import Any

from schemas.times import SECOND
from tests.callbacks import PHONE
from tests.driver import START

SERIAL = "5000:1045710669157053657849499619"


def a_report(**fields: Any) -> dict[str, Any]:
    """The delivery report of a message that arrived, as most accounts get it; ``None`` leaves a field out."""
    report = {
        "user_receive_time": "2025-11-25 00:00:05",
        "nationcode": "86",
        "mobile": PHONE,
        "report_status": "SUCCESS",
        "errmsg": "DELIVRD",
        "description": "用户短信送达成功",
        "sid": SERIAL,
    }
    return {name: value for name, value in (report | fields).items() if value is not None}


def a_reply(content: Any = "TD", **fields: Any) -> dict[str, Any]:
    """A reply; ``None`` leaves a field out."""
    reply = {
        "extend": "12",
        "mobile": PHONE,
        "nationcode": "86",
        "sign": "寄卖行",
        "text": content,
        "time": START // SECOND,
    }
    return {name: value for name, value in (reply | fields).items() if value is not None}

"""What Aliyun pushes, as its documentation shows it."""

from typing import Any

import msgspec

from schemas.callbacks import What
from schemas.times import Micros
from tests.driver import START, rfc3339

PHONE = "13900000001"
NUMBER = "+8613900000001"
OURS = "C1.N1.1"
"""An id of ours: customer, notification, attempt."""
BIZ = "900619746936498440^0"
SENT_AT = "2025-11-25 00:00:00"
"""``START`` in Beijing."""


def a_report(**fields: Any) -> dict[str, Any]:
    """The delivery report of a message that arrived; ``None`` leaves a field out."""
    report = {
        "phone_number": PHONE,
        "send_time": SENT_AT,
        "report_time": "2025-11-25 00:00:05",
        "success": True,
        "err_code": "DELIVERED",
        "err_msg": "用户接收成功",
        "sms_size": "1",
        "biz_id": BIZ,
        "out_id": OURS,
    }
    return {name: value for name, value in (report | fields).items() if value is not None}


def a_reply(content: Any = "TD", **fields: Any) -> dict[str, Any]:
    """A reply; ``None`` leaves a field out."""
    reply = {"phone_number": PHONE, "content": content, "send_time": SENT_AT, "dest_code": "1234", "sequence_id": 1}
    return {name: value for name, value in (reply | fields).items() if value is not None}


def stored(what: What, element: Any, received_at: Micros = START, provider: str = "aliyun") -> bytes:
    """The record of ``provider-callbacks`` for an element; one that is not bytes is written as JSON."""
    raw = element if isinstance(element, bytes) else msgspec.json.encode(element)
    head = msgspec.json.encode({"provider": provider, "what": what, "received_at": rfc3339(received_at)})
    return head[:-1] + b',"element":' + raw + b"}"

"""What the stand-in took, and how it tells of it: in reports that it pushes, and in answers to questions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from orderbell.standins.wording import SHANGHAI, local_time, segments

DELIVERED = "DELIVERED"


class Message(msgspec.Struct, kw_only=True):
    """One message on its way to one telephone. Times are seconds since the epoch."""

    biz_id: str
    number: str
    signature: str
    template: str
    parameters: str
    out_id: str
    text: str
    sent_at: float
    reported_at: float | None = None
    err_code: str = ""

    @property
    def message_id(self) -> str:
        """The vendor's own id."""
        return self.biz_id

    @property
    def status(self) -> Literal[1, 2, 3]:
        """``SendStatus``: 1 waiting, 2 failed, 3 delivered."""
        if self.reported_at is None:
            return 1
        return 3 if self.err_code == DELIVERED else 2

    def report(self) -> dict[str, Any]:
        """One element of the array that is pushed."""
        return {
            "phone_number": self.number,
            "send_time": local_time(self.sent_at),
            "report_time": local_time(self.reported_at or self.sent_at),
            "success": self.err_code == DELIVERED,
            "err_code": self.err_code,
            "err_msg": "用户接收成功" if self.err_code == DELIVERED else "用户接收失败",
            "sms_size": str(segments(self.text)),
            "biz_id": self.biz_id,
            "out_id": self.out_id,
        }

    def detail(self) -> dict[str, Any]:
        """One element of what ``QuerySendDetails`` lists."""
        detail = {
            "PhoneNum": self.number,
            "SendStatus": self.status,
            "ErrCode": self.err_code,
            "TemplateCode": self.template,
            "Content": self.text,
            "SendDate": local_time(self.sent_at),
            "OutId": self.out_id,
        }
        if self.reported_at is not None:
            detail["ReceiveDate"] = local_time(self.reported_at)
        return detail


def page(messages: Sequence[Message], asked: Mapping[str, str], now: float) -> dict[str, Any] | None:
    """What ``QuerySendDetails`` shows of ``messages``, the newest first; ``None`` for a question that is refused."""
    try:
        day = datetime.strptime(asked["SendDate"], "%Y%m%d").date()
        size, number = int(asked["PageSize"]), int(asked["CurrentPage"])
    except (KeyError, ValueError):
        return None
    if not 1 <= size <= 50 or number < 1 or (_day(now) - day).days > 30:
        return None
    found = [message for message in reversed(messages) if _day(message.sent_at) == day]
    shown = found[(number - 1) * size : number * size]
    return {
        "TotalCount": str(len(found)),
        "SmsSendDetailDTOs": {"SmsSendDetailDTO": [message.detail() for message in shown]},
    }


def _day(at: float) -> Any:
    return datetime.fromtimestamp(at, SHANGHAI).date()

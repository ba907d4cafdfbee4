"""What the stand-in took, and how it tells of it: in reports that it pushes, and in answers to questions."""

import re
from typing import Any

import msgspec
import phonenumbers

from orderbell.standins.wording import local_time, segments

DELIVERED = "DELIVRD"
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_MOBILE_CN = re.compile(r"\+861[0-9]{10}")


class Message(msgspec.Struct, kw_only=True):
    """One message on its way to one telephone. Times are seconds since the epoch.

    ``out_id`` is the ``SessionContext``; ``echoed`` whether reports and lists carry it, as they do only for accounts
    for which the vendor has turned that on. ``err_code`` is the ``errmsg`` of its report.
    """

    serial_no: str
    number: str
    signature: str
    template: str
    parameters: list[str]
    out_id: str
    text: str
    sent_at: float
    echoed: bool = False
    reported_at: float | None = None
    err_code: str = ""

    @property
    def message_id(self) -> str:
        """The vendor's own id."""
        return self.serial_no

    def accepted(self) -> dict[str, Any]:
        """One element of the answer to its request."""
        return {
            "SerialNo": self.serial_no,
            "PhoneNumber": self.number,
            "Fee": segments(self.text),
            "SessionContext": self.out_id,
            "Code": "Ok",
            "Message": "send success",
            "IsoCode": _iso(self.number),
        }

    def report(self) -> dict[str, Any]:
        """One element of the array that is pushed."""
        nation, mobile = apart(self.number)
        report = {
            "user_receive_time": local_time(self.reported_at or self.sent_at),
            "nationcode": nation,
            "mobile": mobile,
            "report_status": self._status,
            "errmsg": self.err_code,
            "description": "用户短信送达成功" if self.err_code == DELIVERED else "用户短信送达失败",
            "sid": self.serial_no,
        }
        return {**report, "ext": self.out_id} if self.echoed else report

    def status(self) -> dict[str, Any]:
        """One element of what ``PullSmsSendStatusByPhoneNumber`` lists."""
        nation, mobile = apart(self.number)
        return {
            "UserReceiveTime": int(self.reported_at or self.sent_at),
            "CountryCode": nation,
            "SubscriberNumber": mobile,
            "PhoneNumber": self.number,
            "SerialNo": self.serial_no,
            "ReportStatus": self._status,
            "Description": self.err_code,
            "SessionContext": self.out_id if self.echoed else "",
        }

    @property
    def _status(self) -> str:
        return "SUCCESS" if self.err_code == DELIVERED else "FAIL"


def refused(number: str, out_id: str, code: str) -> dict[str, Any]:
    """One element of the answer to a request: the vendor's no."""
    return {
        "SerialNo": "",
        "PhoneNumber": number,
        "Fee": 0,
        "SessionContext": out_id,
        "Code": code,
        "Message": code,
        "IsoCode": "",
    }


def apart(number: str) -> tuple[str, str]:
    """The country's code and the rest of an E.164 number."""
    parsed = phonenumbers.parse(number)
    return str(parsed.country_code), phonenumbers.national_significant_number(parsed)


def e164(number: str) -> str | None:
    """A number as it may be asked for: Chinese ones also with ``0086``, ``86`` or nothing before them."""
    for before in ("0086", "86", ""):
        bare = number.removeprefix(before)
        if len(bare) == 11 and bare.startswith("1") and bare.isdecimal() and bare.isascii():
            return f"+86{bare}"
    if not _E164.fullmatch(number) or (number.startswith("+86") and not _MOBILE_CN.fullmatch(number)):
        return None
    try:
        phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    return number


def _iso(number: str) -> str:
    return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""

"""What Aliyun pushes to us: delivery reports and replies, each one element of a JSON array.

Vendor documentation: SmsReport and SmsUp over HTTP.
"""

from agents.gateways.aliyun_numbers import our_number
from agents.gateways.packing import ARRAY
from agents.gateways.pushed import Fields, Format, Push, Reply, Report, beijing_time, fields, text, whose
from streams.errors import Invalid
from streams.policy.providers import aliyun_class

PROVIDER = "aliyun"
_NO_NEWS = "REQUEST_SUCCESS"
"""The ``err_code`` of a report that says no more than that the carrier was asked."""


def report(element: bytes) -> Report:
    """Reads a delivery report. Raises ``Invalid``."""
    read = fields(element)
    delivered = _success(read)
    code = None if delivered else text(read, "err_code")
    biz_id, owner = whose(read, "biz_id", "out_id")
    phone = text(read, "phone_number")
    return Report(
        provider=PROVIDER,
        number=None if phone is None else our_number(phone),
        delivered=None if code == _NO_NEWS else delivered,
        code=code,
        error_class=None if code is None else aliyun_class(code),
        message_id=biz_id,
        owner=owner,
        sent_at=beijing_time(read, "send_time"),
        reported_at=beijing_time(read, "report_time"),
    )


def reply(element: bytes) -> Reply:
    """Reads a reply. Raises ``Invalid``."""
    read = fields(element)
    phone, content = text(read, "phone_number"), text(read, "content")
    if phone is None or content is None:
        raise Invalid("missing_field", "phone_number" if phone is None else "content")
    number = our_number(phone)
    if number is None:
        raise Invalid("bad_value", "phone_number can't be read")
    return Reply(number, content, beijing_time(read, "send_time"))


def _success(read: Fields) -> bool:
    success = read.get("success")
    if isinstance(success, bool):
        return success
    if success is None:
        raise Invalid("missing_field", "success")
    if not isinstance(success, str):
        raise Invalid("wrong_type", "success: expected true or false")
    if success.lower() not in ("true", "false"):
        raise Invalid("bad_value", "success: expected true or false")
    return success.lower() == "true"


FORMAT = Format(
    provider=PROVIDER,
    pushes={"receipt": Push("/receipts", ARRAY), "reply": Push("/replies", ARRAY)},
    taken='{"code":0,"msg":"成功"}'.encode(),
    report=report,
    reply=reply,
)

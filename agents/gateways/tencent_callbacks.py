"""What Tencent pushes to us: delivery reports, up to a hundred in a JSON array, and replies, each alone.

Vendor documentation: the callbacks of the SMS sending status and of SMS replies. ``ext`` echoes our id for accounts
for which the vendor has turned that on; from others a report has the vendor's id alone.
"""

import re

from agents.gateways.packing import ARRAY, OBJECT
from agents.gateways.pushed import Fields, Format, Push, Reply, Report, beijing_time, fields, text, whose
from schemas.times import SECOND, Micros
from streams.errors import Invalid
from streams.policy.contacts import normalise
from streams.policy.providers import tencent_class

PROVIDER = "tencent"
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}").fullmatch
_SECONDS = re.compile(r"[0-9]{1,11}").fullmatch
_STATUSES = {"SUCCESS": True, "FAIL": False}


def report(element: bytes) -> Report:
    """Reads a delivery report. Raises ``Invalid``."""
    read = fields(element)
    delivered = _delivered(read)
    code = None if delivered else _code(read)
    serial_no, owner = whose(read, "sid", "ext")
    return Report(
        provider=PROVIDER,
        number=_number(read),
        delivered=delivered,
        code=code,
        error_class=None if code is None else tencent_class(code),
        message_id=serial_no,
        owner=owner,
        sent_at=None,
        reported_at=beijing_time(read, "user_receive_time"),
    )


def reply(element: bytes) -> Reply:
    """Reads a reply. Raises ``Invalid``."""
    read = fields(element)
    content = text(read, "text")
    if content is None or text(read, "mobile") is None:
        raise Invalid("missing_field", "text" if content is None else "mobile")
    number = _number(read)
    if number is None:
        raise Invalid("bad_value", "mobile can't be read")
    return Reply(number, content, _seconds(read))


def _delivered(read: Fields) -> bool:
    status = text(read, "report_status")
    if status is None:
        raise Invalid("missing_field", "report_status")
    if status.upper() not in _STATUSES:
        raise Invalid("bad_value", f"report_status: expected one of {', '.join(_STATUSES)}")
    return _STATUSES[status.upper()]


def _code(read: Fields) -> str | None:
    """The carrier's word; what is none may be free text, which is kept nowhere."""
    code = text(read, "errmsg")
    return code if code is not None and _CODE(code) else None


def _number(read: Fields) -> str | None:
    nation, mobile = text(read, "nationcode"), text(read, "mobile")
    if mobile is None:
        return None
    return normalise(mobile if nation is None or mobile.startswith("+") else f"+{nation}{mobile}")


def _seconds(read: Fields) -> Micros | None:
    """The time of a reply: seconds since the epoch."""
    seconds = read.get("time")
    if isinstance(seconds, bool) or not isinstance(seconds, int | str) or not _SECONDS(str(seconds)):
        return None
    return int(seconds) * SECOND


FORMAT = Format(
    provider=PROVIDER,
    pushes={"receipt": Push("/receipts", ARRAY), "reply": Push("/replies", OBJECT)},
    taken=b'{"result":0,"errmsg":"OK"}',
    report=report,
    reply=reply,
)

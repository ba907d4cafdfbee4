"""What Aliyun pushes to us: delivery reports and replies, each one element of a JSON array.

Vendor documentation: SmsReport and SmsUp over HTTP. Its times are Beijing time without an offset. It writes some
numbers as strings, so either is taken where nothing hangs on it; what it adds is ignored.
"""

from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

import msgspec

from agents.gateways.aliyun_numbers import our_number
from schemas.calls import ErrorClass
from schemas.times import Micros, micros
from streams.errors import Invalid
from streams.policy.echo import Echo, echo, parse
from streams.policy.providers import aliyun_class

PROVIDER = "aliyun"
_BEIJING = timezone(timedelta(hours=8))
_LONGEST_ID = 200
"""The vendor's ids are a tenth of that. Each is a key of ours while its message is waited for."""
_NO_NEWS = "REQUEST_SUCCESS"
"""The ``err_code`` of a report that says no more than that the carrier was asked."""


class Report(NamedTuple):
    """A delivery report.

    It is of the message that ``biz_id``, the vendor's id, names; or of ``owner``'s, where it echoes an id of ours. At
    least one of them is there. ``delivered`` is ``None`` where nothing is known yet. A number or a time that can't be
    read is ``None`` as well.
    """

    number: str | None
    delivered: bool | None
    code: str | None
    biz_id: str | None
    owner: Echo | None
    sent_at: Micros | None
    reported_at: Micros | None

    @property
    def key(self) -> str:
        """Under which the report is stored: what it can be joined by."""
        return f"{PROVIDER}:{self.biz_id}" if self.owner is None else echo(*self.owner)

    @property
    def error_class(self) -> ErrorClass | None:
        """Why the message was not delivered, where the vendor says."""
        return None if self.code is None else aliyun_class(self.code)


class Reply(NamedTuple):
    """What the owner of ``number`` (E.164) wrote back."""

    number: str
    content: str
    at: Micros | None


def report(element: bytes) -> Report:
    """Reads a delivery report. Raises ``Invalid``."""
    fields = _object(element)
    delivered = _success(fields)
    code = None if delivered else _text(fields, "err_code")
    biz_id, out_id = _text(fields, "biz_id"), _text(fields, "out_id")
    owner = None if out_id is None else parse(out_id)
    if biz_id is None and owner is None:
        raise Invalid("missing_field", "neither biz_id nor an out_id of ours")
    if biz_id is not None and len(biz_id) > _LONGEST_ID:
        raise Invalid("bad_value", f"biz_id: longer than {_LONGEST_ID} characters")
    phone = _text(fields, "phone_number")
    return Report(
        number=None if phone is None else our_number(phone),
        delivered=None if code == _NO_NEWS else delivered,
        code=code,
        biz_id=biz_id,
        owner=owner,
        sent_at=_time(fields, "send_time"),
        reported_at=_time(fields, "report_time"),
    )


def reply(element: bytes) -> Reply:
    """Reads a reply. Raises ``Invalid``."""
    fields = _object(element)
    phone, content = _text(fields, "phone_number"), _text(fields, "content")
    if phone is None or content is None:
        raise Invalid("missing_field", "phone_number" if phone is None else "content")
    number = our_number(phone)
    if number is None:
        raise Invalid("bad_value", "phone_number can't be read")
    return Reply(number, content, _time(fields, "send_time"))


def _object(element: bytes) -> dict[str, Any]:
    try:
        fields = msgspec.json.decode(element)
    except (msgspec.DecodeError, RecursionError) as error:  # numbers are not looked at while they are only skipped
        raise Invalid("bad_value", type(error).__name__) from None
    if not isinstance(fields, dict):
        raise Invalid("wrong_type", "expected an object")
    return fields


def _success(fields: dict[str, Any]) -> bool:
    success = fields.get("success")
    if isinstance(success, bool):
        return success
    if success is None:
        raise Invalid("missing_field", "success")
    if not isinstance(success, str):
        raise Invalid("wrong_type", "success: expected true or false")
    if success.lower() not in ("true", "false"):
        raise Invalid("bad_value", "success: expected true or false")
    return success.lower() == "true"


def _text(fields: dict[str, Any], name: str) -> str | None:
    """A field's text; ``None`` for one that is absent or empty."""
    value = fields.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is not None and not isinstance(value, str):
        raise Invalid("wrong_type", f"{name}: expected text")
    return value or None


def _time(fields: dict[str, Any], name: str) -> Micros | None:
    value = fields.get(name)
    if not isinstance(value, str):
        return None
    try:
        return micros(datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=_BEIJING))
    except ValueError:
        return None

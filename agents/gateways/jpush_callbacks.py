"""What JPush pushes to us of a push to a device: that it arrived, did not arrive, or was touched.

The vendor gives the format to its paying customers only: its page on receipts (May 2024) names the kinds that there
are, and for their fields its support. The names here are those by which such reports are read in public, and where they
are known by several, each is taken. One element is of one device, so there are several of a push to several. ``params``
brings back what was sent along with the push: our id of it, and to how many devices it went. Without them a report is
joined by the vendor's own id.

That one of several devices was not reached says nothing of the message, which may have reached another.
"""

import re
from collections.abc import Mapping
from typing import Any

from agents.gateways.packing import EITHER
from agents.gateways.pushed import Fields, Format, Push, Report, echoed, fields, text, whose
from schemas.calls import ErrorClass
from schemas.times import MILLISECOND, SECOND, Micros
from streams.errors import Invalid

PROVIDER = "jpush"

_KINDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("1", "received", "delivered"), True),
    **dict.fromkeys(("2", "click", "clicked"), True),
    **dict.fromkeys(("4", "not_received", "undelivered"), False),
    **dict.fromkeys(("8", "push", "pushed"), None),
}
"""Arrived, touched, not arrived, taken by the vendor; the numbers are the bits by which the push API asks for reports.
Of those 1, 2 and 8 stand in the vendor's own SDK (jiguang-sdk-java, ``CallbackType``); 4 was found nowhere.
Whoever touches it has it, whatever became of the report of its arrival."""
_KIND, _MESSAGE_ID, _TIME = ("callback_type", "type"), ("msg_id", "msgid"), ("sent_time", "itime")
"""The names of one and the same."""
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}").fullmatch
_SECONDS = re.compile(r"[0-9]{1,11}").fullmatch
_MILLISECONDS = re.compile(r"[0-9]{12,14}").fullmatch


def report(element: bytes) -> Report:
    """Reads what became of a push. Raises ``Invalid``."""
    read = fields(element)
    params = _params(read)
    delivered = _delivered(read)
    if delivered is False and params.get("devices") not in (None, 1, "1"):
        delivered = None
    ids = {"msg_id": _first(read, _MESSAGE_ID), "out_id": params.get("out_id")}
    message_id, owner = whose(ids, "msg_id", "out_id")
    return Report(
        provider=PROVIDER,
        number=None,
        delivered=delivered,
        code=_code(read) if delivered is False else None,
        error_class=ErrorClass.NUMBER_UNAVAILABLE if delivered is False else None,
        message_id=message_id,
        owner=owner,
        sent_at=None,
        reported_at=_time(read),
    )


def _delivered(read: Fields) -> bool | None:
    kind = text({"callback_type": _first(read, _KIND)}, "callback_type")
    if kind is None:
        raise Invalid("missing_field", "callback_type")
    if kind.lower() not in _KINDS:
        raise Invalid("bad_value", f"callback_type: expected one of {', '.join(_KINDS)}")
    return _KINDS[kind.lower()]


def _first(read: Fields, names: tuple[str, ...]) -> Any:
    return next((read[name] for name in names if read.get(name) is not None), None)


def _params(read: Fields) -> dict[str, Any]:
    params = read.get("params")
    if params is not None and not isinstance(params, dict):
        raise Invalid("wrong_type", "params: expected an object")
    return params or {}


def _code(read: Fields) -> str | None:
    """The vendor's word for why; what is none may be free text, which is kept nowhere."""
    code = text(read, "error_code")
    return code if code is not None and _CODE(code) else None


def _time(read: Fields) -> Micros | None:
    """Seconds since the epoch; some of the vendor's times are milliseconds."""
    written = _first(read, _TIME)
    if isinstance(written, bool) or not isinstance(written, int | str):
        return None
    if _SECONDS(str(written)):
        return int(written) * SECOND
    return int(written) * MILLISECOND if _MILLISECONDS(str(written)) else None


FORMAT = Format(
    provider=PROVIDER,
    pushes={"receipt": Push("", EITHER)},
    taken=b'{"code":0}',
    report=report,
    checked=echoed,
)

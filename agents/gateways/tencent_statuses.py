"""Tencent's ``PullSmsSendStatusByPhoneNumber``: what it answers, and when a message is to be looked for in it.

It lists what the carriers have reported, and nothing of a message before that. A message is known by the echo of our
id, which the vendor gives to accounts for which it has turned that on; by the vendor's own id, where we were told it;
and else because it can be no other: it was received after our call began, and every other message of ours that may
have gone to this number is known by its id.
"""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from agents.gateways.tencent_api import Code, Error, serial
from schemas.calls import ErrorClass, QueryRequest, QueryResult
from schemas.times import MINUTE, SECOND, Micros
from streams.policy.providers import tencent_class

MOST = 100
"""How many the vendor lists at most. There is no second page."""

_OTHER_CLOCK: Micros = 6 * MINUTE
"""How far the vendor's clock may be from ours, when it took the message: it refuses a request that is 5 min off."""


class Status(msgspec.Struct, rename="pascal"):
    """What became of one message."""

    report_status: str | None = None
    serial_no: Any = None
    session_context: str | None = None
    description: str | None = None
    user_receive_time: int | None = None


class Statuses(msgspec.Struct):
    """The list, or why there is none."""

    error: Error | None = msgspec.field(name="Error", default=None)
    found: list[Status] | None = msgspec.field(name="PullSmsSendStatusSet", default=None)


class Answer(msgspec.Struct, rename="pascal"):
    """The whole answer."""

    response: Statuses


def parameters(request: QueryRequest, now: Micros) -> dict[str, str | int]:
    """The question for all messages to the number since ``sent_at``."""
    return {
        "PhoneNumber": request.number,
        "BeginTime": (request.sent_at - _OTHER_CLOCK) // SECOND,
        "EndTime": (now + _OTHER_CLOCK) // SECOND,
        "Offset": 0,
        "Limit": MOST,
    }


Rule = Literal["echo", "serial", "else"]


def find(statuses: Sequence[Status], request: QueryRequest) -> tuple[Status, Rule] | None:
    """The status of our message, and by which rule it is ours. Where two could be, none is."""
    for status in statuses:
        if status.session_context == request.out_id:
            return status, "echo"
    nameless = [status for status in statuses if not status.session_context]
    if request.message_id is not None:
        known = (status for status in nameless if serial(status.serial_no) == request.message_id)
        found = next(known, None)
        return None if found is None else (found, "serial")
    if not request.alone or len(statuses) >= MOST:
        return None
    strange = [s for s in nameless if serial(s.serial_no) not in request.others and _received_after(s, request.sent_at)]
    ids = {serial(status.serial_no) for status in strange}
    return (strange[0], "else") if len(ids) == 1 and None not in ids else None


def _received_after(status: Status, sent_at: Micros) -> bool:
    at = status.user_receive_time
    return at is not None and at * SECOND >= sent_at - _OTHER_CLOCK


def result(status: Status) -> QueryResult:
    """What a status says of its message. That it is there at all means that it was taken."""
    at = None if status.user_receive_time is None else status.user_receive_time * SECOND
    message_id = serial(status.serial_no)
    if status.report_status == "SUCCESS":
        return QueryResult(found="delivered", message_id=message_id, reported_at=at)
    if status.report_status == "FAIL":
        code = _code(status.description)
        return QueryResult(
            found="failed",
            message_id=message_id,
            code=code,
            error_class=ErrorClass.UNKNOWN if code is None else tencent_class(code),
            reported_at=at,
        )
    return QueryResult(found="waiting", message_id=message_id)


def _code(text: str | None) -> str | None:
    try:
        return msgspec.convert(text, Code)
    except msgspec.ValidationError:
        return None

"""Aliyun's ``QuerySendDetails``: what it answers, and where a message is to be looked for in it."""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from schemas.calls import ErrorClass, QueryResult
from schemas.times import MINUTE, Micros, instant, micros
from streams.policy.providers import aliyun_class

PAGE_SIZE = 50
MOST_PAGES = 10
"""How many pages of a day are read: 500 messages to one number."""

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_OTHER_CLOCK: Micros = 16 * MINUTE
"""How far the vendor's clock may be from ours, when it took the message: it refuses a request that is 15 min off."""

_WAITING, _FAILED, _DELIVERED = 1, 2, 3

Code = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9._:-]{0,63}\Z")]


class Detail(msgspec.Struct, rename="pascal"):
    """One message. The vendor gives further fields, the text among them, which nobody here needs."""

    send_status: int
    out_id: str | None = None
    err_code: str | None = None
    send_date: str | None = None
    receive_date: str | None = None


class Details(msgspec.Struct):
    """The list, in the vendor's wrapping."""

    details: list[Detail] = msgspec.field(name="SmsSendDetailDTO")


class Page(msgspec.Struct, rename="pascal"):
    """One page of the messages to a number on a day. The count comes as a string or a number."""

    code: Code
    total_count: Annotated[int, Meta(ge=0)] | Annotated[str, Meta(pattern=r"^[0-9]{1,9}\Z")] | None = None
    details: Details | None = msgspec.field(name="SmsSendDetailDTOs", default=None)

    def find(self, out_id: str) -> Detail | None:
        """The message that carries our id."""
        return next((message for message in self.messages if message.out_id == out_id), None)

    @property
    def messages(self) -> list[Detail]:
        """The messages on the page."""
        return [] if self.details is None else self.details.details

    @property
    def total(self) -> int | None:
        """How many there are on all pages of the day."""
        return None if self.total_count is None else int(self.total_count)


def days(sent_at: Micros) -> list[date]:
    """The days, by the vendor's calendar, on which it may have taken a message that was sent at ``sent_at``."""
    moments = (sent_at, sent_at - _OTHER_CLOCK, sent_at + _OTHER_CLOCK)
    return list(dict.fromkeys(instant(at).astimezone(_SHANGHAI).date() for at in moments))


def result(detail: Detail) -> QueryResult:
    """What a detail says of its message. That it is there at all means that it was taken."""
    sent_at = _moment(detail.send_date)
    if detail.send_status == _DELIVERED:
        return QueryResult(found="delivered", sent_at=sent_at, reported_at=_moment(detail.receive_date))
    if detail.send_status == _FAILED:
        code = _code(detail.err_code)
        return QueryResult(
            found="failed",
            code=code,
            error_class=ErrorClass.UNKNOWN if code is None else aliyun_class(code),
            sent_at=sent_at,
            reported_at=_moment(detail.receive_date),
        )
    return QueryResult(found="waiting", sent_at=sent_at)


def _code(text: str | None) -> str | None:
    try:
        return msgspec.convert(text, Code)
    except msgspec.ValidationError:
        return None


def _moment(text: str | None) -> Micros | None:
    """``2026-01-01 00:00:00``, in Shanghai. What is not so is no time, and nothing worse."""
    try:
        return micros(datetime.strptime(text or "", "%Y-%m-%d %H:%M:%S").replace(tzinfo=_SHANGHAI))
    except ValueError:
        return None

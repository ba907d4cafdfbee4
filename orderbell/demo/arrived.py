"""What arrives on a telephone, whichever vendor brought it."""

import msgspec

from schemas.rules import SmsProvider

_CHINA = "+86"


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    """A message on a telephone. ``number`` has eleven digits, ``sent_at`` is in seconds since the epoch."""

    provider: SmsProvider
    message_id: str
    number: str
    text: str
    sent_at: float


class _Told(msgspec.Struct):
    """What a stand-in says of a message, each with a name of its own for its id."""

    number: str
    text: str
    sent_at: float
    biz_id: str | None = None
    serial_no: str | None = None


def arrived(provider: SmsProvider, line: bytes) -> Arrived:
    """The message of which a stand-in's line tells."""
    told = msgspec.json.decode(line, type=_Told)
    return Arrived(
        provider=provider,
        message_id=told.biz_id or told.serial_no or "",
        number=told.number.removeprefix(_CHINA),
        text=told.text,
        sent_at=told.sent_at,
    )

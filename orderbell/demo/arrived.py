"""What arrives, whichever vendor brought it: a text message, a push, a card, a mail."""

from time import time

import msgspec

from schemas.rules import Provider

_CHINA = "+86"


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    """A message where somebody reads it. ``number`` is a telephone's eleven digits, a device's id, a follower's or
    a mail address; ``sent_at`` is in seconds since the epoch."""

    provider: Provider
    message_id: str
    number: str
    text: str
    sent_at: float


class _Told(msgspec.Struct):
    """What a stand-in says of a message, each with a name of its own for its id."""

    text: str = ""
    number: str = ""
    to: str = ""
    sent_at: float | None = None
    biz_id: str | None = None
    serial_no: str | None = None
    msg_id: str | None = None
    msgid: int | None = None
    message_id: str | None = None
    title: str | None = None
    subject: str | None = None
    plain: str = ""


def arrived(provider: Provider, line: bytes) -> Arrived:
    """The message of which a stand-in's line tells."""
    told = msgspec.json.decode(line, type=_Told)
    return Arrived(
        provider=provider,
        message_id=told.biz_id or told.serial_no or told.msg_id or told.message_id or str(told.msgid or ""),
        number=(told.number or told.to).removeprefix(_CHINA),
        text="\n".join(filter(None, (told.title or told.subject, told.text or told.plain))),
        sent_at=time() if told.sent_at is None else told.sent_at,
    )

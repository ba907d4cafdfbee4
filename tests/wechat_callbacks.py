"""What the WeChat platform pushes, as its documentation shows it."""

from typing import Any

from schemas.times import SECOND
from tests.driver import START

MSGID = "200163836"
OPENID = "oia2TjuEGTNoeX76QEjQNrcURxG8"


def an_event(**fields: Any) -> bytes:
    """The event of a message that arrived; ``None`` leaves a field out."""
    event = {
        "ToUserName": "gh_7f083739789a",
        "FromUserName": OPENID,
        "CreateTime": START // SECOND + 5,
        "MsgType": "event",
        "Event": "TEMPLATESENDJOBFINISH",
        "MsgID": MSGID,
        "Status": "success",
    } | fields
    return xml(**event)


def xml(**fields: Any) -> bytes:
    """A document as the platform writes it: texts in CDATA, numbers bare."""
    lines = "".join(
        f"<{name}>{value if str(value).isdecimal() else f'<![CDATA[{value}]]>'}</{name}>\n"
        for name, value in fields.items()
        if value is not None
    )
    return f"<xml>{lines}</xml>".encode()

"""What the stand-in took for one follower, and how it tells of it."""

from typing import Any

import msgspec

_ACCOUNT = "gh_7f083739789a"


class Message(msgspec.Struct, kw_only=True):
    """One card on its way to one follower, whose id is the ``number``. Times are seconds since the epoch.

    ``err_code`` says why it did not arrive, in the words of the event: ``user block``, ``system failed``.
    """

    msgid: int
    number: str
    template: str
    fields: dict[str, str]
    url: str | None
    client_msg_id: str | None
    text: str
    sent_at: float
    reported_at: float | None = None
    err_code: str = ""

    @property
    def message_id(self) -> str:
        """The vendor's own id."""
        return str(self.msgid)

    def accepted(self) -> dict[str, Any]:
        """The answer to its request."""
        return {"errcode": 0, "errmsg": "ok", "msgid": self.msgid}

    def report(self) -> dict[str, Any]:
        """The event that says what became of it."""
        status = f"failed:{self.err_code}" if self.err_code else "success"
        at = self.reported_at or self.sent_at
        return event(self.number, at, "TEMPLATESENDJOBFINISH", MsgID=self.msgid, Status=status)


def event(follower: str, at: float, name: str, **more: Any) -> dict[str, Any]:
    """An event of the account."""
    return {
        "ToUserName": _ACCOUNT,
        "FromUserName": follower,
        "CreateTime": int(at),
        "MsgType": "event",
        "Event": name,
        **more,
    }

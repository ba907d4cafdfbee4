"""What the stand-in took for one device, and how it tells of it."""

from typing import Any

import msgspec

ARRIVED, TOUCHED, NOT_ARRIVED = 1, 2, 4
"""The kinds of reports, as bits."""


class Message(msgspec.Struct, kw_only=True):
    """One push on its way to one device, whose id is the ``number``. Times are seconds since the epoch.

    A push to several devices is several of these with one ``msg_id``. ``out_id`` is ours, from what reports are to
    bring back (``params``, ``None`` where the push asked for no reports); ``kinds`` are the reports that were asked
    for. ``err_code`` says why it did not arrive.
    """

    msg_id: str
    cid: str | None
    number: str
    title: str
    text: str
    extras: dict[str, Any]
    classification: int
    channels: dict[str, dict[str, Any]]
    params: dict[str, Any] | None
    kinds: int
    sent_at: float
    reported_at: float | None = None
    err_code: str = ""

    @property
    def message_id(self) -> str:
        """The vendor's own id."""
        return self.msg_id

    @property
    def out_id(self) -> str:
        """Our id, where it was sent along."""
        return str((self.params or {}).get("out_id", ""))

    def report(self) -> dict[str, Any]:
        """That it arrived, or did not."""
        return self._report(NOT_ARRIVED if self.err_code else ARRIVED, self.reported_at or self.sent_at)

    def touched(self, at: float) -> dict[str, Any]:
        """That somebody touched it."""
        return self._report(TOUCHED, at)

    def _report(self, kind: int, at: float) -> dict[str, Any]:
        report: dict[str, Any] = {
            "msg_id": self.msg_id,
            "registration_id": self.number,
            "platform": "android",
            "callback_type": kind,
            "channel": 0,
            "sent_time": int(at),
            "notification_state": True,
        }
        if self.err_code and kind == NOT_ARRIVED:
            report["error_code"] = self.err_code
        return report if self.params is None else {**report, "params": self.params}

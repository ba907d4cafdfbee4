"""What JPush pushes of a push, by the names that its receivers read."""

from typing import Any

from schemas.times import SECOND
from tests.callbacks import OURS
from tests.driver import START
from tests.jpush_far_end import DEVICE, MSG_ID

ARRIVED, TOUCHED, NOT_ARRIVED, TAKEN = 1, 2, 4, 8


def a_report(**fields: Any) -> dict[str, Any]:
    """The report of one device that the push arrived at; ``None`` leaves a field out."""
    report = {
        "msg_id": MSG_ID,
        "registration_id": DEVICE,
        "platform": "android",
        "callback_type": ARRIVED,
        "channel": 2,
        "sent_time": START // SECOND + 5,
        "notification_state": True,
        "params": {"out_id": OURS, "devices": "1"},
    }
    return {name: value for name, value in (report | fields).items() if value is not None}

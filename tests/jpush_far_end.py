"""JPush as far as a test says what it answers."""

import json
import ssl
from typing import Any

from schemas.calls import PushOptions, PushRequest
from schemas.times import SECOND
from tests.clock import ManualClock
from tests.far_end import Act, FarEnd, http

DEVICE = "1104a8979278ae64e75"
MSG_ID = "18103083292408631"
KEY, SECRET = "7d431e42dfa6a6d693ac2d04", "5e987ac6d2e04d95a9d8f0d1"


def options(**changed: Any) -> PushOptions:
    """How a push is to reach its devices."""
    fields: dict[str, Any] = {
        "platforms": ("android", "ios"),
        "time_to_live": 3600,
        "channels": {},
        "channel_id": None,
        "open_with": None,
        "category": None,
        "reports": True,
    }
    return PushOptions(**(fields | changed))


def a_push(clock: ManualClock, **changed: Any) -> PushRequest:
    """A push that may go for 5 s."""
    fields: dict[str, Any] = {
        "devices": (DEVICE,),
        "title": "支付失败",
        "body": "订单A-1001因余额不足付款未成功。",
        "shorter": {},
        "order_id": "A-1001",
        "options": options(),
        "out_id": "C1.N1.1",
        "call_by": clock.now() + 5 * SECOND,
    }
    return PushRequest(**(fields | changed))


def body_of(request: bytes) -> Any:
    """What stands in a request, read."""
    return json.loads(request.partition(b"\r\n\r\n")[2])


def cids(first: int, count: int) -> bytes:
    """The answer to whoever asks for so many ids."""
    return json.dumps({"cidlist": [f"{KEY}-{number:08x}" for number in range(first, first + count)]}).encode()


def said(code: int, message: str = "某个原因", **more: Any) -> bytes:
    """The vendor's no."""
    return json.dumps({**more, "error": {"code": code, "message": message}}).encode()


class JPushEnd(FarEnd):
    """Answers those who ask for ids aside, each time with ``few`` new ones; with each of ``instead`` first."""

    def __init__(
        self, *acts: Act, tls: ssl.SSLContext | None = None, few: int = 100, instead: tuple[Act, ...] = ()
    ) -> None:
        super().__init__(*acts, tls=tls)
        self._few = few
        self._instead = list(instead)
        self.asked: list[bytes] = []

    def aside(self, request: bytes) -> Act | None:
        """Ids, if that is what is asked for."""
        if not request.startswith(b"GET /v3/push/cid"):
            return None
        self.asked.append(request)
        if self._instead:
            return self._instead.pop(0)
        return Act(http(cids(len(self.asked) * self._few, self._few)))

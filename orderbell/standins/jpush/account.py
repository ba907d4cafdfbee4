"""One app at the vendor's: lets requests in by key and secret, gives out ids, takes pushes, each id's once a day."""

import hmac
import itertools
import re
import time
from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs
from uuid import uuid4

import msgspec

from orderbell.standins.account import Answer, Request
from orderbell.standins.jpush.asked import WRONG, Push, push
from orderbell.standins.jpush.messages import Message

PUSH, CID = "/v3/push", "/v3/push/cid"
_METHODS = {PUSH: "POST", CID: "GET"}
_MOST_IDS = 1_000
_DAY_SECONDS = 24 * 3600
_ALL_KINDS = 15
_STATUSES = {1001: 405, 1004: 401, 2002: 429}
_WORDS = {
    1001: "Only support HTTP Post method",
    1002: "Missing parameter",
    1003: "Parameter value is invalid",
    1004: "Authen failed",
    1005: "Data is too big",
    1009: "Unsupported key in push object",
    1011: "cannot find user by this audience or has been inactive for more than 255 days",
}
_OK = "OK"
_COUNT = re.compile(r"[0-9]{1,4}")


class _Done(NamedTuple):
    at: float
    answer: Answer


class Account:
    """``messages`` are those it took, one for each device; ``refused`` the codes of its noes, both in order.

    ``secrets`` are those of apps, by their keys. Devices are there unless they are in ``gone``. ``now`` is the vendor's
    clock, in seconds. ``on_message`` hears of each message as it is taken.
    """

    def __init__(
        self,
        secrets: Mapping[str, str],
        *,
        now: Callable[[], float] = time.time,
        on_message: Callable[[Message], None] = lambda _message: None,
    ) -> None:
        self._secrets = secrets
        self._now = now
        self._on_message = on_message
        self._counter = itertools.count(1)
        self._issued: dict[str, float] = {}
        self._done: dict[str, _Done] = {}
        self.gone: set[str] = set()
        self.messages: list[Message] = []
        self.refused: list[str] = []

    def refuse(self, request: Request) -> Answer | None:
        """The front's no, or ``None``."""
        if request.action not in _METHODS:
            return Answer(404, "404", b"<html>404</html>")
        if self._app(request) is None:
            return self._error(1004)
        return None if request.method == _METHODS[request.action] else self._error(1001)

    def do(self, request: Request) -> Answer:
        """Does what is asked. Only for what was not refused."""
        if request.action == CID:
            return self._give_ids(request)
        asked = push(request.body)
        return self._error(asked) if isinstance(asked, int) else self._push(asked)

    def conclude(self, message: Message, err_code: str = "") -> None:
        """The push arrived at its device, or it did not and that is why."""
        message.err_code = err_code
        message.reported_at = self._now()

    def touched(self, number: str) -> dict[str, Any]:
        """Somebody touches the last push to the device: what is pushed of it."""
        last = next(message for message in reversed(self.messages) if message.number == number)
        return last.touched(self._now())

    def _app(self, request: Request) -> str | None:
        """The key of whoever asks, by ``Authorization: Basic base64(key:secret)``."""
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            key, colon, secret = b64decode(encoded, validate=True).decode().partition(":")
        except (Error, UnicodeDecodeError):
            return None
        expected = self._secrets.get(key)
        known = expected is not None and hmac.compare_digest(secret.encode(), expected.encode())
        return key if scheme == "Basic" and colon and known else None

    def _give_ids(self, request: Request) -> Answer:
        query = parse_qs(request.target.partition("?")[2], keep_blank_values=True)
        written = query.get("count", ["1"])[-1]
        if not _COUNT.fullmatch(written) or not 1 <= int(written) <= _MOST_IDS:
            return self._error(WRONG)
        app = self._app(request)
        ids = [f"{app}-{uuid4()}" for _ in range(int(written))]
        self._issued.update(dict.fromkeys(ids, self._now()))
        return Answer(200, _OK, msgspec.json.encode({"cidlist": ids}))

    def _push(self, asked: Push) -> Answer:
        """Of those with one id the first that is taken goes, and what it was answered the others are answered too."""
        if asked.cid is not None:
            done = self._done.get(asked.cid)
            if done is not None and self._now() < done.at + _DAY_SECONDS:
                return done.answer
            issued = self._issued.get(asked.cid)
            if issued is None or self._now() >= issued + _DAY_SECONDS:
                return self._error(WRONG)
        msg_id = f"{18_103_083_000_000_000 + next(self._counter)}"
        devices = [device for device in dict.fromkeys(asked.audience.registration_id) if device not in self.gone]
        if not devices:
            return self._error(1011, msg_id=int(msg_id))
        for device in devices:
            self._take(asked, msg_id, device)
        answer = Answer(200, _OK, msgspec.json.encode({"sendno": str(asked.options.sendno), "msg_id": msg_id}))
        if asked.cid is not None:
            self._done[asked.cid] = _Done(self._now(), answer)
        return answer

    def _take(self, asked: Push, msg_id: str, device: str) -> None:
        title, body, extras = asked.seen()
        callback = asked.callback
        message = Message(
            msg_id=msg_id,
            cid=asked.cid,
            number=device,
            title=title,
            text=body,
            extras=extras,
            classification=asked.options.classification,
            channels=asked.options.third_party_channel,
            params=None if callback is None else callback.params,
            kinds=_ALL_KINDS if callback is None or callback.type is None else callback.type,
            sent_at=self._now(),
        )
        self.messages.append(message)
        self._on_message(message)

    def _error(self, code: int, **more: Any) -> Answer:
        self.refused.append(str(code))
        said = {**more, "error": {"code": code, "message": _WORDS[code]}}
        return Answer(_STATUSES.get(code, 400), str(code), msgspec.json.encode(said))

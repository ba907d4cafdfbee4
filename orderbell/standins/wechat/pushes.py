"""How the platform tells the account's server of events: one at a time, as XML, signed with the account's Token."""

import hashlib
import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from orderbell.standins.pushes import Path, Pushes


class WechatPushes(Pushes):
    """``token`` is the account's; without one it is the last part of the callback's path.

    What is not answered within 5 s comes again, three times in all.
    """

    usual = (5, 10)
    headers: Mapping[str, str] = {"Content-Type": "text/xml"}

    def __init__(
        self,
        callback: str | None,
        again: Sequence[float] | None = None,
        answer_within: float = 5,
        *,
        token: str | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(callback, again, answer_within)
        self._token = (callback or "").rpartition("/")[2] if token is None else token
        self._now = now
        self._nonces = itertools.count(486_452_656)

    def address(self, _path: Path) -> str:
        """There is one address for all, and a signature in each query."""
        return f"{self.callback}?{urlencode(self.signature())}"

    def signature(self) -> dict[str, str]:
        """What shows that a request is the platform's."""
        timestamp, nonce = str(int(self._now())), str(next(self._nonces))
        signed = hashlib.sha1("".join(sorted((self._token, timestamp, nonce))).encode(), usedforsecurity=False)
        return {"signature": signed.hexdigest(), "timestamp": timestamp, "nonce": nonce}

    def bodies(self, _path: Path, elements: Sequence[dict[str, Any]]) -> list[Any]:
        """Each event by itself."""
        return list(elements)

    def written(self, body: Any) -> bytes:
        """As the platform writes it: texts in CDATA, numbers bare."""
        lines = (f"<{name}>{_value(value)}</{name}>\n" for name, value in body.items())
        return f"<xml>\n{''.join(lines)}</xml>".encode()

    def taken(self, answer: bytes) -> bool:
        """An empty answer will do as well."""
        return answer in (b"success", b"")


def _value(value: object) -> str:
    return str(value) if isinstance(value, int) else f"<![CDATA[{value}]]>"

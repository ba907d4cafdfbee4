"""A call of Tencent's SMS service, version 2021-01-11 (vendor documentation): parameters and answers are JSON."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from yarl import URL

from agents.gateways.http import Poster, Reply
from agents.gateways.tencent_signature import CONTENT_TYPE, authorization, timestamp
from schemas.times import Micros
from streams.clock import Clock
from streams.settings import Tencent

_REGION = "ap-guangzhou"
"""Where the service is asked. All regions know the same accounts, and each call must name one."""

_SERIAL = re.compile(r"[!-~]{1,64}").fullmatch

Code = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9._:-]{0,99}\Z")]
"""A code of the vendor's: its longest has 66 characters, and never is one free text."""


class Error(msgspec.Struct, rename="pascal"):
    """Why the vendor did nothing of what was asked."""

    code: Code


def serial(value: object) -> str | None:
    """The vendor's id of a message (``SerialNo``), where that is one."""
    return value if isinstance(value, str) and _SERIAL(value) else None


class TencentApi:
    """Signs calls and makes them."""

    def __init__(self, settings: Tencent, http: Poster, clock: Clock) -> None:
        self._id = settings.secret_id
        self._key = settings.secret_key
        self._app = settings.sdk_app_id
        self._url = URL(settings.endpoint)
        self._http = http
        self._clock = clock

    async def call(
        self,
        action: str,
        parameters: Mapping[str, Any],
        call_by: Micros,
        hindrance: Callable[[], str | None] = lambda: None,
    ) -> Reply:
        """Makes one call. Raises what ``Poster.post`` raises."""
        body = msgspec.json.encode({**parameters, "SmsSdkAppId": self._app})
        now = self._clock.now()
        host = self._url.host_port_subcomponent or ""
        headers = {
            "Host": host,
            "Content-Type": CONTENT_TYPE,
            "X-TC-Action": action,
            "X-TC-Version": "2021-01-11",
            "X-TC-Timestamp": timestamp(now),
            "X-TC-Region": _REGION,
            "Authorization": authorization(self._id, self._key, now, host, self._url.raw_path, body),
        }
        return await self._http.post(self._url, headers, body, call_by=call_by, hindrance=hindrance)

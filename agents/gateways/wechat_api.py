"""A call of the WeChat platform (vendor documentation): JSON there and back, the vendor's own word with HTTP 200."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from yarl import URL

from agents.gateways.http import Client, Reply
from schemas.times import Micros

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What is raised where an answer is none of the vendor's."""

ErrCode = Annotated[int, Meta(ge=-999_999_999, le=999_999_999)]
"""A code of the vendor's; 0 is a yes."""

_HEADERS = {"Content-Type": "application/json"}


class WechatApi:
    """Makes calls. An address with a token in it is nowhere kept or shown."""

    def __init__(self, endpoint: str, http: Client) -> None:
        self._endpoint = URL(endpoint)
        self._http = http

    async def call(
        self,
        path: str,
        body: Mapping[str, Any],
        call_by: Micros,
        answer_by: Micros,
        *,
        token: str | None = None,
        hindrance: Callable[[], str | None] = lambda: None,
    ) -> Reply:
        """Makes one call. Raises what ``Client.post`` raises."""
        url = self._endpoint.joinpath(*path.split("/"))
        if token is not None:
            url = url.with_query(access_token=token)
        # Characters as they are: the vendor takes no \u escapes (40033), and this writes none.
        raw = msgspec.json.encode(body)
        return await self._http.post(url, _HEADERS, raw, call_by=call_by, answer_by=answer_by, hindrance=hindrance)


def nonsense(reply: Reply) -> str:
    """The word for an answer that is none of the vendor's."""
    return "nonsense" if reply.status == 200 else f"http_{reply.status}"

"""Answers that are not the account's: a no of the vendor's front, pages of machines on the way, nonsense."""

from random import Random

import msgspec

from agents.gateways.http import Reply
from orderbell.standins.account import Answer

_PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr>nginx</body></html>"
_PAGES = (
    (500, "500 Internal Server Error"),
    (502, "502 Bad Gateway"),
    (502, "502 Bad Gateway"),
    (503, "503 Service Temporarily Unavailable"),
    (504, "504 Gateway Time-out"),
)
_NONSENSE = (
    Reply(200, b""),
    Reply(200, b"null"),
    Reply(200, b"[]"),
    Reply(200, b"OK"),
    Reply(200, b"\xff\xfe{}"),
    Reply(200, b"[" * 5_000),
    Reply(200, b'{"Code":"OK"}'),
    Reply(200, b'{"Code":"OK","BizId":"","TotalCount":"1"}'),
    Reply(200, b'{"Code":1,"BizId":"900619746936498440^0"}'),
    Reply(200, '{"Code":"系统繁忙"}'.encode()),
    Reply(200, b'{"Code":"isp.SYSTEM_ERROR","BizId":"900619746936498440^0"}'),
    Reply(200, _PAGE.format("Welcome").encode()),
    Reply(400, b'{"Code":"SignatureNonceUsed"}'),  # a proxy repeated the request, and this is the second answer
    Reply(403, _PAGE.format("403 Forbidden").encode()),
    Reply(500, b'{"Code":"InternalError"}'),
    Reply(503, b'{"Code":"ServiceUnavailable"}'),
)


def no(status: int, code: str) -> Answer:
    """The vendor's own no."""
    body = {"Code": code, "Message": code, "RequestId": "00000000-0000-0000-0000-000000000000"}
    return Answer(status, code, msgspec.json.encode(body))


def page(random: Random) -> Reply:
    """Tells nothing of what became of a request."""
    status, title = random.choice(_PAGES)
    return Reply(status, _PAGE.format(title).encode())


def nonsense(random: Random, answer: Answer | None) -> Reply:
    """No answer that can be read; at times the beginning of the right one."""
    if answer is not None and random.random() < 0.5:
        return Reply(answer.status, answer.body[: random.randrange(len(answer.body))])
    return random.choice(_NONSENSE)

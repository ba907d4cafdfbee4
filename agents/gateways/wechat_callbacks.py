"""What the WeChat platform pushes to an official account's server, in XML.

All that happens to the account comes by one path: what became of template messages (the event TEMPLATESENDJOBFINISH),
but also what followers write and touch, which is none of our business and answered all the same; the platform tells a
follower that the shop is out of order where it is not. It waits 5 s and tries three times (vendor documentation).

The account's ``Token`` is the one in our path, so each request is signed with it. The body is not: what is signed is
the moment and a number. An account in the encrypted mode sends nothing that could be read without its further key;
that is refused, so that the platform's console shows it at once.
"""

import hashlib
import re
from collections.abc import Mapping
from hmac import compare_digest

from agents.gateways import flat_xml
from agents.gateways.packing import Packing
from agents.gateways.pushed import Fields, Format, Push, Report, echoed, text
from schemas.times import SECOND, Micros
from streams.errors import Invalid
from streams.policy.wechat_errors import wechat_class

PROVIDER = "wechat"
_FINISHED = "TEMPLATESENDJOBFINISH"
_FAILED = re.compile(r"failed: *([a-z]+(?: [a-z]+){0,4})").fullmatch
_MESSAGE_ID = re.compile(r"[1-9][0-9]{0,31}").fullmatch
_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}").fullmatch
_SECONDS = re.compile(r"[0-9]{1,11}").fullmatch


def report(element: bytes) -> Report | None:
    """Reads what became of a message; ``None`` for whatever else is told. Raises ``Invalid``."""
    read = _fields(element)
    if text(read, "Event") != _FINISHED:
        return None
    delivered, code = _status(read)
    return Report(
        provider=PROVIDER,
        number=None,
        delivered=delivered,
        code=code,
        error_class=None if delivered or code is None else wechat_class(code),
        message_id=_message_id(read),
        owner=None,
        sent_at=None,
        reported_at=_seconds(read),
    )


def signed(query: Mapping[str, str], token: str) -> bool:
    """Whether what is signed is signed with the token; so is a request without a signature, which proves nothing."""
    said = query.get("signature")
    if said is None:
        return True
    parts = sorted((token, query.get("timestamp", ""), query.get("nonce", "")))
    # What the vendor signs with; nothing hangs on it that the path does not keep.
    ours = hashlib.sha1("".join(parts).encode(errors="surrogateescape"), usedforsecurity=False).hexdigest()
    return compare_digest(said.lower().encode(errors="surrogateescape"), ours.encode())


def fits(token: str) -> bool:
    """Whether the platform would take the token of our paths as the account's."""
    return _TOKEN(token) is not None


def _apart(body: bytes) -> list[bytes]:
    """The body, which is itself the only element, if it can be read at all."""
    if text(_fields(body), "MsgType") is None:
        raise Invalid("missing_field", "MsgType; of an account in the encrypted mode nothing can be read")
    return [body]


def _fields(element: bytes) -> Fields:
    return dict(flat_xml.fields(element, "xml"))


def _status(read: Fields) -> tuple[bool, str | None]:
    """Whether it arrived, else why not in the vendor's words: ``user_block`` and so on."""
    status = " ".join((text(read, "Status") or "").lower().split())
    if not status:
        raise Invalid("missing_field", "Status")
    if status == "success":
        return True, None
    if not status.startswith("failed"):
        raise Invalid("bad_value", "Status: expected success, or failed with a reason")
    why = _FAILED(status)
    return False, None if why is None else why[1].replace(" ", "_")


def _message_id(read: Fields) -> str:
    """The vendor's id of the message. One of 0 would join all messages that have it.

    In the vendor's documents, and in all events that were found in public, it is ``MsgID``, and never 0. Libraries say
    0 that look for ``MsgId``, as what followers write has it (JeffreySu/WeiXinMPSDK#2605, wechatpy/wechatpy#62); that
    is read as well, lest the vendor ever writes it so.
    """
    written = text(read, "MsgID") or text(read, "MsgId")
    if written is None or written.strip("0 ") == "":
        raise Invalid("missing_field", "MsgID")
    if not _MESSAGE_ID(written.strip()):
        raise Invalid("bad_value", "MsgID: expected a number")
    return written.strip()


def _seconds(read: Fields) -> Micros | None:
    written = (text(read, "CreateTime") or "").strip()
    return int(written) * SECOND if _SECONDS(written) else None


FORMAT = Format(
    provider=PROVIDER,
    pushes={"receipt": Push("", Packing(_apart, json=False))},
    taken=b"success",
    report=report,
    checked=echoed,
    signed=signed,
    media="text/plain",
)

"""What the mail stand-in took, and what it refuses to take."""

import re
import unicodedata
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import msgspec

_LONGEST_LINE = 998  # RFC 5322, 2.1.1, without its end
_ONCE = ("Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted")
_BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")
_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>")


class Mail(msgspec.Struct, kw_only=True, frozen=True):
    """One mail in one mailbox, as a reader shows it. ``sender`` and ``to`` are the envelope's."""

    sender: str
    to: str
    message_id: str
    header_from: str
    header_to: str
    subject: str
    date: str
    plain: str
    html: str


def complaint(raw: bytes) -> str | None:
    """What a strict server has against a mail, as its reply; ``None`` for a good one."""
    if _BARE.search(raw):
        return "554 5.6.0 bare line ends"
    if any(byte > 0x7E for byte in raw):
        return "554 5.6.0 eight bits without having asked"
    if max(map(len, raw.split(b"\r\n"))) > _LONGEST_LINE:
        return "554 5.6.0 line too long"
    message = _parsed(raw)
    if message.defects or any(part.defects for part in message.walk()):
        return "554 5.6.0 malformed"
    for name, shown in message.items():
        if any(unicodedata.category(character) == "Cc" for character in str(shown)):
            return f"554 5.6.0 {name}: control characters"
    for name in _ONCE:
        if len(message.get_all(name, [])) != 1:
            return f"554 5.6.0 {name}: expected once"
    if not _ID.fullmatch(str(message["Message-ID"]).strip()):
        return "554 5.6.0 Message-ID: malformed"
    if message.get_content_type() != "multipart/alternative":
        return "554 5.6.0 expected two forms of one text"
    kinds = [part.get_content_type() for part in message.iter_parts()]
    # The last is the one that readers show where they can (RFC 2046, 5.1.4).
    return None if kinds == ["text/plain", "text/html"] else "554 5.6.0 expected text, then HTML"


def taken(sender: str, to: str, raw: bytes) -> Mail:
    """A mail of which there is no complaint."""
    message = _parsed(raw)
    plain, html = (str(part.get_content()).replace("\r\n", "\n") for part in message.iter_parts())
    return Mail(
        sender=sender,
        to=to,
        message_id=str(message["Message-ID"]).strip().strip("<>"),
        header_from=str(message["From"]),
        header_to=str(message["To"]),
        subject=str(message["Subject"]),
        date=str(message["Date"]),
        plain=plain,
        html=html,
    )


def _parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=default)

"""A mail as it travels (RFC 5322): all of it ASCII in short lines, so that no server has anything to rewrite.

None of its lines begins with a full stop, so that there is none to double (RFC 5321, 4.5.2).
"""

import re
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime

from schemas.calls import MailRequest
from schemas.times import Micros, instant
from streams.mail_settings import Sender

_MAILBOX = re.compile(r"([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64})@([^\s\x00-\x20\x7f\"(),:;<>@\[\\\]]{1,255})")
_NO_ATOM = re.compile(r"[^A-Za-z0-9_.-]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LINE_END = re.compile(r"\r\n?|\n")
_BOUNDARY = "=_orderbell"  # never found in base64
_LONGEST_LINE = 998  # RFC 5322, 2.1.1: an id is not to be folded, and words are short already
_WIRE = compat32.clone(linesep="\r\n", cte_type="7bit", max_line_length=_LONGEST_LINE)


def mailbox(text: str) -> str | None:
    """The address as a server is given it; ``None`` where ``text`` is none.

    A domain in another script becomes its ASCII form. A name in another script would need SMTPUTF8, which few servers
    have, so such an address counts as none.
    """
    found = _MAILBOX.fullmatch(text)
    if found is None:
        return None
    try:
        return f"{found[1]}@{found[2].encode('idna').decode('ascii')}"
    except UnicodeError:
        return None


def message_id(out_id: str, sender: Sender) -> str:
    """The id of the mail for an attempt, without its brackets: the same for the same attempt, and nobody else's."""
    return f"{_NO_ATOM.sub('-', out_id)}@{sender.domain}"


def written(request: MailRequest, to: str, sender: Sender, now: Micros) -> bytes:
    """The mail to the address ``to``, its lines ended by CRLF.

    ``Auto-Submitted`` (RFC 3834) and what Exchange knows in its place keep holiday notes and other machines from
    answering it. Nothing in it tells anybody that it was read.
    """
    message = MIMEMultipart("alternative", _BOUNDARY)
    message["Message-ID"] = f"<{message_id(request.out_id, sender)}>"
    message["Date"] = format_datetime(instant(now))
    message["From"] = f"{_words(sender.name, 'From')} <{sender.address}>" if sender.name else sender.address
    message["To"] = to
    message["Subject"] = _words(request.subject, "Subject")
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = "zh-CN"
    message.attach(MIMEText(_body(request.plain), "plain", "utf-8"))
    message.attach(MIMEText(_body(request.html), "html", "utf-8"))
    return message.as_bytes(policy=_WIRE)


def _words(text: str, name: str) -> str:
    """A header's value, in encoded words (RFC 2047); what would end the header and begin another is left out."""
    return Header(_CONTROLS.sub(" ", _encodable(text)).strip(), "utf-8", header_name=name).encode()


def _body(text: str) -> str:
    return _LINE_END.sub("\r\n", _encodable(text))


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")

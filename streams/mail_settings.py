"""How the mail server and the sender's address are written in the settings.

What is wrong is said without what was written: the address of a mail server holds its password.
"""

import re
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import msgspec

Tls = Literal["implicit", "required", "if-offered", "never"]

_FORM = "expected smtp://USER:PASSWORD@HOST:PORT or smtps://.., special characters of the password as %XX"
_SUBMISSION, _SUBMISSIONS = 587, 465  # RFC 6409, RFC 8314

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,188}[A-Za-z0-9])?")
_NAMED = re.compile(r'(?:"(?P<quoted>[^"<>\\]*)"|(?P<name>[^"<>\\]*?))\s*<(?P<address>[^<>]*)>')


class MailServer(msgspec.Struct, frozen=True):
    """Where mails are handed in, and as whom; without ``user`` nobody logs in.

    ``implicit``: TLS from the first byte. Else STARTTLS is ``required``, taken ``if-offered``, or ``never`` asked for.
    """

    host: str
    port: int
    tls: Tls
    user: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"MailServer({self.host!r}, {self.port}, {self.tls!r})"


class Sender(msgspec.Struct, frozen=True):
    """From whom mails come: a name that may be empty, and an address."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]


def mail_server(text: str) -> MailServer:
    """Reads ``smtp://``, ``smtps://``. Raises ``ValueError``, whose text repeats nothing of ``text``.

    With a user STARTTLS is required unless ``?starttls=`` says otherwise, so that no password goes in the clear by
    accident; without one it is taken if it is offered.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # its words hold what stands where the port should, which may be half of a password
        raise ValueError(_FORM) from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/") or parts.fragment:
        raise ValueError(_FORM)
    if bool(parts.username) != bool(parts.password):
        raise ValueError("expected a user and a password, or neither")
    implicit = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=port or (_SUBMISSIONS if implicit else _SUBMISSION),
        tls=_tls(parts, implicit=implicit),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def sender(text: str) -> Sender:
    """Reads ``a@b.cn`` or ``NAME <a@b.cn>``. Raises ``ValueError``."""
    named = _NAMED.fullmatch(text)
    name, address = ((named["quoted"] or named["name"] or "").strip(), named["address"]) if named else ("", text)
    if not _ADDRESS.fullmatch(address) or (name and not name.isprintable()):
        raise ValueError("expected ADDRESS or NAME <ADDRESS>, like 某商城 <service@shop.example>")
    return Sender(name, address)


def _tls(parts: SplitResult, *, implicit: bool) -> Tls:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    starttls = options.pop("starttls", None)
    if options:
        raise ValueError("expected no option but starttls")
    if implicit:
        if starttls is not None:
            raise ValueError("smtps:// has TLS from the first byte, so there is no starttls")
        return "implicit"
    match starttls:
        case None:
            return "required" if parts.username else "if-offered"
        case "required" | "if-offered" | "never":
            return starttls
        case _:
            raise ValueError("expected starttls=required, if-offered or never")

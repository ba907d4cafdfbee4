"""Aliyun's request signature, ACS3-HMAC-SHA256 (vendor documentation; held to the vendor's own code by a test)."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote

from streams.settings import Secret

_ALGORITHM = "ACS3-HMAC-SHA256"


def canonical_query(parameters: Mapping[str, str]) -> str:
    """The query as it must be signed and sent: sorted by name, all but RFC 3986's unreserved characters escaped."""
    return "&".join(f"{_escape(name)}={_escape(value)}" for name, value in sorted(parameters.items()))


def authorization(
    key_id: Secret, secret: Secret, path: str, query: str, headers: Mapping[str, str], body: bytes = b""
) -> str:
    """The header ``Authorization`` of a POST to ``path`` with the canonical ``query``.

    Every one of ``headers`` is signed; their names are in lower case, and ``x-acs-content-sha256`` is among them.
    """
    names = sorted(headers)
    signed = ";".join(names)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    canonical = f"POST\n{path}\n{query}\n{lines}\n{signed}\n{sha256_hex(body)}"
    text = f"{_ALGORITHM}\n{sha256_hex(canonical.encode())}"
    signature = hmac.digest(secret.encode(), text.encode(), "sha256").hex()
    return f"{_ALGORITHM} Credential={key_id},SignedHeaders={signed},Signature={signature}"


def sha256_hex(content: bytes) -> str:
    """The hash as the signature has it."""
    return hashlib.sha256(content).hexdigest()


def _escape(text: str) -> str:
    return quote(text, safe="~")

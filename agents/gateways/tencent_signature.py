"""Tencent's request signature, TC3-HMAC-SHA256 (vendor documentation; held to the vendor's own code by a test)."""

import hashlib
import hmac

from schemas.times import SECOND, Micros, instant
from streams.settings import Secret

CONTENT_TYPE = "application/json"
SERVICE = "sms"

_ALGORITHM = "TC3-HMAC-SHA256"
_SIGNED = "content-type;host"


def authorization(secret_id: Secret, secret_key: Secret, at: Micros, host: str, path: str, body: bytes) -> str:
    """The header ``Authorization`` of a POST of ``body``, which is JSON.

    ``at`` is the moment that ``X-TC-Timestamp`` gives in seconds. The key is of one day, by UTC.
    """
    day = f"{instant(at):%Y-%m-%d}"
    scope = f"{day}/{SERVICE}/tc3_request"
    headers = f"content-type:{CONTENT_TYPE}\nhost:{host}\n"
    canonical = f"POST\n{path}\n\n{headers}\n{_SIGNED}\n{hashlib.sha256(body).hexdigest()}"
    text = f"{_ALGORITHM}\n{timestamp(at)}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"TC3{secret_key}".encode()
    for part in (day, SERVICE, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    return f"{_ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={_SIGNED}, Signature={signature}"


def timestamp(at: Micros) -> str:
    """``X-TC-Timestamp``: whole seconds since the epoch."""
    return str(at // SECOND)

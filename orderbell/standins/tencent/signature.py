"""Checks TC3-HMAC-SHA256 by the bytes that came (vendor documentation), with nothing of the signer's code.

The vendor keeps no nonces: what was signed may come as often as it likes for five minutes.
"""

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=(?P<id>[^/\s]+)/(?P<scope>(?P<day>\d{4}-\d\d-\d\d)/sms/tc3_request)"
    r", ?SignedHeaders=(?P<names>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)
_NEEDED = ("x-tc-action", "x-tc-version", "x-tc-timestamp", "x-tc-region")
_SKEW_SECONDS = 5 * 60


class Signatures:
    """Knows the secret keys, by their ids."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = secrets

    def refuse(self, method: str, target: str, headers: Mapping[str, str], body: bytes, now: float) -> str | None:
        """The code for why the request is not let in, or ``None``. The names of headers are in lower case."""
        if any(not headers.get(name) for name in _NEEDED):
            return "MissingParameter"
        said = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if said is None:
            return "AuthFailure.InvalidAuthorization"
        names = said["names"].split(";")
        if names != sorted(names) or not {"content-type", "host"} <= set(names) <= set(headers):
            return "AuthFailure.InvalidAuthorization"
        secret = self._secrets.get(said["id"])
        if secret is None:
            return "AuthFailure.SecretIdNotFound"
        stamp = headers["x-tc-timestamp"]
        if not stamp.isdecimal() or abs(int(stamp) - now) > _SKEW_SECONDS:
            return "AuthFailure.SignatureExpire"
        if f"{datetime.fromtimestamp(int(stamp), UTC):%Y-%m-%d}" != said["day"]:
            return "AuthFailure.SignatureFailure"
        canonical = _canonical(method, target, [(name, headers[name]) for name in names], body)
        lines = ["TC3-HMAC-SHA256", stamp, said["scope"], sha256(canonical).hexdigest()]
        expected = hmac.new(_key(secret, said["day"]), "\n".join(lines).encode(), sha256).hexdigest()
        return None if hmac.compare_digest(expected, said["signature"]) else "AuthFailure.SignatureFailure"


def _canonical(method: str, target: str, headers: list[tuple[str, str]], body: bytes) -> bytes:
    path, _, query = target.partition("?")
    lines = [
        method,
        path,
        query,
        *(f"{name}:{value.strip().lower()}" for name, value in headers),
        "",
        ";".join(name for name, _ in headers),
        sha256(body).hexdigest(),
    ]
    return "\n".join(lines).encode()


def _key(secret: str, day: str) -> bytes:
    key = ("TC3" + secret).encode()
    for step in (day, "sms", "tc3_request"):
        key = hmac.new(key, step.encode(), sha256).digest()
    return key

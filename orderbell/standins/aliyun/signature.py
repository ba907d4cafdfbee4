"""Checks ACS3-HMAC-SHA256 by the bytes that came (vendor documentation), with nothing of the signer's code."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, unquote_plus

_AUTHORIZATION = re.compile(
    r"ACS3-HMAC-SHA256 Credential=(?P<key_id>[^,]+),SignedHeaders=(?P<names>[^,]+)"
    r",Signature=(?P<signature>[0-9a-f]{64})"
)
_TO_BE_SIGNED = (
    "host",
    "x-acs-action",
    "x-acs-content-sha256",
    "x-acs-date",
    "x-acs-signature-nonce",
    "x-acs-version",
)
_SKEW_SECONDS = 15 * 60


class Refusal(NamedTuple):
    """The front's no."""

    status: int
    code: str


class Signatures:
    """Knows the secrets, by the key's id, and the nonces that were used."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = secrets
        self._nonces: dict[str, float] = {}  # by when they came

    def refuse(self, method: str, target: str, headers: Mapping[str, str], body: bytes, now: float) -> Refusal | None:
        """Why the request is not let in, or ``None``. ``headers`` have names in lower case; ``now`` is in seconds."""
        authorization = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if authorization is None:
            return Refusal(400, "IncompleteSignature")
        names = authorization["names"].split(";")
        if names != sorted(names) or not set(_TO_BE_SIGNED) <= set(names) <= set(headers):
            return Refusal(400, "IncompleteSignature")
        if body and "content-type" not in names:
            return Refusal(400, "IncompleteSignature")
        secret = self._secrets.get(authorization["key_id"])
        if secret is None:
            return Refusal(404, "InvalidAccessKeyId.NotFound")
        if headers["x-acs-content-sha256"] != hashlib.sha256(body).hexdigest():
            return Refusal(400, "SignatureDoesNotMatch")
        expected = _signature(secret, method, target, [(name, headers[name]) for name in names], body)
        if not hmac.compare_digest(expected, authorization["signature"]):
            return Refusal(400, "SignatureDoesNotMatch")
        sent_at = _seconds(headers["x-acs-date"])
        if sent_at is None or abs(sent_at - now) > _SKEW_SECONDS:
            return Refusal(400, "InvalidTimeStamp.Expired")
        return self._use(headers["x-acs-signature-nonce"], now)

    def _use(self, nonce: str, now: float) -> Refusal | None:
        while self._nonces and self._nonces[oldest := next(iter(self._nonces))] < now - 2 * _SKEW_SECONDS:
            del self._nonces[oldest]
        if nonce in self._nonces:
            return Refusal(400, "SignatureNonceUsed")
        self._nonces[nonce] = now
        return None


def parameters(target: str) -> dict[str, str] | None:
    """The query of a request's target, decoded; ``None`` where it can't be."""
    pairs = (pair.partition("=") for pair in target.partition("?")[2].split("&") if pair)
    try:
        return {_decoded(name): _decoded(value) for name, _, value in pairs}
    except UnicodeDecodeError:
        return None


def _decoded(text: str) -> str:
    return unquote_plus(text, errors="strict")


def _signature(secret: str, method: str, target: str, headers: list[tuple[str, str]], body: bytes) -> str:
    query = sorted((parameters(target) or {}).items())
    lines = [
        method,
        target.partition("?")[0],
        "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query),
        *(f"{name}:{value.strip()}" for name, value in headers),
        "",
        ";".join(name for name, _ in headers),
        hashlib.sha256(body).hexdigest(),
    ]
    hashed = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return hmac.digest(secret.encode(), f"ACS3-HMAC-SHA256\n{hashed}".encode(), "sha256").hex()


def _seconds(text: str) -> float | None:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None

"""Held to the signature of the vendor's own SDK."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from tencentcloud.common.abstract_client import AbstractClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.http.request import RequestInternal

from agents.gateways.tencent_signature import authorization, timestamp
from schemas.times import SECOND, micros
from streams.settings import Secret

VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)
HOSTS = st.sampled_from(["sms.tencentcloudapi.com", "127.0.0.1:8080", "[::1]:8080"])
MOMENTS = st.integers(0, micros(datetime(2099, 1, 1, tzinfo=UTC)))


def _theirs(secret_id: str, secret_key: str, at: int, host: str, path: str, body: bytes) -> str:
    seconds = at // SECOND
    client = AbstractClient(Credential(secret_id, secret_key), "ap-guangzhou")
    request = RequestInternal(host, "POST", path)
    request.data = body
    request.header = {"Content-Type": "application/json", "Host": host, "X-TC-Timestamp": str(seconds)}
    day = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
    signature = client._get_tc3_signature({}, request, day, "sms", secret_key)
    scope = f"{secret_id}/{day}/sms/tc3_request"
    return f"TC3-HMAC-SHA256 Credential={scope}, SignedHeaders=content-type;host, Signature={signature}"


@given(VISIBLE, VISIBLE, MOMENTS, HOSTS, st.sampled_from(["/", "/sms"]), st.binary(max_size=200))
def test_the_signature_equals_the_vendors_byte_for_byte(
    secret_id: str, secret_key: str, at: int, host: str, path: str, body: bytes
) -> None:
    ours = authorization(Secret(secret_id), Secret(secret_key), at, host, path, body)
    assert ours == _theirs(secret_id, secret_key, at, host, path, body)


def test_the_day_is_the_timestamps_to_its_last_moment() -> None:
    last = micros(datetime(2026, 11, 23, 23, 59, 59, 999_999, tzinfo=UTC))
    assert timestamp(last) == str(int(datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC).timestamp()))
    assert "/2026-11-23/sms/" in authorization(Secret("id"), Secret("key"), last, "h", "/", b"{}")
    assert "/2026-11-24/sms/" in authorization(Secret("id"), Secret("key"), last + 1, "h", "/", b"{}")

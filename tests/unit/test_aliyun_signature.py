"""Held to the signature of the vendor's own SDK."""

from types import SimpleNamespace

from alibabacloud_openapi_util.client import Client
from hypothesis import given
from hypothesis import strategies as st

from agents.gateways.aliyun_signature import authorization, canonical_query, sha256_hex
from streams.settings import Secret

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
# The SDK does not escape names; the vendor's need it not.
NAMES = st.one_of(
    st.sampled_from(["PhoneNumbers", "SignName", "OutId"]), st.from_regex("[A-Za-z0-9._~-]{1,9}", fullmatch=True)
)
PARAMETERS = st.dictionaries(NAMES, TEXTS)
VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)
HEADERS = st.fixed_dictionaries(
    {
        "host": st.sampled_from(["dysmsapi.aliyuncs.com", "127.0.0.1:8080", "[::1]:8080"]),
        "x-acs-action": st.sampled_from(["SendSms", "QuerySendDetails"]),
        "x-acs-version": st.just("2017-05-25"),
        "x-acs-date": st.just("2026-11-23T03:45:12Z"),
        "x-acs-signature-nonce": VISIBLE,
    },
    optional={"content-type": st.just("application/x-www-form-urlencoded")},
)


@given(VISIBLE, TEXTS.filter(bool), PARAMETERS, HEADERS, st.binary(max_size=50))
def test_the_signature_equals_the_vendors_byte_for_byte(
    key_id: str, secret: str, parameters: dict[str, str], headers: dict[str, str], body: bytes
) -> None:
    headers["x-acs-content-sha256"] = sha256_hex(body)
    request = SimpleNamespace(method="POST", pathname="/", query=parameters, headers=headers)
    theirs = Client.get_authorization(request, "ACS3-HMAC-SHA256", sha256_hex(body), key_id, secret)
    assert authorization(Secret(key_id), Secret(secret), "/", canonical_query(parameters), headers, body) == theirs


@given(PARAMETERS)
def test_the_query_holds_none_but_unreserved_characters(parameters: dict[str, str]) -> None:
    allowed = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%&=")
    assert set(canonical_query(parameters)) <= allowed


def test_the_query_is_sorted_and_escaped_as_rfc_3986_says() -> None:
    query = canonical_query({"PhoneNumbers": "13900000001", "SignName": "寄卖行", "OutId": "a b+c~*/"})
    assert query == "OutId=a%20b%2Bc~%2A%2F&PhoneNumbers=13900000001&SignName=%E5%AF%84%E5%8D%96%E8%A1%8C"
